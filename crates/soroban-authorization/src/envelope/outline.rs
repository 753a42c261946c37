//! Walks over a transaction of the current version, and keeps what tells whether it is a transfer.

use stellar_xdr::{Operation, OperationBody, PreconditionsV2};

use super::memo::{Memo, TimeBounds};
use crate::{
    address::Address,
    auth_entry::AuthEntry,
    codec::{DecodeError, DecodeErrorKind, Reader},
    resources::SorobanResources,
    transfer::Call,
};

/// What was found in a `Transaction`.
pub(super) struct Outline {
    pub(super) source: Address,
    pub(super) fee: u32,
    pub(super) sequence: i64,
    pub(super) preconditions: Preconditions,
    pub(super) memo: Memo,
    pub(super) operations: Operations,
    pub(super) resources: Option<SorobanResources>,
}

#[derive(Default)]
pub(super) struct Preconditions {
    pub(super) time_bounds: Option<TimeBounds>,
    /// Whether there is any other.
    pub(super) others: bool,
}

pub(super) enum Operations {
    /// Not exactly one.
    Count(u32),
    /// One, of another type than `invokeHostFunction`.
    NotAnInvocation,
    /// One `invokeHostFunction`.
    Invocation(Invocation),
}

pub(super) struct Invocation {
    pub(super) source: Option<Address>,
    /// The call, when the host function is a contract call.
    pub(super) call: Option<Call>,
    pub(super) auth: Vec<AuthEntry>,
}

/// Reads a `Transaction`.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Outline, DecodeError> {
    Ok(Outline {
        source: Address::read_source(reader)?,
        fee: reader.u32()?,
        sequence: reader.i64()?,
        preconditions: read_preconditions(reader)?,
        memo: Memo::read(reader)?,
        operations: read_operations(reader)?,
        resources: if reader.flag()? {
            Some(SorobanResources::read(reader)?)
        } else {
            None
        },
    })
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

fn read_operations(reader: &mut Reader<'_>) -> Result<Operations, DecodeError> {
    let count = reader.length(MAX_OPERATIONS)?;
    if count != 1 {
        for _ in 0..count {
            reader.value::<Operation>()?;
        }
        return Ok(Operations::Count(count));
    }
    let source = if reader.flag()? {
        Some(Address::read_source(reader)?)
    } else {
        None
    };
    if !reader.eat(&INVOKE_HOST_FUNCTION.to_be_bytes()) {
        reader.value::<OperationBody>()?;
        return Ok(Operations::NotAnInvocation);
    }
    let call = if reader.eat(&HOST_FUNCTION_INVOKE_CONTRACT.to_be_bytes()) {
        Some(Call::read(reader)?)
    } else {
        reader.value::<stellar_xdr::HostFunction>()?;
        None
    };
    let mut auth = Vec::new();
    for _ in 0..reader.length(u32::MAX)? {
        if auth.len() >= MAX_AUTH_ENTRIES {
            return Err(reader.error(DecodeErrorKind::LengthExceedsMax));
        }
        auth.push(AuthEntry::read(reader)?);
    }
    Ok(Operations::Invocation(Invocation { source, call, auth }))
}

const PRECOND_NONE: u32 = 0;
const PRECOND_TIME: u32 = 1;
const PRECOND_V2: u32 = 2;
const MAX_OPERATIONS: u32 = 100;
const INVOKE_HOST_FUNCTION: u32 = 24;
const HOST_FUNCTION_INVOKE_CONTRACT: u32 = 0;
/// The shortest entry has 32 bytes, so that the length of the envelope bounds their number too.
const MAX_AUTH_ENTRIES: usize = 1_024;
