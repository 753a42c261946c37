//! `coinslot channel open`: the deposit, and the contract that holds it.
//!
//! Everything that can be known to be wrong is said before a key is made or a transaction sent. What was opened is read from the ledger
//! again and compared with what was asked for.

mod funds;
mod plan;
mod told;

use coinslot_channel_commitment::ONE_WAY_CHANNEL_CODE;
use coinslot_mpp_channel_stellar::ChannelFacts;
use coinslot_soroban_authorization::{ContractOperation, LedgerKey};

use super::calling::{Caller, Landed};
use super::reading::{self, unanswered};
use crate::arguments::Open;
use crate::exit::{Failure, Kind};
use crate::network::{self, Selected};
use crate::output::Output;

use plan::{Plan, Way};
use told::Opened;

pub(super) async fn run(arguments: Open, output: Output) -> Result<(), Failure> {
    let selected = network::select(&arguments.network)?;
    let plan = Plan::read(&arguments, &selected)?;
    let caller = Caller::new(
        &selected,
        plan.funder.clone(),
        &arguments.max_fee,
        &arguments.fee_payer,
    )?;
    let step = output.step("checking the network, the accounts and the address");
    network::must_serve(&selected).await?;
    if let Some(facts) = reading::find(&selected, &plan.channel).await? {
        let facts = plan.was_opened_before(facts)?;
        step.done("the channel with this salt is open already");
        return Opened::before(&plan, &facts)?.tell(output);
    }
    funds::must_do(&selected, &plan).await?;
    if let (Way::Factory(factory), false) = (&plan.way, arguments.trust_factory) {
        super::factory::must_be_known(&selected, factory).await?;
    }
    step.done(&format!(
        "{} deposits {} for {}",
        caller.account(),
        plan.deposit_in_words(),
        plan.recipient
    ));
    let code = match plan.way {
        Way::Direct => upload(&selected, &caller, output).await?,
        Way::Factory(_) => None,
    };
    let terms = plan.terms()?;
    if let Some(file) = plan.key.file() {
        output.note(&format!("✓ a new commitment key is in {}", file.display()));
    }
    let step = output.step("opening the channel");
    let landed = match caller.call(plan.operation(&terms)?).await {
        Ok(landed) => landed,
        Err(failure) => return Err(plan.not_opened(&failure)),
    };
    let facts = reading::channel(&selected, &plan.channel).await?;
    must_be_as_asked(&plan.is_as_asked(&facts, &terms), &landed, &facts)?;
    step.done(&format!(
        "channel {} is open, transaction {}",
        plan.channel, landed.transaction
    ));
    Opened::now(&plan, &terms, &landed, code.as_ref()).tell(output)
}

/// Puts the contract's code on the ledger, if the network does not have it.
async fn upload(
    selected: &Selected,
    caller: &Caller,
    output: Output,
) -> Result<Option<Landed>, Failure> {
    let key = LedgerKey::contract_code(&ONE_WAY_CHANNEL_CODE);
    let entries = selected.ledger.entries(&[key]).await;
    let entries = entries.map_err(|error| unanswered(&error))?;
    // Archived code is restored by the call that needs it.
    if matches!(entries.found.first(), Some(Some(_))) {
        return Ok(None);
    }
    let step = output.step("storing the contract's code, which this network does not have");
    let wasm = CHANNEL_WASM.to_vec();
    let landed = caller.call(ContractOperation::Upload { wasm }).await?;
    step.done(&format!(
        "the contract's code is stored, transaction {}",
        landed.transaction
    ));
    Ok(Some(landed))
}

/// What a factory opened may be something else, and its salt may have been taken by somebody else.
fn must_be_as_asked(
    differences: &[&'static str],
    landed: &Landed,
    facts: &ChannelFacts,
) -> Result<(), Failure> {
    if differences.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Refused,
        format!(
            "transaction {} opened channel {}, and its {} is not what was asked for: sign nothing for it, and take the deposit back with `coinslot channel close-start` and `refund`",
            landed.transaction,
            facts.instance.channel,
            differences.join(", its ")
        ),
    ))
}

/// The contract that comes with the workspace.
pub(crate) const CHANNEL_WASM: &[u8] =
    include_bytes!("../../../../../contracts/wasm/one_way_channel.wasm");
