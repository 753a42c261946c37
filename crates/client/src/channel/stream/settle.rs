//! The event `payment-receipt`: what a stream came to, as far as it agrees with what was signed.

use coinslot_mpp_channel_stellar::client::BuyerState;
use coinslot_mpp_wire::{MethodName, Receipt};
use coinslot_usdc_amount::BaseUnits;

use super::super::deliver::said;
use super::super::hold::with_state;
use super::source::Tab;
use super::{StreamDoubt, StreamReceipt};
use crate::engine::Engine;
use crate::receipt::ReceiptDoubt;
use crate::server_text::ServerText;

/// What the receipt says, when it is believed.
struct Account {
    units: u64,
    spent: BaseUnits,
}

impl Tab {
    /// Takes over what was really spent: the rest of what was signed pays for what comes next.
    pub(super) async fn settle(
        &mut self,
        receipt: &str,
        engine: &Engine,
    ) -> Result<StreamReceipt, StreamDoubt> {
        let Account { units, spent } = self.account(receipt)?;
        for _ in 0..MOST_CONFLICTS {
            let record = &self.hold.record;
            let record = with_state(record, ended(&record.state, spent));
            match engine.write(&mut self.hold, record).await {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => {
                    // All of it was given: at worst what was not spent pays for nothing.
                    let channel = self.hold.channel.id;
                    tracing::warn!(%channel, %error, "what a stream has cost is not kept");
                    break;
                }
            }
        }
        let (state, unit) = (&self.hold.record.state, self.hold.channel.asset.unit);
        let paid = state.close_amount().checked_sub(self.before);
        Ok(StreamReceipt {
            channel: self.hold.channel.id,
            units,
            paid: unit.amount(paid.unwrap_or_default()),
            spent: unit.amount(state.close_amount()),
            signed: unit.amount(state.acknowledged()),
        })
    }

    fn account(&self, receipt: &str) -> Result<Account, StreamDoubt> {
        let receipt: Receipt =
            serde_json::from_str(receipt).map_err(|_| ReceiptDoubt::Unreadable)?;
        if receipt.method != MethodName::stellar().as_str() {
            return Err(ReceiptDoubt::Method(ServerText::new(&receipt.method)).into());
        }
        let amount = |name| said(&receipt, name)?.parse::<BaseUnits>().ok();
        let (Some(channel), Some(accepted), Some(spent), Some(units)) = (
            said(&receipt, "channelId"),
            amount("acceptedCumulative"),
            amount("spent"),
            receipt
                .extensions
                .get("units")
                .and_then(serde_json::Value::as_u64),
        ) else {
            return Err(ReceiptDoubt::Unreadable.into());
        };
        let signed = self.hold.record.state.acknowledged();
        if spent > signed {
            return Err(StreamDoubt::AboveSigned { spent, signed });
        }
        if channel.parse() != Ok(self.hold.channel.id) || accepted != signed {
            return Err(ReceiptDoubt::Voucher.into());
        }
        let cost = self.offer.terms.amount.checked_mul(units);
        let most = cost.and_then(|cost| self.before.checked_add(cost));
        match most {
            Some(most) if spent > most => Err(StreamDoubt::AboveUnits { spent, units, most }),
            _ => Ok(Account { units, spent }),
        }
    }
}

/// The state once so much is spent of the channel in all: never less than before the streams whose end is not known.
fn ended(state: &BuyerState, spent: BaseUnits) -> BuyerState {
    let before = state.stream_ended(BaseUnits::ZERO).close_amount();
    state.stream_ended(spent.checked_sub(before).unwrap_or_default())
}

/// Only other processes conflict; this many in a row mean that something is wrong.
const MOST_CONFLICTS: usize = 100;
