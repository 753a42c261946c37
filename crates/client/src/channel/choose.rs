//! Which channel a request is paid from: the one that has signed for it already, otherwise a free one.

use std::sync::Arc;

use coinslot_stellar_address::ContractId;

use super::error::ChannelErrorKind;
use super::own::{OwnChannel, Ticket};
use super::usage::open_voucher;
use crate::amount::Amount;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::payable::Payable;

/// What came of choosing.
pub(super) enum Choice {
    Channel(Ticket),
    /// None is left, for this reason.
    None(Option<PaymentError>),
}

/// The channel that a request would be paid from.
pub(crate) enum Named {
    /// A voucher that adds this much was signed for it before.
    Signed(Amount),
    Free(Arc<OwnChannel>),
}

impl Engine {
    /// Says which channel would be chosen.
    pub(crate) async fn channel_for(
        &self,
        payable: &Payable,
    ) -> Result<Option<Named>, PaymentError> {
        let Choice::Channel(ticket) = self.choose_channel(payable, &[]).await? else {
            return Ok(None);
        };
        let channel = ticket.channel();
        if let Some(record) = self.channels.records.find(channel).await?
            && record.pending_for(&payable.id, &payable.host).is_some()
            && let Some(open) = open_voucher(channel, &record)
        {
            return Ok(Some(Named::Signed(open.amount)));
        }
        Ok(Some(Named::Free(Arc::clone(channel))))
    }

    /// Chooses among the channels for the request's host that were not tried yet.
    pub(super) async fn choose_channel(
        &self,
        payable: &Payable,
        tried: &[ContractId],
    ) -> Result<Choice, PaymentError> {
        let now = self.clock.now();
        let (mut best, mut why) = (None, None);
        for channel in &payable.channels {
            let record = self.channels.records.find(channel).await?;
            let pending = record
                .as_ref()
                .and_then(|record| record.pending_for(&payable.id, &payable.host));
            let is_tried = tried.contains(&channel.id);
            // Whatever else is wrong with it: what was signed for this request is sent again, and nothing else is signed.
            if pending.is_some() && !is_tried {
                return Ok(Choice::Channel(Ticket::draw(channel)));
            }
            if record.as_ref().is_some_and(|record| record.close.is_some()) {
                why = Some(ChannelErrorKind::Closed.of(channel.id).into());
                continue;
            }
            if is_tried {
                continue;
            }
            let is_busy = record
                .as_ref()
                .is_some_and(|record| self.channels.records.is_busy_elsewhere(record, now));
            let is_asked_for = self
                .channels
                .challenges
                .find(channel, payable, now)
                .is_none();
            let rank = (
                channel.is_exhausted(),
                is_busy,
                channel.load(),
                is_asked_for,
            );
            if best.as_ref().is_none_or(|(least, _)| rank < *least) {
                best = Some((rank, Arc::clone(channel)));
            }
        }
        Ok(match best {
            Some((_, channel)) => Choice::Channel(Ticket::draw(&channel)),
            None => Choice::None(why),
        })
    }
}
