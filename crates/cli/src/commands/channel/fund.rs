//! What the funder of a channel does: `top-up`, `close-start`, `refund`.

use coinslot_channel_commitment::ChannelCall;
use coinslot_mpp_channel_stellar::ChannelFacts;
use coinslot_stellar_address::{Address, ContractId};

use super::calling::Caller;
use super::report::Changed;
use super::{contract, keys, money, reading};
use crate::arguments::{ChannelFees, Funded, FunderKey, NetworkOptions, TopUp};
use crate::exit::{Failure, Kind};
use crate::inspect::{Money, ledgers_in_words};
use crate::network::{self, Selected};
use crate::output::Output;

/// A channel, as it is before its funder calls it.
struct Own {
    selected: Selected,
    channel: ContractId,
    facts: ChannelFacts,
    caller: Caller,
}

pub(super) async fn top_up(arguments: TopUp, output: Output) -> Result<(), Failure> {
    let own = Own::find(
        &arguments.channel,
        &arguments.funder,
        &arguments.fees,
        &arguments.network,
    )
    .await?;
    let token = own.facts.instance.token;
    let amount = money::amount(
        &arguments.amount,
        "the amount",
        &token,
        &own.selected.network,
    )?;
    if let Some(effective) = own.facts.close_effective_at_ledger() {
        return Err(Failure::new(
            Kind::Refused,
            format!(
                "the channel is closed from ledger {effective} on, so nothing can be paid from a deposit into it"
            ),
        ));
    }
    let added = Money::new(amount, &token.to_string()).short();
    let step = output.step(&format!("depositing {added}"));
    let changed = own.call(&ChannelCall::TopUp(amount)).await?;
    step.done(&format!("{added} more is in the channel"));
    changed.tell(output)
}

pub(super) async fn close_start(arguments: Funded, output: Output) -> Result<(), Failure> {
    let own = Own::of(&arguments).await?;
    if let Some(left) = own.until_it_ends() {
        return Err(Failure::new(
            Kind::Refused,
            format!(
                "the channel is closing already, and ends in {}; to begin anew would only put it off, so nothing was sent",
                ledgers_in_words(left)
            ),
        ));
    }
    let step = output.step("beginning to close the channel");
    let changed = own.call(&ChannelCall::CloseStart).await?;
    step.done(&format!(
        "the channel is closing; its recipient has {} to take what it is owed",
        ledgers_in_words(own.facts.instance.refund_waiting_period)
    ));
    changed.tell(output)?;
    output.note(&format!("  then  coinslot channel refund {}", own.channel));
    Ok(())
}

pub(super) async fn refund(arguments: Funded, output: Output) -> Result<(), Failure> {
    let own = Own::of(&arguments).await?;
    let left = Money::new(own.facts.balance, &own.facts.instance.token.to_string()).short();
    let step = output.step(&format!("taking back {left}"));
    let changed = match own.call(&ChannelCall::Refund).await {
        Ok(changed) => changed,
        Err(failure) if failure.is(Kind::Refused) => return Err(own.with_what_is_left(&failure)),
        Err(failure) => return Err(failure),
    };
    step.done(&format!("{left} is back with the funder"));
    changed.tell(output)
}

impl Own {
    async fn of(arguments: &Funded) -> Result<Self, Failure> {
        Self::find(
            &arguments.channel,
            &arguments.funder,
            &arguments.fees,
            &arguments.network,
        )
        .await
    }

    async fn find(
        channel: &str,
        funder: &FunderKey,
        fees: &ChannelFees,
        options: &NetworkOptions,
    ) -> Result<Self, Failure> {
        let channel = contract(channel, "the channel")?;
        let selected = network::select(options)?;
        let key = keys::secret_key(funder.secret_key.as_ref(), keys::FUNDER)?;
        let caller = Caller::new(&selected, key, &fees.max_fee, &fees.payer)?;
        network::must_serve(&selected).await?;
        let facts = reading::channel(&selected, &channel).await?;
        if facts.instance.funder != Address::Account(caller.account()) {
            return Err(Failure::configuration(format!(
                "STELLAR_SECRET_KEY is the key of {}, and the channel's funder is {}",
                caller.account(),
                facts.instance.funder
            )));
        }
        Ok(Self {
            selected,
            channel,
            facts,
            caller,
        })
    }

    /// Calls the channel, and reads what became of it.
    async fn call(&self, call: &ChannelCall) -> Result<Changed, Failure> {
        let landed = self.caller.channel(self.channel, call).await?;
        let facts = reading::channel(&self.selected, &self.channel).await?;
        let transaction = landed.transaction.to_string();
        Ok(Changed::by(transaction, &self.selected, &facts).await)
    }

    /// How long a refund that came too early has to wait.
    fn with_what_is_left(&self, failure: &Failure) -> Failure {
        let left = self.until_it_ends().map(ledgers_in_words);
        let more = left.map_or_else(String::new, |left| format!("; it ends in {left}"));
        failure.with(&more)
    }

    /// For how many more ledgers the channel is closing; none when nobody closes it, or it is closed.
    fn until_it_ends(&self) -> Option<u32> {
        let left = self
            .facts
            .close_effective_at_ledger()?
            .saturating_sub(self.facts.ledger);
        (left > 0).then_some(left)
    }
}
