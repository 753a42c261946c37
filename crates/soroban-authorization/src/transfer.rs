//! The SEP-41 call `transfer(from: Address, to: Address, amount: i128)`.

use core::{error, fmt};

use coinslot_stellar_address::{Address, ContractId};

use crate::{
    address::{read_address, write_address},
    codec::{DecodeError, Reader, Writer},
    invocation::{AUTHORIZED_FUNCTION_CONTRACT_FN, SCV_ADDRESS, SCV_I128},
};

/// A transfer of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// The token's contract.
    pub token: ContractId,
    /// Who pays.
    pub from: Address,
    /// Who is paid.
    pub to: Address,
    /// How much, in base units of the token.
    pub amount: i128,
}

impl Transfer {
    /// Writes `InvokeContractArgs`.
    pub(crate) fn write_call(&self, writer: &mut Writer) {
        write_address(&self.token.into(), writer);
        writer.opaque(FUNCTION).u32(3).u32(SCV_ADDRESS);
        write_address(&self.from, writer);
        writer.u32(SCV_ADDRESS);
        write_address(&self.to, writer);
        writer.u32(SCV_I128).i128(self.amount);
    }

    /// Writes a `SorobanAuthorizedInvocation` of this call and nothing below it.
    pub(crate) fn write_invocation(&self, writer: &mut Writer) {
        writer.u32(AUTHORIZED_FUNCTION_CONTRACT_FN);
        self.write_call(writer);
        writer.u32(0);
    }
}

/// `InvokeContractArgs`, as far as they can be a transfer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    contract: Option<ContractId>,
    named_transfer: bool,
    count: u32,
    arguments: [Value; 3],
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Address(Address),
    I128(i128),
    Other,
}

impl Call {
    /// Reads `InvokeContractArgs`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let contract = match read_address(reader)? {
            Some(Address::Contract(contract)) => Some(contract),
            _ => None,
        };
        let named_transfer = reader.opaque(MAX_SYMBOL_BYTES)? == FUNCTION;
        let count = reader.length(u32::MAX)?;
        let mut arguments = [Value::Other; 3];
        let mut places = arguments.iter_mut();
        for _ in 0..count {
            let value = Value::read(reader)?;
            if let Some(place) = places.next() {
                *place = value;
            }
        }
        Ok(Self {
            contract,
            named_transfer,
            count,
            arguments,
        })
    }

    /// The contract that is called.
    pub(crate) fn contract(&self) -> Result<ContractId, NotATransfer> {
        self.contract
            .ok_or(NotATransfer::new(NotATransferKind::NotAContract))
    }

    /// The transfer that this call is: contract, then function, then arguments.
    pub(crate) fn transfer(&self) -> Result<Transfer, NotATransfer> {
        let token = self.contract()?;
        if !self.named_transfer {
            return Err(NotATransfer::new(NotATransferKind::WrongFunction));
        }
        if self.count != 3 {
            let found = self.count;
            return Err(NotATransfer::new(NotATransferKind::ArgumentCount { found }));
        }
        let [from, to, amount] = self.arguments;
        let Value::Address(from) = from else {
            return Err(NotATransfer::new(NotATransferKind::FromNotAnAddress));
        };
        let Value::Address(to) = to else {
            return Err(NotATransfer::new(NotATransferKind::ToNotAnAddress));
        };
        let Value::I128(amount) = amount else {
            return Err(NotATransfer::new(NotATransferKind::AmountNotAnI128));
        };
        Ok(Transfer {
            token,
            from,
            to,
            amount,
        })
    }
}

impl Value {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = *reader;
        match reader.u32()? {
            SCV_ADDRESS => Ok(read_address(reader)?.map_or(Self::Other, Self::Address)),
            SCV_I128 => Ok(Self::I128(reader.i128()?)),
            _ => {
                *reader = start;
                reader.value::<stellar_xdr::ScVal>()?;
                Ok(Self::Other)
            }
        }
    }
}

/// Why an envelope or a call is not a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATransfer {
    kind: NotATransferKind,
}

/// The ways in which an envelope or a call is not a transfer, in the order in which they are
/// looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotATransferKind {
    /// It cannot be decoded.
    Malformed(DecodeError),
    /// A fee bump around another transaction.
    FeeBump,
    /// An envelope of the first version, which cannot call contracts.
    OldEnvelope,
    /// Not exactly one operation.
    OperationCount {
        /// How many operations there are.
        found: u32,
    },
    /// The operation is not `invokeHostFunction`.
    NotAnInvocation,
    /// The host function is not a contract call.
    NotAContractCall,
    /// What is called is not a contract.
    NotAContract,
    /// The function is not `transfer`.
    WrongFunction,
    /// Not three arguments.
    ArgumentCount {
        /// How many arguments there are.
        found: u32,
    },
    /// The first argument is not an address.
    FromNotAnAddress,
    /// The second argument is not an address.
    ToNotAnAddress,
    /// The third argument is not an `i128`.
    AmountNotAnI128,
}

impl NotATransfer {
    pub(crate) const fn new(kind: NotATransferKind) -> Self {
        Self { kind }
    }

    /// What it is instead.
    #[must_use]
    pub const fn kind(&self) -> NotATransferKind {
        self.kind
    }
}

impl From<DecodeError> for NotATransfer {
    fn from(error: DecodeError) -> Self {
        Self::new(NotATransferKind::Malformed(error))
    }
}

impl fmt::Display for NotATransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            NotATransferKind::Malformed(_) => {
                f.write_str("the transaction envelope cannot be decoded")
            }
            NotATransferKind::FeeBump => {
                f.write_str("the envelope is a fee bump; the transaction within it belongs here")
            }
            NotATransferKind::OldEnvelope => {
                f.write_str("the envelope is of the first version, which cannot call contracts")
            }
            NotATransferKind::OperationCount { found } => {
                write!(
                    f,
                    "the transaction has {found} operations, exactly one belongs here"
                )
            }
            NotATransferKind::NotAnInvocation => {
                f.write_str("the operation is not invokeHostFunction")
            }
            NotATransferKind::NotAContractCall => {
                f.write_str("the host function is not a contract call")
            }
            NotATransferKind::NotAContract => f.write_str("what is called is not a contract (C…)"),
            NotATransferKind::WrongFunction => f.write_str("the function is not transfer"),
            NotATransferKind::ArgumentCount { found } => {
                write!(
                    f,
                    "transfer is called with {found} arguments, three belong here"
                )
            }
            NotATransferKind::FromNotAnAddress => {
                f.write_str("the first argument, who pays, is not an address")
            }
            NotATransferKind::ToNotAnAddress => {
                f.write_str("the second argument, who is paid, is not an address")
            }
            NotATransferKind::AmountNotAnI128 => {
                f.write_str("the third argument, the amount, is not an i128")
            }
        }
    }
}

impl error::Error for NotATransfer {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            NotATransferKind::Malformed(source) => Some(source),
            _ => None,
        }
    }
}

pub(crate) const FUNCTION: &[u8] = b"transfer";
const MAX_SYMBOL_BYTES: u32 = 32;
