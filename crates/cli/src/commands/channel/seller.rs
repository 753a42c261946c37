//! The seller's side: its store, its demands, and how a channel stands there.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_channel_stellar::{ChannelFacts, ChannelPolicy, Phase};
use coinslot_payment_store::{PaymentStore, Store};
use coinslot_settlement::{BuildChannelsError, ChannelError, ChannelStatus, Channels};
use coinslot_soroban_authorization::{SignError, SignErrorKind, Signer};
use coinslot_stellar_address::{AccountId, ContractId};
use serde::Serialize;

use super::{explain, money};
use crate::arguments::Demands;
use crate::exit::{Failure, sentence_of};
use crate::inspect::{Money, Sheet};
use crate::network::Selected;

/// How a channel stands with its seller.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SellersView {
    /// The highest voucher.
    accepted: Money,
    /// What was paid for.
    spent: Money,
    /// What the voucher still brings.
    exposure: Money,
    /// How far it is on its way, as the store has it.
    phase: Option<Phase>,
    /// Why the seller does not take the channel; a store has no voucher of it then.
    refused: Option<String>,
}

impl SellersView {
    /// Reads it from a store. Nobody's key is needed, and nothing is written.
    pub(super) async fn read(
        selected: &Selected,
        facts: &ChannelFacts,
        store: &str,
    ) -> Result<Self, Failure> {
        let instance = &facts.instance;
        let recipient = instance.recipient.account_key();
        let reader = Reader(recipient.unwrap_or(AccountId::ALL_ZEROS));
        let channels = Channels::builder(
            Arc::clone(&selected.ledger),
            existing_store(store).await?,
            selected.network.clone(),
            reader,
        )
        .token(instance.token)
        .watch_every(NEVER)
        .build()
        .await
        .map_err(|error| not_built(&error, &AccountId::ALL_ZEROS))?;
        let token = instance.token.to_string();
        match channels.channel(&instance.channel).await {
            Ok(channel) => Ok(Self::of(&channel.status().await, &token)),
            Err(ChannelError::Refused(refusal)) => Ok(Self {
                accepted: Money::new(instance.withdrawn, &token),
                spent: Money::new(instance.withdrawn, &token),
                exposure: Money::new(Default::default(), &token),
                phase: None,
                refused: Some(refusal.why),
            }),
            Err(ChannelError::Unavailable(outage)) => {
                Err(explain::outage(&outage, &AccountId::ALL_ZEROS))
            }
        }
    }

    fn of(status: &ChannelStatus, token: &str) -> Self {
        Self {
            accepted: Money::new(status.accepted, token),
            spent: Money::new(status.spent, token),
            exposure: Money::new(status.exposure, token),
            phase: Some(status.phase),
            refused: None,
        }
    }

    pub(super) fn write(&self, sheet: &mut Sheet) {
        if let Some(why) = &self.refused {
            sheet.line("not taken", why);
            return;
        }
        sheet.line("accepted", &self.accepted);
        sheet.line("spent", &self.spent);
        sheet.line("exposure", &self.exposure);
        sheet.maybe(
            "vouchers",
            self.phase.map(|phase| match phase {
                Phase::Open => "taken",
                Phase::Closing { .. } => "not taken, the channel is closing",
                Phase::Closed { .. } => "not taken, the channel is closed",
            }),
        );
    }
}

/// Who signs nothing.
struct Reader(AccountId);

impl Signer for Reader {
    fn account_id(&self) -> AccountId {
        self.0
    }

    fn sign(&self, _: &[u8; 32]) -> Result<[u8; 64], SignError> {
        Err(SignError::new(SignErrorKind::Refused))
    }
}

/// What the options demand of channels, beside the defaults.
pub(crate) fn demanded(
    demands: &Demands,
    token: &ContractId,
    network: &StellarNetwork,
) -> Result<impl FnOnce(ChannelPolicy) -> ChannelPolicy + Send + 'static, Failure> {
    let settle_amount = money::amount(&demands.settle_amount, "--settle-amount", token, network)?;
    let shortest_waiting_period = demands.shortest_waiting_period.count();
    let settle_after_seconds = demands.settle_after.as_duration().as_secs();
    Ok(move |policy| ChannelPolicy {
        shortest_waiting_period,
        settle_amount,
        settle_after_seconds,
        ..policy
    })
}

/// Opens the store of a seller that there was: one that is made now holds no voucher.
pub(super) async fn existing_store(address: &str) -> Result<Arc<dyn PaymentStore>, Failure> {
    let path = address.strip_prefix("sqlite:");
    let path = path.map(|path| path.strip_prefix("//").unwrap_or(path));
    match path {
        Some(path) if !path.is_empty() && !Path::new(path).exists() => {
            return Err(Failure::configuration(format!(
                "COINSLOT_STORE (--store): there is no file {path}; name the store that the seller was run with"
            )));
        }
        None if address == "memory:" => {
            return Err(Failure::configuration(
                "COINSLOT_STORE (--store): a store in memory is gone with the seller; name a file, sqlite:<file>",
            ));
        }
        _ => {}
    }
    Store::open(address).await.map_err(|error| {
        Failure::configuration(format!("COINSLOT_STORE (--store): {}", sentence_of(&error)))
    })
}

/// Channels that cannot be kept; `payer` was to pay for their calls.
pub(super) fn not_built(error: &BuildChannelsError, payer: &AccountId) -> Failure {
    match error {
        BuildChannelsError::Unavailable(outage) => explain::outage(outage, payer),
        error => Failure::configuration(sentence_of(error)),
    }
}

/// Longer than a command takes.
pub(super) const NEVER: Duration = Duration::from_secs(24 * 3600);
