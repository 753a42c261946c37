//! Recognises a transfer in an envelope, step by step: operation, contract, function, arguments.

use coinslot_stellar_address::{Address, ContractId};

use super::{
    ENVELOPE_TYPE_TX, ENVELOPE_TYPE_TX_FEE_BUMP, ENVELOPE_TYPE_TX_V0, Envelope, Memo, TimeBounds,
    outline::{self, Frame, Invocation},
    read_signatures,
};
use crate::{
    auth_entry::AuthEntry,
    codec::{self, MAX_ENVELOPE_BYTES, Reader},
    resources::SorobanResources,
    transfer::{Call, NotATransfer, NotATransferKind, Transfer},
};

/// A transaction with exactly one operation, which calls the Soroban host: the first step.
///
/// The further steps are [`contract`](Self::contract) and [`transfer`](Self::transfer), each with
/// its own kind of refusal; whoever needs no difference takes [`TransferEnvelope`].
#[derive(Clone, Debug)]
pub struct InvocationEnvelope {
    frame: Frame,
    invocation: Invocation,
}

/// A transaction whose one operation is a transfer.
///
/// Nothing is decided here about its memo, preconditions, sources or authorization: they are
/// reported.
#[derive(Clone, Debug)]
pub struct TransferEnvelope {
    /// The transaction's source, who pays its fee.
    pub source: Address,
    /// The operation's own source, if it has one.
    pub operation_source: Option<Address>,
    /// The fee in stroops, resource fee included.
    pub fee: u32,
    /// The sequence number.
    pub sequence: i64,
    /// When the transaction is valid, if that is limited.
    pub time_bounds: Option<TimeBounds>,
    /// Whether there are preconditions other than the time: ledger bounds, sequence, signers.
    pub has_other_preconditions: bool,
    /// The note.
    pub memo: Memo,
    /// The transfer.
    pub transfer: Transfer,
    /// The authorization entries, as received.
    pub auth: Vec<AuthEntry>,
    /// The declared resources, as received.
    pub resources: Option<SorobanResources>,
}

impl InvocationEnvelope {
    /// Decodes base64 of XDR and takes the first step, in one go.
    ///
    /// # Errors
    ///
    /// When the text is no envelope, or one without exactly one `invokeHostFunction`.
    pub fn from_base64(text: &str) -> Result<Self, NotATransfer> {
        Self::read(&codec::from_base64(text, MAX_ENVELOPE_BYTES)?)
    }

    /// Takes the first step.
    ///
    /// # Errors
    ///
    /// When the envelope has not exactly one `invokeHostFunction`.
    pub fn recognise(envelope: &Envelope) -> Result<Self, NotATransfer> {
        Self::read(&envelope.bytes)
    }

    /// The transaction's source.
    #[must_use]
    pub const fn source(&self) -> Address {
        self.frame.source
    }

    /// The operation's own source, if it has one.
    #[must_use]
    pub const fn operation_source(&self) -> Option<Address> {
        self.invocation.source
    }

    /// The fee in stroops that the transaction declares, resource fee included.
    #[must_use]
    pub const fn fee(&self) -> u32 {
        self.frame.fee
    }

    /// The authorization entries, as received.
    #[must_use]
    pub fn auth(&self) -> &[AuthEntry] {
        &self.invocation.auth
    }

    /// The second step: the contract that is called.
    ///
    /// # Errors
    ///
    /// When the host is asked for something other than a call of a contract.
    pub fn contract(&self) -> Result<ContractId, NotATransfer> {
        self.call()?.contract()
    }

    /// The third step: the transfer that the call is.
    ///
    /// # Errors
    ///
    /// When the function is another, or the arguments are not those of a transfer.
    pub fn transfer(&self) -> Result<Transfer, NotATransfer> {
        self.call()?.transfer()
    }

    fn call(&self) -> Result<&Call, NotATransfer> {
        self.invocation
            .call
            .as_ref()
            .ok_or(NotATransfer::new(NotATransferKind::NotAContractCall))
    }

    fn read(bytes: &[u8]) -> Result<Self, NotATransfer> {
        codec::within(bytes, MAX_ENVELOPE_BYTES)?;
        let mut reader = Reader::new(bytes);
        let start = reader;
        match reader.u32()? {
            ENVELOPE_TYPE_TX => {}
            ENVELOPE_TYPE_TX_FEE_BUMP => {
                return Err(NotATransfer::new(NotATransferKind::FeeBump));
            }
            ENVELOPE_TYPE_TX_V0 => return Err(NotATransfer::new(NotATransferKind::OldEnvelope)),
            _ => return Err(start.invalid().into()),
        }
        let (frame, invocation) = outline::read(&mut reader)?;
        read_signatures(&mut reader)?;
        reader.finish()?;
        let invocation = invocation.map_err(NotATransfer::new)?;
        Ok(Self { frame, invocation })
    }
}

impl TransferEnvelope {
    /// Decodes base64 of XDR and recognises a transfer, in one go.
    ///
    /// # Errors
    ///
    /// When the text is no envelope, or not one of a transfer.
    pub fn from_base64(text: &str) -> Result<Self, NotATransfer> {
        InvocationEnvelope::from_base64(text)?.try_into()
    }

    /// Recognises a transfer.
    ///
    /// # Errors
    ///
    /// When the envelope is not one of a transfer.
    pub fn recognise(envelope: &Envelope) -> Result<Self, NotATransfer> {
        InvocationEnvelope::recognise(envelope)?.try_into()
    }
}

impl TryFrom<InvocationEnvelope> for TransferEnvelope {
    type Error = NotATransfer;

    fn try_from(envelope: InvocationEnvelope) -> Result<Self, Self::Error> {
        let transfer = envelope.transfer()?;
        let InvocationEnvelope { frame, invocation } = envelope;
        Ok(Self {
            source: frame.source,
            operation_source: invocation.source,
            fee: frame.fee,
            sequence: frame.sequence,
            time_bounds: frame.preconditions.time_bounds,
            has_other_preconditions: frame.preconditions.others,
            memo: frame.memo,
            transfer,
            auth: invocation.auth,
            resources: frame.resources,
        })
    }
}
