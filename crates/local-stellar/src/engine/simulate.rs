//! Simulation: what a contract transaction would do, take and cost, as if it entered the next ledger.

use soroban_env_host::HostError;
use soroban_env_host::e2e_invoke::RecordingInvocationAuthMode;
use soroban_env_host::events::HostEvent;
use soroban_simulation::simulation::{
    LedgerEntryDiff, SimulationAdjustmentConfig, simulate_extend_ttl_op,
    simulate_invoke_host_function_op, simulate_restore_op,
};
use stellar_xdr::{
    DiagnosticEvent, InvokeHostFunctionOp, LedgerEntry, LedgerKey, OperationBody, ScVal,
    SorobanAuthorizationEntry, SorobanTransactionData,
};

use super::context::LedgerContext;
use super::frame::Frame;
use super::state::State;

/// How authorization is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthMode {
    /// The entries of the operation are checked.
    Enforce,
    /// The entries that would be needed are recorded; those not from the invocation's root are refused.
    Record,
    /// All entries that would be needed are recorded.
    RecordAllowNonRoot,
}

/// What a simulation found.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) transaction_data: SorobanTransactionData,
    pub(crate) auth: Vec<SorobanAuthorizationEntry>,
    /// `None` for operations that return nothing.
    pub(crate) return_value: Option<ScVal>,
    pub(crate) events: Vec<DiagnosticEvent>,
    pub(crate) changes: Vec<Change>,
}

/// An entry before and after; at most one of the two is absent.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) key: LedgerKey,
    pub(crate) before: Option<LedgerEntry>,
    pub(crate) after: Option<LedgerEntry>,
}

/// Why a simulation has no result: a sentence with the host's event log, and the events.
#[derive(Debug)]
pub(crate) struct SimulationFailure {
    pub(crate) message: String,
    pub(crate) events: Vec<DiagnosticEvent>,
}

impl SimulationFailure {
    fn sentence(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            events: Vec::new(),
        }
    }
}

/// Simulates the one contract operation of a transaction. Signatures, sequence and fee are not looked at.
pub(crate) fn simulate(
    frame: &Frame,
    mode: Option<AuthMode>,
    extra_instructions: u32,
    state: &State,
    context: &LedgerContext<'_>,
) -> Result<Simulation, SimulationFailure> {
    let [operation] = frame.tx.operations.as_slice() else {
        return Err(SimulationFailure::sentence(
            "Transaction contains more than one operation",
        ));
    };
    let adjustment = adjustment(extra_instructions);
    let footprint = frame
        .soroban_data()
        .map(|data| data.resources.footprint.clone());
    let data = match (&operation.body, footprint) {
        (OperationBody::InvokeHostFunction(op), _) => {
            return invoke(op, frame, mode, &adjustment, state, context);
        }
        (OperationBody::ExtendFootprintTtl(op), Some(footprint)) => simulate_extend_ttl_op(
            state.entries(),
            context.config,
            &adjustment,
            &context.ledger_info(),
            &footprint.read_only,
            op.extend_to,
        )
        .map(|result| result.transaction_data),
        (OperationBody::RestoreFootprint(_), Some(footprint)) => simulate_restore_op(
            state.entries(),
            context.config,
            &adjustment,
            &context.ledger_info(),
            &footprint.read_write,
        )
        .map(|result| result.transaction_data),
        (OperationBody::ExtendFootprintTtl(_) | OperationBody::RestoreFootprint(_), None) => {
            return Err(SimulationFailure::sentence(
                "To perform a SimulateTransaction for ExtendFootprintTtl or RestoreFootprint operations, SorobanTransactionData must be provided",
            ));
        }
        _ => {
            return Err(SimulationFailure::sentence(
                "Transaction contains unsupported operation type",
            ));
        }
    }
    .map_err(|error| SimulationFailure::sentence(format!("{error:#}")))?;
    Ok(Simulation {
        transaction_data: data,
        auth: Vec::new(),
        return_value: None,
        events: Vec::new(),
        changes: Vec::new(),
    })
}

fn adjustment(extra_instructions: u32) -> SimulationAdjustmentConfig {
    let mut adjustment = SimulationAdjustmentConfig::default_adjustment();
    adjustment.instructions.additive_factor = adjustment
        .instructions
        .additive_factor
        .max(extra_instructions);
    adjustment
}

fn invoke(
    op: &InvokeHostFunctionOp,
    frame: &Frame,
    mode: Option<AuthMode>,
    adjustment: &SimulationAdjustmentConfig,
    state: &State,
    context: &LedgerContext<'_>,
) -> Result<Simulation, SimulationFailure> {
    let mode = mode.unwrap_or(if op.auth.is_empty() {
        AuthMode::Record
    } else {
        AuthMode::Enforce
    });
    let auth_mode = match mode {
        AuthMode::Enforce => RecordingInvocationAuthMode::Enforcing(op.auth.to_vec()),
        // Classic `Address` credentials: official facilitators take no others.
        AuthMode::Record => RecordingInvocationAuthMode::recording(true, false),
        AuthMode::RecordAllowNonRoot => RecordingInvocationAuthMode::recording(false, false),
    };
    let [operation] = frame.tx.operations.as_slice() else {
        return Err(SimulationFailure::sentence("no operation"));
    };
    // The nonces that are proposed must differ between two equal simulations.
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|_| SimulationFailure::sentence("the computer gave no random number"))?;
    let result = simulate_invoke_host_function_op(
        state.snapshot(),
        context.config,
        adjustment,
        &context.ledger_info(),
        op.host_function.clone(),
        auth_mode,
        &frame.operation_source(operation),
        seed,
        true,
    )
    .map_err(|error| SimulationFailure::sentence(format!("{error:#}")))?;
    let events = result.diagnostic_events;
    match (result.invoke_result, result.transaction_data) {
        (Ok(value), Some(transaction_data)) => Ok(Simulation {
            transaction_data,
            auth: result.auth,
            return_value: Some(value),
            events,
            changes: result
                .modified_entries
                .into_iter()
                .filter_map(Change::new)
                .collect(),
        }),
        (Ok(_), None) => Err(SimulationFailure::sentence("the host gave no resources")),
        (Err(error), _) => Err(SimulationFailure {
            message: error_text(&error, &events),
            events,
        }),
    }
}

impl Change {
    fn new(diff: LedgerEntryDiff) -> Option<Self> {
        let key = diff
            .state_after
            .as_ref()
            .or(diff.state_before.as_ref())?
            .to_key();
        if diff.state_before == diff.state_after {
            return None;
        }
        Some(Self {
            key,
            before: diff.state_before,
            after: diff.state_after,
        })
    }
}

/// The error as the public RPC writes it: the code, then the host's events, newest first.
pub(crate) fn error_text(error: &HostError, events: &[DiagnosticEvent]) -> String {
    use std::fmt::Write as _;
    let mut text = format!("HostError: {:?}\n", error.error);
    if !events.is_empty() {
        text.push_str("\nEvent log (newest first):\n");
    }
    for (index, diagnostic) in events.iter().rev().enumerate() {
        let event = HostEvent {
            event: diagnostic.event.clone(),
            // The public RPC writes the events as they stood when the error arose, before their calls had failed.
            failed_call: false,
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "   {index}: {event}");
    }
    text
}
