//! Walks over a transaction of the current version, and keeps what tells whether it is a transfer.

use coinslot_stellar_address::Address;
use stellar_xdr::{Operation, OperationBody, PreconditionsV2};

use super::memo::{Memo, TimeBounds};
use crate::{
    address::read_source,
    auth_entry::AuthEntry,
    codec::{DecodeError, Reader},
    resources::SorobanResources,
    transfer::{Call, NotATransferKind},
};

/// What surrounds the operations of a `Transaction`.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) source: Address,
    pub(super) fee: u32,
    pub(super) sequence: i64,
    pub(super) preconditions: Preconditions,
    pub(super) memo: Memo,
    pub(super) resources: Option<SorobanResources>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Preconditions {
    pub(super) time_bounds: Option<TimeBounds>,
    /// Whether there is any other.
    pub(super) others: bool,
}

/// An operation `invokeHostFunction`.
#[derive(Clone, Debug)]
pub(super) struct Invocation {
    pub(super) source: Option<Address>,
    /// The call, when the host function is a contract call.
    pub(super) call: Option<Call>,
    pub(super) auth: Vec<AuthEntry>,
}

/// The one operation, or why there is not one that can be a transfer.
pub(super) type OneInvocation = Result<Invocation, NotATransferKind>;

/// Reads a `Transaction`.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<(Frame, OneInvocation), DecodeError> {
    let source = read_source(reader)?;
    let fee = reader.u32()?;
    let sequence = reader.i64()?;
    let preconditions = read_preconditions(reader)?;
    let memo = Memo::read(reader)?;
    let invocation = read_operations(reader)?;
    let resources = if reader.flag()? {
        Some(SorobanResources::read(reader)?)
    } else {
        None
    };
    let frame = Frame {
        source,
        fee,
        sequence,
        preconditions,
        memo,
        resources,
    };
    Ok((frame, invocation))
}

fn read_preconditions(reader: &mut Reader<'_>) -> Result<Preconditions, DecodeError> {
    let start = *reader;
    match reader.u32()? {
        PRECOND_NONE => Ok(Preconditions::default()),
        PRECOND_TIME => {
            let time_bounds = Some(TimeBounds {
                min_time: reader.u64()?,
                max_time: reader.u64()?,
            });
            Ok(Preconditions {
                time_bounds,
                others: false,
            })
        }
        PRECOND_V2 => {
            let found = reader.value::<PreconditionsV2>()?;
            let others = found.ledger_bounds.is_some()
                || found.min_seq_num.is_some()
                || found.min_seq_age.0 != 0
                || found.min_seq_ledger_gap != 0
                || !found.extra_signers.is_empty();
            let time_bounds = found.time_bounds.map(|bounds| TimeBounds {
                min_time: bounds.min_time.0,
                max_time: bounds.max_time.0,
            });
            Ok(Preconditions {
                time_bounds,
                others,
            })
        }
        _ => Err(start.invalid()),
    }
}

fn read_operations(reader: &mut Reader<'_>) -> Result<OneInvocation, DecodeError> {
    let count = reader.length(MAX_OPERATIONS)?;
    if count != 1 {
        for _ in 0..count {
            reader.value::<Operation>()?;
        }
        return Ok(Err(NotATransferKind::OperationCount { found: count }));
    }
    let source = if reader.flag()? {
        Some(read_source(reader)?)
    } else {
        None
    };
    if !reader.eat(&INVOKE_HOST_FUNCTION.to_be_bytes()) {
        reader.value::<OperationBody>()?;
        return Ok(Err(NotATransferKind::NotAnInvocation));
    }
    let call = if reader.eat(&HOST_FUNCTION_INVOKE_CONTRACT.to_be_bytes()) {
        Some(Call::read(reader)?)
    } else {
        reader.value::<stellar_xdr::HostFunction>()?;
        None
    };
    let mut auth = Vec::new();
    for _ in 0..reader.length(u32::MAX)? {
        auth.push(AuthEntry::read(reader)?);
    }
    Ok(Ok(Invocation { source, call, auth }))
}

const PRECOND_NONE: u32 = 0;
const PRECOND_TIME: u32 = 1;
const PRECOND_V2: u32 = 2;
const MAX_OPERATIONS: u32 = 100;
const INVOKE_HOST_FUNCTION: u32 = 24;
const HOST_FUNCTION_INVOKE_CONTRACT: u32 = 0;
