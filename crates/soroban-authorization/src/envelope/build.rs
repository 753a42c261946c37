//! Builds transactions: of a transfer, or of any other operation on contracts.

use coinslot_stellar_address::AccountId;

use super::{ENVELOPE_TYPE_TX, Envelope, Memo, Version};
use crate::{
    address::write_account,
    auth_entry::AuthEntry,
    codec::Writer,
    operation::{
        ContractOperation, HOST_FUNCTION_INVOKE_CONTRACT, INVOKE_HOST_FUNCTION, write_auth,
    },
    resources::SorobanResources,
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
        let frame = Frame {
            source: self.source,
            sequence: self.sequence,
            fee: self.fee,
            max_time: self.max_time,
            memo,
            resources: self.resources.as_ref(),
        };
        frame.around(|writer| {
            writer
                .u32(INVOKE_HOST_FUNCTION)
                .u32(HOST_FUNCTION_INVOKE_CONTRACT);
            self.transfer.write_call(writer);
            write_auth(&self.auth, writer);
        })
    }
}

/// What the transaction of any operation on contracts is made of.
///
/// ```
/// use coinslot_soroban_authorization::{
///     ContractOperation, ContractTransaction, LedgerKey, SorobanResources,
/// };
/// use coinslot_stellar_address::{AccountId, ContractId};
///
/// let token: ContractId = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA".parse()?;
/// let transaction = ContractTransaction {
///     source: AccountId::ALL_ZEROS,
///     sequence: 1,
///     fee: 100,
///     max_time: None,
///     operation: ContractOperation::ExtendTtl { ledgers: 100_000 },
///     auth: Vec::new(),
///     resources: Some(SorobanResources::read_only(&[LedgerKey::contract_instance(&token)])),
/// };
/// assert_eq!(transaction.to_envelope().signature_count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ContractTransaction {
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
    /// The operation.
    pub operation: ContractOperation,
    /// The authorization entries of a call or a creation; other operations have none.
    pub auth: Vec<AuthEntry>,
    /// The declared resources: from a simulation, or no more than the footprint to be simulated.
    pub resources: Option<SorobanResources>,
}

impl ContractTransaction {
    /// The unsigned envelope.
    #[must_use]
    pub fn to_envelope(&self) -> Envelope {
        let frame = Frame {
            source: self.source,
            sequence: self.sequence,
            fee: self.fee,
            max_time: self.max_time,
            memo: &Memo::None,
            resources: self.resources.as_ref(),
        };
        frame.around(|writer| self.operation.write(&self.auth, writer))
    }
}

/// What surrounds the one operation.
struct Frame<'a> {
    source: AccountId,
    sequence: i64,
    fee: u32,
    max_time: Option<u64>,
    memo: &'a Memo,
    resources: Option<&'a SorobanResources>,
}

impl Frame<'_> {
    /// The unsigned envelope around an `OperationBody`.
    fn around(&self, write_body: impl FnOnce(&mut Writer)) -> Envelope {
        let mut writer = Writer::with_capacity(1_024);
        writer.u32(ENVELOPE_TYPE_TX);
        write_account(&self.source, &mut writer);
        writer.u32(self.fee).i64(self.sequence);
        match self.max_time {
            Some(max_time) => writer.u32(PRECOND_TIME).u64(0).u64(max_time),
            None => writer.u32(PRECOND_NONE),
        };
        self.memo.write(&mut writer);
        writer.u32(ONE_OPERATION).u32(NO_OPERATION_SOURCE);
        write_body(&mut writer);
        match self.resources {
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
const EXT_NONE: u32 = 0;
const EXT_SOROBAN: u32 = 1;
const NO_SIGNATURES: u32 = 0;
