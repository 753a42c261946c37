//! `coinslot channel request-close`: the buyer has its seller close the channel, for what was really spent.

use coinslot_client::{Budget, ChannelUse, PayingClient};
use serde::Serialize;

use super::buyer::BuyersChannel;
use super::report::{CLOSED, NOT_KNOWN, state_of};
use super::{reading, returned};
use crate::arguments::RequestClose;
use crate::exit::{Failure, sentence_of};
use crate::inspect::{Money, Sheet};
use crate::network;
use crate::output::Output;
use crate::wallet;

/// A channel that its seller says it has closed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Closed {
    channel: String,
    /// As the seller names it.
    transaction: Option<String>,
    /// What the seller has from the channel in all: as the ledger has it where that shows it closed, as was asked for
    /// where it does not.
    paid: Money,
    /// What the seller was asked to close with.
    asked: Money,
    /// Whether the seller took more than it was asked to.
    took_more: bool,
    /// What went back to the funder; `null` when the ledger does not tell.
    returned: Option<Money>,
    /// As the ledger has it afterwards; `null` when it could not be asked.
    state: Option<&'static str>,
}

pub(super) async fn run(arguments: RequestClose, output: Output) -> Result<(), Failure> {
    let url = &arguments.url;
    let host = url
        .host_str()
        .ok_or_else(|| Failure::configuration("the URL names no host"))?;
    let selected = network::select(&arguments.network)?;
    let own = BuyersChannel::find(&selected, &arguments.channel, &arguments.key, false).await?;
    let client = PayingClient::builder_with_shared(own.keyless_funder())
        .budget(unlimited(host)?)
        .store(wallet::open(arguments.wallet.as_deref()).await?)
        .network(selected.network.clone())
        .rpc(selected.ledger.clone())
        .channel(own.funds(NO_LIMIT, NO_LIMIT, host)?)
        .channel_use(ChannelUse::Only)
        .build()
        .map_err(|error| Failure::configuration(sentence_of(&error)))?;
    let step = output.step("asking the seller to close the channel");
    let closed = client.close_channel(own.id(), url.clone()).await?;
    let token = own.facts().instance.token.to_string();
    let now = reading::channel(&selected, &own.id()).await.ok();
    let returned = match now.as_ref().filter(|now| state_of(now) == CLOSED) {
        Some(now) => returned::to_funder(&selected, now).await,
        None => None,
    };
    let withdrawn = now
        .as_ref()
        .filter(|now| state_of(now) == CLOSED)
        .map_or(closed.paid.units, |now| now.instance.withdrawn);
    let told = Closed {
        channel: closed.channel.to_string(),
        transaction: closed.transaction.map(|hash| hash.to_string()),
        paid: Money::new(withdrawn, &token),
        asked: Money::new(closed.paid.units, &token),
        took_more: withdrawn > closed.paid.units,
        returned: returned.map(|units| Money::new(units, &token)),
        state: now.as_ref().map(state_of),
    };
    step.done("the seller says that the channel is closed");
    output.result(&told.sheet().to_string(), &told)
}

impl Closed {
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::default();
        sheet.line("channel", &self.channel);
        sheet.maybe("transaction", self.transaction.as_ref());
        sheet.line("paid", &self.paid);
        match (&self.returned, self.state) {
            (Some(returned), _) => sheet.line("returned", returned),
            (None, Some(CLOSED)) => sheet.line("returned", NOT_KNOWN),
            (None, _) => {}
        }
        sheet.maybe("state", self.state);
        if self.took_more {
            sheet.line(
                "PROBLEM",
                format!(
                    "the seller was asked to close with {}, and took more",
                    self.asked
                ),
            );
        }
        if self.state != Some(CLOSED) {
            sheet.line(
                "PROBLEM",
                "the ledger does not show it closed yet: look again with `coinslot channel state`",
            );
        }
        sheet
    }
}

/// A close buys nothing and signs what was spent before: what the seller asks for its goods must not stand in the way of it.
fn unlimited(host: &str) -> Result<Budget, Failure> {
    Budget::per_payment(NO_LIMIT)
        .and_then(|budget| budget.per_day(NO_LIMIT))
        .and_then(|budget| budget.per_host_per_day(NO_LIMIT))
        .map_err(|error| Failure::unexpected(&error))?
        .hosts([host])
        .map_err(|error| Failure::configuration(format!("the URL's host: {error}")))
}

/// More than anything costs.
const NO_LIMIT: &str = "$1000000000";

#[cfg(test)]
mod tests {
    use coinslot_usdc_amount::BaseUnits;

    use super::*;

    fn closed(took: u64) -> Closed {
        let money = |units| Money::new(BaseUnits::from_u64(units), "C");
        Closed {
            channel: "C".to_owned(),
            transaction: None,
            paid: money(took),
            asked: money(10_000),
            took_more: took > 10_000,
            returned: None,
            state: Some(CLOSED),
        }
    }

    #[test]
    fn a_seller_who_took_more_is_shown() {
        assert!(!closed(10_000).sheet().to_string().contains("PROBLEM"));
        let sheet = closed(10_001).sheet().to_string();
        assert!(sheet.contains("close with 10000"), "{sheet}");
        assert!(sheet.contains("and took more"), "{sheet}");
    }
}
