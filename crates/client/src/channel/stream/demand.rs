//! The event `payment-need-voucher`: whether a further voucher is signed, and its way to the server.

use coinslot_mpp_wire::stellar::{ChannelAction, NeedVoucher};
use coinslot_usdc_amount::BaseUnits;
use reqwest::Client;

use super::super::deliver::took;
use super::super::error::ChannelErrorKind;
use super::super::present::{Presented, RefusedVoucher, ToPresent};
use super::super::reserve::{Ceiling, UnitsDue};
use super::source::Tab;
use super::{StreamDoubt, StreamError, UnfairDemand};
use crate::courier::Courier;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::error::{LastAnswer, OutcomeUnknown, PaymentError};
use crate::event::PaymentEvent;
use crate::offer::{Offer, Plan};
use crate::server_text::ServerText;
use crate::standing::Standing;

impl Tab {
    /// Signs and sends the next voucher, if what the server asks for is fair.
    pub(super) async fn pay(
        &mut self,
        demand: &str,
        engine: &Engine,
        client: &Client,
    ) -> Result<(), StreamError> {
        let Some(due) = self.judge(demand)? else {
            self.repeated = self.repeated.saturating_add(1);
            return match self.repeated > MOST_REPEATED {
                true => Err(UnfairDemand::Endless.into()),
                false => Ok(()),
            };
        };
        let signed = self.hold.record.state.acknowledged();
        let mut courier = Courier::Client(client);
        let mut fresh = 0_u32;
        for _ in 0..MOST_STEPS {
            let (hold, top_up) = (&mut self.hold, &self.top_up);
            let put_down = engine.put_down_units(hold, &self.offer, top_up, &due);
            let Some(amount) = put_down.await? else {
                // Another process has used the channel.
                if self.hold.record.state.acknowledged() != signed {
                    break;
                }
                continue;
            };
            engine.emit(|| PaymentEvent::Signed {
                request: self.top_up.id.clone(),
                until: Deadline::ChannelClose,
            });
            let Plan::Voucher(plan) = &self.offer.plan else {
                break;
            };
            let voucher = ToPresent {
                challenge: &plan.challenge,
                action: ChannelAction::Voucher,
                amount,
                price: hold.adds(&self.offer, top_up),
            };
            let price = voucher.price;
            let presented = engine.present(hold, voucher, top_up, &mut courier).await?;
            match presented {
                Presented::Answer(response) => {
                    let took = took(response.headers(), &hold.channel, amount);
                    engine.acknowledge(hold, amount, top_up).await;
                    took.map_err(StreamDoubt::from)?;
                    self.has_given = false;
                    return Ok(());
                }
                Presented::Undecided(response) => {
                    engine.let_go(hold).await;
                    let unknown = OutcomeUnknown {
                        amount: price,
                        attempts: 1,
                        last: LastAnswer::Status(response.status()),
                        standing: Standing::Voucher { cumulative: amount },
                        source: None,
                    };
                    return Err(PaymentError::OutcomeUnknown(Box::new(unknown)).into());
                }
                Presented::Refused(refused) => {
                    let next = self.fresh_offer(&refused, engine);
                    match next.filter(|_| fresh < MOST_FRESH) {
                        Some(offer) => {
                            self.offer = offer;
                            fresh = fresh.saturating_add(1);
                        }
                        None => return Err(self.refused(*refused, amount, engine).await),
                    }
                }
            }
        }
        Err(PaymentError::from(ChannelErrorKind::Contended.of(self.hold.channel.id)).into())
    }

    /// What is to be reserved: nothing if the server has it already.
    fn judge(&self, demand: &str) -> Result<Option<UnitsDue>, UnfairDemand> {
        let need: NeedVoucher =
            serde_json::from_str(demand).map_err(|_| UnfairDemand::Unreadable)?;
        if need.channel_id.parse() != Ok(self.hold.channel.id) {
            let other = ServerText::new(&need.channel_id);
            return Err(UnfairDemand::OtherChannel(other));
        }
        let signed = self.hold.record.state.acknowledged();
        let (required, claimed) = (need.required_cumulative, need.accepted_cumulative);
        if claimed > signed {
            return Err(UnfairDemand::OtherVoucher { claimed, signed });
        }
        let Some(lacking) = required
            .checked_sub(signed)
            .filter(|lacking| !lacking.is_zero())
        else {
            return Ok(None);
        };
        if claimed != signed {
            return Err(UnfairDemand::OtherVoucher { claimed, signed });
        }
        let unit = self.offer.terms.amount;
        let reserve = self.reserve.get();
        let units = lacking.as_u128().div_ceil(unit.as_u128().max(1));
        let least = u32::try_from(units).ok().filter(|least| *least <= reserve);
        let Some(least) = least else {
            let most = unit.checked_mul(u64::from(reserve));
            let most = most.and_then(|most| signed.checked_add(most));
            let most = most.unwrap_or(signed);
            return Err(UnfairDemand::TooMuch { required, most });
        };
        if !self.has_given {
            return Err(UnfairDemand::NothingGiven);
        }
        Ok(Some(UnitsDue {
            most: reserve,
            least,
            ceiling: Some(Ceiling {
                before: self.before,
                deposited: need.deposit,
            }),
        }))
    }

    /// The same offer under a fresh challenge, if that may be all that is wanted.
    fn fresh_offer(&self, refused: &RefusedVoucher, engine: &Engine) -> Option<Box<Offer>> {
        // An answer to HEAD has no body that says why; the same voucher costs nothing again.
        let reason = refused.why.0.as_ref();
        if refused.taken || reason.is_some_and(|reason| !reason.is_about_the_challenge()) {
            return None;
        }
        // The challenge is for the request that began the stream.
        let offer = engine.voucher_offer(refused.fresh.as_ref()?, &self.payable)?;
        (offer.terms == self.offer.terms).then_some(offer)
    }

    async fn refused(
        &mut self,
        refused: RefusedVoucher,
        cumulative: BaseUnits,
        engine: &Engine,
    ) -> StreamError {
        let hold = &mut self.hold;
        let amount = hold.adds(&self.offer, &self.top_up);
        let reason = refused.why.0.as_ref();
        if reason.is_some_and(|it| it.is_about_the_deposit() || it.is_about_the_close()) {
            hold.channel.set_exhausted(true);
        }
        let standing = if refused.taken {
            engine.acknowledge(hold, cumulative, &self.top_up).await;
            Standing::VoucherTaken { cumulative }
        } else {
            engine.let_go(hold).await;
            Standing::Voucher { cumulative }
        };
        refused.because(amount, standing).into()
    }
}

/// A server that refuses one challenge after the other is not followed further.
const MOST_FRESH: u32 = 2;
const MOST_STEPS: usize = 16;
/// It may say more than once what it waits for.
const MOST_REPEATED: u32 = 16;
