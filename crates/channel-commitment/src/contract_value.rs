//! The values that the contracts keep and tell of, read from `ScVal`.

use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{PublicKey, ScAddress, ScMap, ScVal};

use crate::{CommitmentPublicKey, DecodeError, DecodeErrorKind};

/// The fields of a struct or the keys of a contract's storage, by name. Names that nobody asks for
/// are ignored: a later version of the contract may add some.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    map: &'a ScMap,
    name_of: fn(&ScVal) -> Option<&[u8]>,
}

impl<'a> Fields<'a> {
    /// The fields of a struct, named by symbols.
    pub(crate) const fn of_struct(map: &'a ScMap) -> Self {
        Self {
            map,
            name_of: symbol,
        }
    }

    /// The entries of a storage whose keys are an enum without data: lists of one symbol.
    pub(crate) const fn of_storage(map: &'a ScMap) -> Self {
        Self {
            map,
            name_of: unit_variant,
        }
    }

    /// What is under a name that must be there.
    pub(crate) fn required<T>(
        &self,
        name: &'static str,
        read: fn(&ScVal) -> Option<T>,
    ) -> Result<T, DecodeError> {
        self.optional(name, read)?
            .ok_or(DecodeError::new(DecodeErrorKind::Missing(name)))
    }

    /// What is under a name, if anything is.
    pub(crate) fn optional<T>(
        &self,
        name: &'static str,
        read: fn(&ScVal) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        let mut found = self
            .map
            .iter()
            .filter(|entry| (self.name_of)(&entry.key) == Some(name.as_bytes()));
        let Some(entry) = found.next() else {
            return Ok(None);
        };
        if found.next().is_some() {
            return Err(DecodeError::new(DecodeErrorKind::Repeated(name)));
        }
        match read(&entry.val) {
            Some(value) => Ok(Some(value)),
            None => Err(DecodeError::new(DecodeErrorKind::WrongType(name))),
        }
    }
}

/// `Symbol(name)`
pub(crate) fn symbol(value: &ScVal) -> Option<&[u8]> {
    match value {
        ScVal::Symbol(symbol) => Some(symbol.as_slice()),
        _ => None,
    }
}

/// `Vec[Symbol(name)]`
fn unit_variant(value: &ScVal) -> Option<&[u8]> {
    match value {
        ScVal::Vec(Some(list)) => match list.as_slice() {
            [name] => symbol(name),
            _ => None,
        },
        _ => None,
    }
}

/// Whoever can be a contract's `Address`: an account or a contract.
pub(crate) fn address(value: &ScVal) -> Option<Address> {
    match value {
        ScVal::Address(ScAddress::Account(account)) => {
            let PublicKey::PublicKeyTypeEd25519(key) = &account.0;
            Some(AccountId::from_bytes(key.0).into())
        }
        ScVal::Address(address) => contract_address(address).map(Address::Contract),
        _ => None,
    }
}

pub(crate) fn contract(value: &ScVal) -> Option<ContractId> {
    match value {
        ScVal::Address(address) => contract_address(address),
        _ => None,
    }
}

pub(crate) fn contract_address(address: &ScAddress) -> Option<ContractId> {
    match address {
        ScAddress::Contract(id) => Some(ContractId::from_bytes(id.0.0)),
        _ => None,
    }
}

pub(crate) fn public_key(value: &ScVal) -> Option<CommitmentPublicKey> {
    match value {
        ScVal::Bytes(bytes) => {
            let bytes = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
            Some(CommitmentPublicKey::from_bytes(bytes))
        }
        _ => None,
    }
}

pub(crate) const fn u32(value: &ScVal) -> Option<u32> {
    match value {
        ScVal::U32(number) => Some(*number),
        _ => None,
    }
}

pub(crate) const fn boolean(value: &ScVal) -> Option<bool> {
    match value {
        ScVal::Bool(is) => Some(*is),
        _ => None,
    }
}

/// An `I128` that is not negative.
pub(crate) fn units(value: &ScVal) -> Option<BaseUnits> {
    match value {
        ScVal::I128(parts) => BaseUnits::try_from(i128::from(parts)).ok(),
        _ => None,
    }
}
