//! A request with a caller's key that was paid from a channel before: its voucher is sent again, and nothing is signed
//! above it.

use std::sync::Arc;

use coinslot_mpp_wire::stellar::ChannelAction;
use reqwest::Response;

use super::ask::Offered;
use super::error::ChannelErrorKind;
use super::own::Ticket;
use super::present::{Presented, ToPresent};
use crate::courier::Courier;
use crate::engine::Engine;
use crate::error::{PaymentError, Refused};
use crate::offer::Plan;
use crate::payable::Payable;
use crate::standing::Standing;

impl Engine {
    /// The answer to such a request, if it is one.
    pub(super) async fn bought_before(
        &self,
        payable: &mut Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Option<Response>, PaymentError> {
        let Some(bought) = self.channels.records.purchased(&payable.id).await? else {
            return Ok(None);
        };
        let mut ours = payable.channels.iter();
        let channel = ours.find(|channel| bought.channel.parse() == Ok(channel.id));
        let answered = |amount| {
            PaymentError::Refused(Box::new(Refused {
                amount,
                reason: None,
                message: None,
                standing: Standing::Answered,
            }))
        };
        let Some(channel) = channel.map(Arc::clone) else {
            let token = self.policy.usdc();
            return Err(answered(self.policy.unit(token).amount(bought.cumulative)));
        };
        payable.channel = Some(Arc::clone(&channel));
        let mut hold = self.hold(&Ticket::draw(&channel), payable).await?;
        if bought.cumulative > hold.record.state.signed() {
            return Err(ChannelErrorKind::Contended.of(channel.id).into());
        }
        let offer = match self.offered(payable, None, courier).await? {
            Offered::Free(response) => return Ok(Some(response)),
            Offered::Voucher(offer, _) => offer,
            Offered::Otherwise(_) => {
                return Err(answered(channel.asset.unit.amount(bought.cumulative)));
            }
        };
        let Plan::Voucher(plan) = &offer.plan else {
            return Err(answered(offer.amount));
        };
        let voucher = ToPresent {
            challenge: &plan.challenge,
            action: ChannelAction::Voucher,
            amount: bought.cumulative,
            price: offer.amount,
        };
        match self.present(&mut hold, voucher, payable, courier).await? {
            Presented::Answer(response) => {
                let cumulative = bought.cumulative;
                let delivered = self.deliver_from(&mut hold, &offer, cumulative, payable, response);
                Ok(Some(delivered.await))
            }
            Presented::Undecided(response) => Ok(Some(response)),
            Presented::Refused(refused) => Err(refused.because(voucher.price, Standing::Answered)),
        }
    }
}
