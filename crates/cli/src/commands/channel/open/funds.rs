//! Whether the funder has what it deposits, and the recipient could be paid.

use coinslot_soroban_authorization::ClassicAsset;
use coinslot_stellar_address::AccountId;
use coinslot_stellar_ledger::TrustlineFacts;
use coinslot_usdc_amount::BaseUnits;

use super::super::money::{usdc, usdc_contract};
use super::super::reading::unanswered;
use super::plan::Plan;
use crate::exit::Failure;
use crate::inspect::Money;
use crate::network::Selected;

/// Refuses what is sure to fail, or would leave a recipient that cannot be paid. Of tokens other than USDC the contract says so itself.
pub(super) async fn must_do(selected: &Selected, plan: &Plan) -> Result<(), Failure> {
    if usdc_contract(&selected.network) != Some(plan.token) {
        return Ok(());
    }
    let issuer = usdc(&selected.network).and_then(|usdc| usdc.issuer);
    let Some(issuer) = issuer else {
        return Ok(());
    };
    let asset: ClassicAsset = format!("USDC:{issuer}")
        .parse()
        .map_err(|error| Failure::unexpected(&error))?;
    funder_must_have_it(selected, plan, &asset).await?;
    match plan.recipient.account_key() {
        Some(recipient) => recipient_must_be_payable(selected, &recipient, &asset).await,
        None => Ok(()),
    }
}

async fn funder_must_have_it(
    selected: &Selected,
    plan: &Plan,
    asset: &ClassicAsset,
) -> Result<(), Failure> {
    let funder = plan.funder.account_id();
    let Some(line) = usable(selected, &funder, asset, "the funder").await? else {
        return Err(Failure::configuration(format!(
            "the funder {funder} has no trustline to USDC, and so no USDC to deposit: add one, and send it {}",
            plan.deposit_in_words()
        )));
    };
    let has = BaseUnits::from_u64(u64::try_from(line.balance).unwrap_or(0));
    if has >= plan.deposit {
        return Ok(());
    }
    Err(Failure::configuration(format!(
        "the funder {funder} has {}, and is to deposit {}",
        Money::new(has, &plan.token.to_string()).short(),
        plan.deposit_in_words()
    )))
}

async fn recipient_must_be_payable(
    selected: &Selected,
    recipient: &AccountId,
    asset: &ClassicAsset,
) -> Result<(), Failure> {
    if usable(selected, recipient, asset, "the recipient")
        .await?
        .is_some()
    {
        return Ok(());
    }
    Err(Failure::configuration(format!(
        "the recipient {recipient} has no trustline to USDC, so the channel could never pay it: its owner adds one first"
    )))
}

/// The trustline of an account that there is, if it has one.
async fn usable(
    selected: &Selected,
    account: &AccountId,
    asset: &ClassicAsset,
    who: &str,
) -> Result<Option<TrustlineFacts>, Failure> {
    let line = selected.ledger.trustline(account, asset).await;
    match line.map_err(|error| unanswered(&error))? {
        Some(line) if line.authorized => Ok(Some(line)),
        Some(_) => Err(Failure::configuration(format!(
            "the issuer of USDC does not let {who} {account} hold it"
        ))),
        None => {
            let found = selected.ledger.account(account).await;
            match found.map_err(|error| unanswered(&error))? {
                Some(_) => Ok(None),
                None => Err(Failure::configuration(format!(
                    "{who} {account} does not exist on {}",
                    selected.network
                ))),
            }
        }
    }
}
