//! Events of contracts, and the SEP-41 transfer event among them.

use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use stellar_xdr::{
    ContractEvent as XdrEvent, ContractEventBody, ContractEventType, DiagnosticEvent, ReadXdr,
    ScAddress, ScVal, WriteXdr,
};

use crate::{
    codec::{self, DecodeError, MAX_EVENT_BYTES, Reader},
    transfer::FUNCTION,
};

/// An event: what matters to payments, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractEvent {
    bytes: Vec<u8>,
    kind: ContractEventKind,
    contract: Option<ContractId>,
    name: Option<String>,
    topic_count: usize,
    transfer: Option<Movement>,
}

/// Who tells of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractEventKind {
    /// The contract: part of what the ledger keeps.
    Contract,
    /// The host.
    System,
    /// The host, for whoever looks for a mistake.
    Diagnostic,
}

/// A token tells that it was transferred (SEP-41, CAP-67).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransferEvent {
    /// The token's contract.
    pub contract: ContractId,
    /// Who paid.
    pub from: Address,
    /// Who was paid; muxed when the event says so.
    pub to: Address,
    /// How much, in base units of the token.
    pub amount: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Movement {
    from: Address,
    to: Address,
    amount: i128,
}

impl ContractEvent {
    /// Decodes base64 of a `ContractEvent`, at most [`MAX_EVENT_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the text is not strict base64 or the bytes are not exactly one event.
    pub fn from_base64(text: &str) -> Result<Self, DecodeError> {
        let bytes = codec::from_base64(text, MAX_EVENT_BYTES)?;
        decode(&bytes).map(|event: XdrEvent| Self::new(&event, bytes))
    }

    /// Decodes base64 of a `DiagnosticEvent`, as a simulation returns them, at most
    /// [`MAX_EVENT_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the text is not strict base64 or the bytes are not exactly one event.
    pub fn from_diagnostic_base64(text: &str) -> Result<Self, DecodeError> {
        let bytes = codec::from_base64(text, MAX_EVENT_BYTES)?;
        let diagnostic: DiagnosticEvent = decode(&bytes)?;
        let event = bytes.get(FLAG_BYTES..).unwrap_or_default().to_vec();
        Ok(Self::new(&diagnostic.event, event))
    }

    /// Decodes a `ContractEvent`, at most [`MAX_EVENT_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly one event.
    pub fn from_xdr(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::within(bytes, MAX_EVENT_BYTES)?;
        decode(bytes).map(|event: XdrEvent| Self::new(&event, bytes.to_vec()))
    }

    /// The XDR bytes of the `ContractEvent`.
    #[must_use]
    pub fn as_xdr(&self) -> &[u8] {
        &self.bytes
    }

    /// Who tells of it.
    #[must_use]
    pub const fn kind(&self) -> ContractEventKind {
        self.kind
    }

    /// Whether it is an event of a contract, and not one of the host.
    #[must_use]
    pub const fn is_contract_type(&self) -> bool {
        matches!(self.kind, ContractEventKind::Contract)
    }

    /// The contract that it is about.
    #[must_use]
    pub const fn contract(&self) -> Option<ContractId> {
        self.contract
    }

    /// The first topic, when that is a symbol: by custom, what happened.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How many topics there are.
    #[must_use]
    pub const fn topic_count(&self) -> usize {
        self.topic_count
    }

    /// The transfer that a contract tells of: topics `transfer`, `from`, `to` and perhaps the name
    /// of the asset; the amount as the data, or in a map together with the id of a muxed payee.
    #[must_use]
    pub fn as_transfer(&self) -> Option<TransferEvent> {
        if !self.is_contract_type() {
            return None;
        }
        let contract = self.contract?;
        let Movement { from, to, amount } = self.transfer?;
        Some(TransferEvent {
            contract,
            from,
            to,
            amount,
        })
    }

    fn new(event: &XdrEvent, bytes: Vec<u8>) -> Self {
        let ContractEventBody::V0(body) = &event.body;
        let name = match body.topics.first() {
            Some(ScVal::Symbol(symbol)) => Some(symbol.to_utf8_string_lossy()),
            _ => None,
        };
        Self {
            bytes,
            kind: match event.type_ {
                ContractEventType::Contract => ContractEventKind::Contract,
                ContractEventType::System => ContractEventKind::System,
                ContractEventType::Diagnostic => ContractEventKind::Diagnostic,
            },
            contract: event
                .contract_id
                .as_ref()
                .map(|id| ContractId::from_bytes(id.0.0)),
            name,
            topic_count: body.topics.len(),
            transfer: movement(&body.topics, &body.data),
        }
    }
}

fn decode<T: ReadXdr + WriteXdr>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = reader.value()?;
    reader.finish()?;
    Ok(value)
}

fn movement(topics: &[ScVal], data: &ScVal) -> Option<Movement> {
    let (name, from, to) = match topics {
        [name, from, to] | [name, from, to, ScVal::String(_)] => (name, from, to),
        _ => return None,
    };
    if !matches!(name, ScVal::Symbol(symbol) if symbol.as_slice() == FUNCTION) {
        return None;
    }
    let from = address(from)?;
    let to = address(to)?;
    let (amount, muxed_id) = amount(data)?;
    let to = match (to, muxed_id) {
        (Address::Account(account), Some(id)) => Address::Muxed(MuxedAccountId::new(account, id)),
        (to, _) => to,
    };
    Some(Movement { from, to, amount })
}

fn address(value: &ScVal) -> Option<Address> {
    match value {
        ScVal::Address(ScAddress::Account(account)) => {
            let stellar_xdr::PublicKey::PublicKeyTypeEd25519(key) = &account.0;
            Some(Address::Account(AccountId::from_bytes(key.0)))
        }
        ScVal::Address(ScAddress::Contract(id)) => {
            Some(Address::Contract(ContractId::from_bytes(id.0.0)))
        }
        _ => None,
    }
}

/// The amount, and the id of a muxed payee when that is a number.
fn amount(data: &ScVal) -> Option<(i128, Option<u64>)> {
    match data {
        ScVal::I128(parts) => Some((i128::from(parts), None)),
        ScVal::Map(Some(map)) => {
            let field = |name: &[u8]| {
                map.iter().find_map(|entry| match &entry.key {
                    ScVal::Symbol(key) if key.as_slice() == name => Some(&entry.val),
                    _ => None,
                })
            };
            let ScVal::I128(parts) = field(b"amount")? else {
                return None;
            };
            let muxed_id = match field(b"to_muxed_id") {
                Some(ScVal::U64(id)) => Some(*id),
                _ => None,
            };
            Some((i128::from(parts), muxed_id))
        }
        _ => None,
    }
}

/// What a `DiagnosticEvent` has before the event in it: whether the call succeeded.
const FLAG_BYTES: usize = 4;

#[cfg(test)]
mod tests;
