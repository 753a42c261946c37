//! Paying one request from whichever channel can, and in no other way once a voucher was signed for it.

use reqwest::Response;

use super::choose::Choice;
use super::own::OwnChannel;
use super::stream::Begun;
use super::usage::open_voucher;
use crate::challenge::Challenge;
use crate::courier::Courier;
use crate::engine::Engine;
use crate::error::{LastAnswer, OutcomeUnknown, PaymentError};
use crate::payable::Payable;
use crate::standing::Standing;

/// What came of paying from a channel.
pub(crate) enum ByChannel {
    Answered(Response),
    /// The answer is paid for as it is produced, and has only begun.
    Streams(Box<Begun>),
    /// It has to be paid otherwise: what the seller asks for, if that is known, and why no channel pays.
    Otherwise {
        challenge: Option<Box<Challenge>>,
        why: Option<PaymentError>,
    },
}

impl Engine {
    /// Pays the request from one of the channels for its host. The caller has the turn.
    pub(crate) async fn by_channel(
        &self,
        payable: &mut Payable,
        courier: &mut Courier<'_>,
    ) -> Result<ByChannel, PaymentError> {
        if payable.keyed
            && let Some(response) = self.bought_before(payable, courier).await?
        {
            return Ok(ByChannel::Answered(response));
        }
        let (mut tried, mut why) = (Vec::new(), None);
        loop {
            let ticket = match self.choose_channel(payable, &tried).await? {
                Choice::Channel(ticket) => ticket,
                Choice::None(reason) => {
                    why = why.or(reason);
                    break;
                }
            };
            payable.channel = Some(ticket.channel().clone());
            let outcome = self.pay_from(&ticket, payable, courier).await;
            match outcome {
                Ok(answered @ (ByChannel::Answered(_) | ByChannel::Streams(_))) => {
                    return Ok(answered);
                }
                Err(error) if !leaves_others(&error) => return Err(error),
                outcome => {
                    self.require_unsigned(ticket.channel(), payable).await?;
                    match outcome {
                        Ok(ByChannel::Otherwise { challenge, .. }) => {
                            payable.channel = None;
                            return Ok(ByChannel::Otherwise { challenge, why });
                        }
                        Ok(answered) => return Ok(answered),
                        Err(error) => why = Some(error),
                    }
                    tried.push(ticket.channel().id);
                }
            }
        }
        payable.channel = None;
        Ok(ByChannel::Otherwise {
            challenge: None,
            why,
        })
    }

    /// Whatever is in the way of the voucher that was signed for a request: nothing else is paid for it.
    async fn require_unsigned(
        &self,
        channel: &OwnChannel,
        payable: &Payable,
    ) -> Result<(), PaymentError> {
        let record = self.channels.records.find(channel).await?;
        let pending = record.as_ref().and_then(|record| {
            let pending = record.pending_for(&payable.id, &payable.host)?;
            Some((pending.amount(), open_voucher(channel, record)?.amount))
        });
        match pending {
            None => Ok(()),
            Some((cumulative, amount)) => {
                Err(PaymentError::OutcomeUnknown(Box::new(OutcomeUnknown {
                    amount,
                    attempts: 0,
                    last: LastAnswer::NotSent,
                    standing: Standing::Voucher { cumulative },
                    source: None,
                })))
            }
        }
    }
}

/// Whether the request can be paid from another channel: nothing was signed for it.
fn leaves_others(error: &PaymentError) -> bool {
    matches!(error, PaymentError::Channel(error) if error.kind.leaves_others())
}
