//! What the recipient of a channel does: `settle` and `close`, with a voucher from the seller's store or with one that is given.

use std::sync::Arc;

use coinslot_channel_commitment::{ChannelCall, CommitmentVerifier, VerifiedVoucher, Voucher};
use coinslot_mpp_channel_stellar::ChannelFacts;
use coinslot_settlement::{ChannelError, Channels};
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::{Address, ContractId};

use super::calling::Caller;
use super::report::Changed;
use super::{contract, explain, keys, money, reading, seller};
use crate::arguments::Take;
use crate::exit::{Failure, Kind};
use crate::inspect::Money;
use crate::network::{self, Selected};
use crate::output::Output;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taking {
    Settle,
    Close,
}

/// A channel, as it is before its recipient calls it.
struct Due {
    selected: Selected,
    channel: ContractId,
    facts: ChannelFacts,
    recipient: SecretKey,
    caller: Caller,
}

pub(super) async fn run(arguments: Take, taking: Taking, output: Output) -> Result<(), Failure> {
    let due = Due::find(&arguments).await?;
    let step = output.step(match taking {
        Taking::Settle => "settling the channel",
        Taking::Close => "closing the channel",
    });
    let transaction = match (&arguments.amount, &arguments.signature) {
        (Some(amount), Some(signature)) => Some(due.given(amount, signature, taking).await?),
        _ => due.stored(&arguments.store.address, taking).await?,
    };
    let facts = reading::channel(&due.selected, &due.channel).await?;
    let token = facts.instance.token.to_string();
    let withdrawn = facts
        .instance
        .withdrawn
        .checked_sub(due.facts.instance.withdrawn);
    let withdrawn = Money::new(withdrawn.unwrap_or_default(), &token).short();
    step.done(&match (&transaction, taking) {
        (None, _) => "there is nothing to withdraw that is not withdrawn already".to_owned(),
        (Some(_), Taking::Settle) => format!("{withdrawn} withdrawn; the channel goes on"),
        (Some(_), Taking::Close) => {
            format!("{withdrawn} withdrawn, and the channel is closed")
        }
    });
    let changed = Changed::by(transaction, &due.selected, &facts).await;
    changed.tell(output)
}

impl Due {
    async fn find(arguments: &Take) -> Result<Self, Failure> {
        let channel = contract(&arguments.channel, "the channel")?;
        let selected = network::select(&arguments.network)?;
        let key = arguments.recipient.recipient_secret_key.as_ref();
        let recipient = keys::secret_key(key, keys::RECIPIENT)?;
        let fees = &arguments.fees;
        let caller = Caller::new(&selected, recipient.clone(), &fees.max_fee, &fees.payer)?;
        network::must_serve(&selected).await?;
        let facts = reading::channel(&selected, &channel).await?;
        if facts.instance.recipient != Address::Account(caller.account()) {
            return Err(Failure::configuration(format!(
                "STELLAR_RECIPIENT_SECRET_KEY is the key of {}, and the channel's recipient is {}",
                caller.account(),
                facts.instance.recipient
            )));
        }
        Ok(Self {
            selected,
            channel,
            facts,
            recipient,
            caller,
        })
    }

    /// With a voucher that is given.
    async fn given(
        &self,
        amount: &str,
        signature: &str,
        taking: Taking,
    ) -> Result<String, Failure> {
        let voucher = self.voucher(amount, signature)?;
        let brings = voucher
            .amount()
            .checked_sub(self.facts.instance.withdrawn)
            .unwrap_or_default();
        let refuse = |why: &str| Failure::new(Kind::Refused, format!("{why}; nothing was sent"));
        if taking == Taking::Settle && brings.is_zero() {
            return Err(refuse(
                "the voucher brings nothing that is not withdrawn already",
            ));
        }
        if brings > self.facts.balance {
            return Err(refuse("the voucher is for more than was deposited"));
        }
        let call = match taking {
            Taking::Settle => ChannelCall::Settle(voucher),
            Taking::Close => ChannelCall::Close(voucher),
        };
        let landed = self.caller.channel(self.channel, &call).await?;
        Ok(landed.transaction.to_string())
    }

    fn voucher(&self, amount: &str, signature: &str) -> Result<VerifiedVoucher, Failure> {
        let instance = &self.facts.instance;
        let amount = money::amount(amount, "--amount", &instance.token, &self.selected.network)?;
        let voucher = Voucher::from_hex(amount, signature.trim())
            .map_err(|error| Failure::new(Kind::Usage, format!("--signature: {error}")))?;
        let network = self.selected.network.network_id();
        let verifier = CommitmentVerifier::new(&network, &self.channel, &instance.commitment_key)
            .map_err(|error| Failure::new(Kind::Refused, error.to_string()))?;
        verifier
            .verify(voucher)
            .map_err(|error| Failure::new(Kind::Refused, format!("{error}; nothing was sent")))
    }

    /// With the highest voucher of the store; none when there is nothing to be had.
    async fn stored(&self, store: &str, taking: Taking) -> Result<Option<String>, Failure> {
        let down = |outage| explain::outage(&outage, &self.caller.payer());
        let store = seller::existing_store(store).await?;
        let channels = Channels::builder(
            Arc::clone(&self.selected.ledger),
            store,
            self.selected.network.clone(),
            self.recipient.clone(),
        )
        .token(self.facts.instance.token)
        .calls(self.caller.calls())
        // Nothing is done here but what was asked for.
        .watch_every(seller::NEVER)
        .build()
        .await
        .map_err(|error| seller::not_built(&error, &self.caller.payer()))?;
        let channel = match channels.channel(&self.channel).await {
            Ok(channel) => channel,
            Err(ChannelError::Refused(refusal)) => {
                return Err(Failure::new(
                    Kind::Refused,
                    format!("the store has no voucher of the channel: {}", refusal.why),
                ));
            }
            Err(ChannelError::Unavailable(outage)) => return Err(down(outage)),
        };
        match taking {
            Taking::Settle => channel.settle().await.map_err(down),
            Taking::Close => channel.close().await.map_err(down),
        }
    }
}
