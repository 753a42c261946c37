//! How much a voucher reserves of a stream: so many units at once, or as many as the caps allow.

use std::num::NonZeroU32;

use coinslot_mpp_channel_stellar::client::BuyerRefusal;
use coinslot_usdc_amount::BaseUnits;

use super::error::ChannelErrorKind;
use super::hold::Hold;
use super::own::OwnChannel;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::offer::Offer;
use crate::payable::Payable;
use crate::spending::Spent;

/// What a voucher is to add.
pub(super) struct Due {
    pub(super) price: BaseUnits,
    pub(super) is_metered: bool,
    pub(super) ceiling: Option<Ceiling>,
}

/// What a voucher for a stream is to add, in units.
pub(super) struct UnitsDue {
    pub(super) most: u32,
    pub(super) least: u32,
    pub(super) ceiling: Option<Ceiling>,
}

/// How far a stream may go that has begun.
#[derive(Clone, Copy)]
pub(super) struct Ceiling {
    /// What was spent of the channel before the stream.
    pub(super) before: BaseUnits,
    /// What the seller says is deposited. It can only lower what is signed.
    pub(super) deposited: BaseUnits,
}

impl Due {
    /// The price of a request.
    pub(super) const fn once(price: BaseUnits) -> Self {
        Self {
            price,
            is_metered: false,
            ceiling: None,
        }
    }
}

impl UnitsDue {
    /// What a stream begins with.
    pub(super) const fn first(most: NonZeroU32) -> Self {
        Self {
            most: most.get(),
            least: 1,
            ceiling: None,
        }
    }
}

impl Ceiling {
    /// The caps per request and per payment hold for the whole of a stream.
    pub(super) fn allow(
        &self,
        amount: BaseUnits,
        offer: &Offer,
        channel: &OwnChannel,
    ) -> Result<(), PaymentError> {
        let cost = amount.checked_sub(self.before).unwrap_or_default();
        let cap = channel.caps.per_request;
        let refusal = if cost > cap {
            BuyerRefusal::AboveRequestCap { price: cost, cap }
        } else if amount > self.deposited {
            let deposited = self.deposited;
            BuyerRefusal::DepositUsedUp { amount, deposited }
        } else {
            let allowed = offer
                .asset
                .caps
                .allow(offer.asset.unit.amount(cost), Spent::NOTHING);
            return allowed.map_err(PaymentError::OverCap);
        };
        Err(ChannelErrorKind::from(refusal).of(channel.id).into())
    }
}

impl Engine {
    /// Puts down so many units, or half as many while a cap is in the way.
    pub(super) async fn put_down_units(
        &self,
        hold: &mut Hold,
        offer: &Offer,
        payable: &Payable,
        due: &UnitsDue,
    ) -> Result<Option<BaseUnits>, PaymentError> {
        let mut units = due.most.max(due.least);
        loop {
            let fewer = (units > due.least).then_some((units / 2).max(due.least));
            let price = offer.terms.amount.checked_mul(u64::from(units));
            let outcome = match price {
                Some(price) => {
                    let due = Due {
                        price,
                        is_metered: true,
                        ceiling: due.ceiling,
                    };
                    self.put_down_due(hold, offer, payable, &due).await
                }
                None => {
                    let cap = hold.channel.caps.per_channel;
                    let refusal = BuyerRefusal::AboveChannelCap { cap };
                    Err(ChannelErrorKind::from(refusal).of(hold.channel.id).into())
                }
            };
            match (outcome, fewer) {
                (Err(error), Some(fewer)) if allows_fewer(&error) => units = fewer,
                (outcome, _) => return outcome,
            }
        }
    }
}

/// Whether less may be allowed, or is what was signed before.
fn allows_fewer(error: &PaymentError) -> bool {
    match error {
        PaymentError::OverCap(_) => true,
        PaymentError::Channel(error) => matches!(
            error.kind,
            ChannelErrorKind::Refused(
                BuyerRefusal::AboveRequestCap { .. }
                    | BuyerRefusal::AboveChannelCap { .. }
                    | BuyerRefusal::DepositUsedUp { .. }
                    | BuyerRefusal::PriceRisen
            )
        ),
        _ => false,
    }
}
