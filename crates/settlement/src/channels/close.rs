//! Closing a channel at its buyer's wish.

use coinslot_channel_commitment::Voucher;
use coinslot_mpp_channel_stellar::{CloseJudgement, Price};
use coinslot_mpp_wire::ProblemKind;
use tokio::time::Instant;

use super::channel::{Verdict, again, busy};
use super::{Channel, ChannelError, ChannelEvent, Spent, Taken};

/// What became of a voucher that closes its channel.
#[derive(Debug)]
pub enum Closed {
    /// It pays for its request too. The channel is closed while that is served.
    WithRequest(Box<Taken>),
    /// Nothing is served.
    Alone {
        /// How far the channel was used.
        spent: Spent,
        /// The transaction that closed it, where that is known.
        transaction: Option<String>,
    },
}

impl Channel {
    /// Closes the channel at its buyer's wish: with a voucher between what was spent and the highest
    /// one, or with one above that pays for this request too.
    ///
    /// The close is durable before it is sent, and goes on if its answer is lost. The same voucher
    /// asks for the same close again; where it paid for the request too, that is served at once, and
    /// answered again, whatever becomes of the close meanwhile.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub async fn close_with(
        &self,
        voucher: Voucher,
        price: Price,
        request: [u8; 32],
    ) -> Result<Closed, ChannelError> {
        let came_at = Instant::now();
        let voucher = self.verify(voucher)?;
        let request = loop {
            let judged = self.judged(came_at, |live, facts| {
                let presented = self.presented(&voucher, price, request);
                live.state
                    .judge_close(&presented, facts, &self.keeper.policy)
            });
            let (mut live, judged) = match judged.await? {
                Verdict::Passed(live, judged) => (live, judged),
                Verdict::Busy { retry_after } => {
                    return Ok(Closed::WithRequest(busy(retry_after).into()));
                }
            };
            let (next, serves) = match judged {
                CloseJudgement::Again => {
                    let again = again(&live, voucher.amount());
                    return Ok(Closed::WithRequest(again.into()));
                }
                CloseJudgement::Closed => {
                    return Ok(Closed::Alone {
                        spent: Spent::of(&live.state),
                        transaction: live.closed_by.clone(),
                    });
                }
                CloseJudgement::Close(next) if next.last().is_none() => {
                    return Err(ChannelError::refused(
                        ProblemKind::VerificationFailed,
                        "nothing was ever paid from the channel; its funder closes it with close_start",
                    ));
                }
                CloseJudgement::Resume(_) if live.is_served(voucher.amount()) => {
                    return Ok(Closed::WithRequest(busy(1).into()));
                }
                CloseJudgement::Close(next) => (next, false),
                CloseJudgement::ServeAndClose(next) | CloseJudgement::Resume(next) => (next, true),
            };
            // Asked for before, and durable since.
            if !serves && *next == live.state {
                break None;
            }
            if self.write(&mut live, *next).await? {
                self.keeper
                    .observe(&ChannelEvent::Closing { channel: self.id() });
                break serves.then(|| self.serve(&mut live, &voucher, price, request));
            }
        };
        if let Some(taken) = request {
            // What is paid for is served at once, and the channel is closed meanwhile.
            let channel = self.clone();
            tokio::spawn(async move {
                if let Err(outage) = channel.close_on_chain().await {
                    tracing::warn!(error = %outage, channel = %channel.id(), "closed later");
                }
            });
            return Ok(Closed::WithRequest(taken.into()));
        }
        let transaction = self.close_on_chain().await?;
        Ok(Closed::Alone {
            spent: Spent::of(&self.live().await.state),
            transaction,
        })
    }
}
