//! Closing a channel together with its seller, with what was really spent.

use coinslot_mpp_wire::stellar::ChannelAction;
use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_address::ContractId;
use reqwest::{Method, Request};
use url::Url;

use super::ask::Offered;
use super::deliver::said;
use super::error::{ChannelError, ChannelErrorKind};
use super::hold::Hold;
use super::own::Ticket;
use super::present::{Presented, ToPresent};
use super::record::{ChannelRecord, Close};
use crate::amount::Amount;
use crate::courier::Courier;
use crate::engine::Engine;
use crate::error::{LastAnswer, OutcomeUnknown, PaymentError};
use crate::offer::Plan;
use crate::receipt::receipt;
use crate::standing::Standing;

/// A channel that its seller has closed at our wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedChannel {
    /// The channel.
    pub channel: ContractId,
    /// What the seller takes from it. The rest goes back to the funder.
    pub paid: Amount,
    /// The transaction that closed it, as the seller names it.
    pub transaction: Option<TransactionHash>,
}

impl Engine {
    /// Asks the seller at this address to close the channel. From then on nothing is paid from it.
    pub(crate) async fn close_channel(
        &self,
        id: ContractId,
        url: Url,
        courier: &mut Courier<'_>,
    ) -> Result<ClosedChannel, PaymentError> {
        let not_ours = || PaymentError::from(ChannelErrorKind::NotOurs.of(id));
        let channel = self.channels.find(&id).ok_or_else(not_ours)?;
        let mut payable = self.payable(&Request::new(Method::GET, url), None)?;
        if !payable.channels.iter().any(|own| own.id == id) {
            return Err(not_ours());
        }
        payable.channel = Some(channel.clone());
        let mut hold = self.hold(&Ticket::draw(channel), &payable).await?;
        if let Some(close) = hold.record.close.as_ref().filter(|close| close.done) {
            return Ok(closed(&hold, close));
        }
        let now = self.clock.now().as_seconds();
        let (offer, challenge) = match self.offered(&payable, Some(now), courier).await {
            Ok(Offered::Voucher(offer, challenge)) => (offer, challenge),
            Ok(_) => return Err(ChannelErrorKind::NothingToClose.of(id).into()),
            // The answer to an earlier try was lost.
            Err(PaymentError::Channel(error)) if says_closed(&error) => {
                let Some(close) = hold.record.close.clone() else {
                    return Err(PaymentError::Channel(error));
                };
                return self
                    .closed_with(
                        &mut hold,
                        Close {
                            done: true,
                            ..close
                        },
                    )
                    .await;
            }
            Err(error) => return Err(error),
        };
        let Plan::Voucher(plan) = &offer.plan else {
            return Err(ChannelErrorKind::NothingToClose.of(id).into());
        };
        let told = self.said(&hold, &offer, &challenge)?;
        if !self.learn(&mut hold, told).await? {
            return Err(ChannelErrorKind::InUse.of(id).into());
        }
        let close = hold.record.close.clone().unwrap_or(Close {
            amount: hold.record.state.close_amount(),
            done: false,
            transaction: None,
        });
        self.write_close(&mut hold, Some(close.clone())).await?;
        let voucher = ToPresent {
            challenge: &plan.challenge,
            action: ChannelAction::Close,
            amount: close.amount,
            price: channel.asset.unit.amount(close.amount),
        };
        match self.present(&mut hold, voucher, &payable, courier).await? {
            Presented::Answer(response) => {
                let receipt = receipt(response.headers()).ok().flatten();
                let transaction = receipt.and_then(|it| said(&it, "txHash").map(str::to_owned));
                let done = Close {
                    done: true,
                    transaction,
                    ..close
                };
                self.closed_with(&mut hold, done).await
            }
            Presented::Undecided(response) => {
                Err(PaymentError::OutcomeUnknown(Box::new(OutcomeUnknown {
                    amount: voucher.price,
                    attempts: 1,
                    last: LastAnswer::Status(response.status()),
                    standing: Standing::Voucher {
                        cumulative: close.amount,
                    },
                    source: None,
                })))
            }
            Presented::Refused(refused) => {
                self.write_close(&mut hold, None).await?;
                let cumulative = close.amount;
                Err(refused.because(voucher.price, Standing::Voucher { cumulative }))
            }
        }
    }

    async fn closed_with(
        &self,
        hold: &mut Hold,
        close: Close,
    ) -> Result<ClosedChannel, PaymentError> {
        self.write_close(hold, Some(close.clone())).await?;
        Ok(closed(hold, &close))
    }

    async fn write_close(&self, hold: &mut Hold, close: Option<Close>) -> Result<(), PaymentError> {
        let record = ChannelRecord {
            close,
            lease: None,
            ..hold.record.clone()
        };
        if self.write(hold, record).await? {
            Ok(())
        } else {
            Err(ChannelErrorKind::InUse.of(hold.channel.id).into())
        }
    }
}

fn closed(hold: &Hold, close: &Close) -> ClosedChannel {
    let transaction = close.transaction.as_deref();
    ClosedChannel {
        channel: hold.channel.id,
        paid: hold.channel.asset.unit.amount(close.amount),
        transaction: transaction.and_then(|hash| hash.parse().ok()),
    }
}

fn says_closed(error: &ChannelError) -> bool {
    matches!(&error.kind, ChannelErrorKind::NotAccepted { reason: Some(reason), .. } if reason.is_about_the_close())
}
