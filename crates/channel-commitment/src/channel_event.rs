//! What the contract tells of a channel.
//!
//! Each event has one topic, a symbol with its name, and a map of its fields as data. A close that
//! the funder starts and one that the recipient makes are the same event, `close`; they differ in the
//! ledger that it names.

use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;
use stellar_xdr::{ContractEvent, ContractEventBody, ContractEventType, ScVal};

use crate::{
    DecodeError, DecodeErrorKind, MAX_EVENT_BYTES, OpenChannel, codec,
    contract_value::{self, Fields},
};

/// An event of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelEvent {
    /// `open`: the channel was opened, with this deposit.
    Open(OpenChannel),
    /// `close`: the channel is closed from this ledger on. When that is still to come, the funder has
    /// started to close, and the recipient has until then to take what it was paid.
    Close {
        /// From this ledger on the funder can take back what is left.
        effective_at_ledger: u32,
    },
    /// `withdraw`: the recipient took money.
    Withdraw {
        /// The recipient.
        to: Address,
        /// How much this time, in base units: not the cumulative amount.
        amount: BaseUnits,
    },
    /// `refund`: the funder took back everything that was left.
    Refund {
        /// The funder.
        from: Address,
        /// How much, in base units.
        amount: BaseUnits,
    },
}

impl ChannelEvent {
    /// Reads XDR of a `ContractEvent` of at most [`MAX_EVENT_BYTES`]: the contract that tells of it,
    /// and the event; `None` when it is not one of a channel's events.
    ///
    /// Any contract can tell of such an event: compare the id with the channel's.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the bytes are not exactly one event, and when an event with one of the
    /// channel's names has another shape than the channel's.
    pub fn from_xdr(bytes: &[u8]) -> Result<Option<(ContractId, Self)>, DecodeError> {
        let event: ContractEvent = codec::decode(bytes, MAX_EVENT_BYTES)?;
        let ContractEventBody::V0(body) = &event.body;
        let (Some(contract), ContractEventType::Contract) = (&event.contract_id, event.type_)
        else {
            return Ok(None);
        };
        let contract = ContractId::from_bytes(contract.0.0);
        Ok(Self::read(&body.topics, &body.data)?.map(|event| (contract, event)))
    }

    /// Reads topics and data as an RPC gives them, each XDR of an `ScVal` of at most
    /// [`MAX_EVENT_BYTES`]; `None` when it is not one of a channel's events.
    ///
    /// # Errors
    ///
    /// As [`from_xdr`](Self::from_xdr).
    pub fn decode<T: AsRef<[u8]>>(topics: &[T], data: &[u8]) -> Result<Option<Self>, DecodeError> {
        let topics = topics
            .iter()
            .map(|topic| codec::decode(topic.as_ref(), MAX_EVENT_BYTES))
            .collect::<Result<Vec<ScVal>, _>>()?;
        Self::read(&topics, &codec::decode(data, MAX_EVENT_BYTES)?)
    }

    fn read(topics: &[ScVal], data: &ScVal) -> Result<Option<Self>, DecodeError> {
        let Some((Some(name), others)) = topics
            .split_first()
            .map(|(name, others)| (contract_value::symbol(name), others))
        else {
            return Ok(None);
        };
        let read = match name {
            b"open" => Self::open,
            b"close" => Self::close,
            b"withdraw" => Self::withdraw,
            b"refund" => Self::refund,
            _ => return Ok(None),
        };
        if !others.is_empty() {
            return Err(DecodeError::new(DecodeErrorKind::MoreTopics));
        }
        let ScVal::Map(Some(fields)) = data else {
            return Err(DecodeError::new(DecodeErrorKind::WrongType("data")));
        };
        read(&Fields::of_struct(fields)).map(Some)
    }

    fn open(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self::Open(OpenChannel {
            token: fields.required("token", contract_value::contract)?,
            funder: fields.required("from", contract_value::address)?,
            commitment_key: fields.required("commitment_key", contract_value::public_key)?,
            recipient: fields.required("to", contract_value::address)?,
            deposit: fields.required("amount", contract_value::units)?,
            refund_waiting_period: fields.required("refund_waiting_period", contract_value::u32)?,
        }))
    }

    fn close(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self::Close {
            effective_at_ledger: fields.required("effective_at_ledger", contract_value::u32)?,
        })
    }

    fn withdraw(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self::Withdraw {
            to: fields.required("to", contract_value::address)?,
            amount: fields.required("amount", contract_value::units)?,
        })
    }

    fn refund(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self::Refund {
            from: fields.required("from", contract_value::address)?,
            amount: fields.required("amount", contract_value::units)?,
        })
    }
}
