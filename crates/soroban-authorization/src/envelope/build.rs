//! Builds the transaction of a transfer.

use coinslot_stellar_address::AccountId;

use super::{ENVELOPE_TYPE_TX, Envelope, Memo, Version};
use crate::{
    address::write_account, auth_entry::AuthEntry, codec::Writer, resources::SorobanResources,
    transfer::Transfer,
};

/// What the transaction of a transfer is made of.
///
/// ```
/// use coinslot_soroban_authorization::{Transfer, TransferEnvelope, TransferTransaction};
/// use coinslot_stellar_address::AccountId;
///
/// let transfer = Transfer {
///     token: "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA".parse()?,
///     from: "GBHU3N4ON2XO5ROEHBOECRTKOOE2MWOMAISZ65YYX32QBNFJ6DKD3HOR".parse()?,
///     to: "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN".parse()?,
///     amount: 100_000,
/// };
/// let transaction = TransferTransaction {
///     source: AccountId::ALL_ZEROS,
///     sequence: 1,
///     fee: 100,
///     max_time: None,
///     transfer,
///     auth: Vec::new(),
///     resources: None,
/// };
/// let recognised = TransferEnvelope::recognise(&transaction.to_envelope())?;
/// assert_eq!(recognised.transfer, transfer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TransferTransaction {
    /// Who pays the fee and whose sequence number is used; [`AccountId::ALL_ZEROS`] for a
    /// transaction that is only simulated.
    pub source: AccountId,
    /// The transaction's own sequence number: one above the account's.
    pub sequence: i64,
    /// The fee in stroops, resource fee included.
    pub fee: u32,
    /// Not valid after this time, in seconds since 1970; zero means no end, `None` means no time
    /// bounds at all.
    pub max_time: Option<u64>,
    /// The transfer.
    pub transfer: Transfer,
    /// The authorization entries.
    pub auth: Vec<AuthEntry>,
    /// The declared resources, from a simulation.
    pub resources: Option<SorobanResources>,
}

impl TransferTransaction {
    /// The unsigned envelope.
    #[must_use]
    pub fn to_envelope(&self) -> Envelope {
        self.to_envelope_with_memo(&Memo::None)
    }

    /// The unsigned envelope with a note.
    #[must_use]
    pub fn to_envelope_with_memo(&self, memo: &Memo) -> Envelope {
        let mut writer = Writer::with_capacity(1_024);
        writer.u32(ENVELOPE_TYPE_TX);
        write_account(&self.source, &mut writer);
        writer.u32(self.fee).i64(self.sequence);
        match self.max_time {
            Some(max_time) => writer.u32(PRECOND_TIME).u64(0).u64(max_time),
            None => writer.u32(PRECOND_NONE),
        };
        memo.write(&mut writer);
        writer.u32(ONE_OPERATION).u32(NO_OPERATION_SOURCE);
        writer
            .u32(INVOKE_HOST_FUNCTION)
            .u32(HOST_FUNCTION_INVOKE_CONTRACT);
        self.transfer.write_call(&mut writer);
        writer.length(self.auth.len());
        for entry in &self.auth {
            writer.raw(entry.as_xdr());
        }
        match &self.resources {
            Some(resources) => writer.u32(EXT_SOROBAN).raw(resources.as_xdr()),
            None => writer.u32(EXT_NONE),
        };
        let signatures_at = writer.len();
        writer.u32(NO_SIGNATURES);
        Envelope {
            bytes: writer.finish(),
            version: Version::Current,
            signatures_at,
            signature_count: NO_SIGNATURES,
        }
    }
}

const PRECOND_NONE: u32 = 0;
const PRECOND_TIME: u32 = 1;
const ONE_OPERATION: u32 = 1;
const NO_OPERATION_SOURCE: u32 = 0;
const INVOKE_HOST_FUNCTION: u32 = 24;
const HOST_FUNCTION_INVOKE_CONTRACT: u32 = 0;
const EXT_NONE: u32 = 0;
const EXT_SOROBAN: u32 = 1;
const NO_SIGNATURES: u32 = 0;
