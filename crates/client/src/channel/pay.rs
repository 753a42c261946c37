//! Paying one request from a channel: name it, answer its challenge by a voucher, and again until the answer is had.

use coinslot_mpp_channel_stellar::client::BuyerRefusal;
use coinslot_mpp_wire::stellar::ChannelAction;
use coinslot_usdc_amount::BaseUnits;
use reqwest::Response;

use super::ask::Offered;
use super::by_channel::ByChannel;
use super::error::ChannelErrorKind;
use super::hold::Hold;
use super::own::Ticket;
use super::present::{Presented, RefusedVoucher, ToPresent};
use super::standing::Said;
use super::stream::Begun;
use crate::challenge::Challenge;
use crate::courier::Courier;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::event::PaymentEvent;
use crate::offer::{Offer, Plan};
use crate::payable::Payable;
use crate::standing::Standing;

/// One request on its way through one channel.
struct Course {
    hold: Hold,
    /// What is taken next, and whether its challenge was answered before.
    offer: Option<(Box<Offer>, bool)>,
    /// Whether the server was asked how far the channel is used although no other request was in the way.
    doubted: bool,
    /// How often the voucher was sent under a fresh challenge after it was refused.
    fresh: u32,
    /// Whether a challenge that was answered before was refused.
    burnt: bool,
    /// What was spent of the channel before the voucher.
    before: BaseUnits,
    /// The offer by which the answer was bought.
    taken: Option<Box<Offer>>,
}

/// What came of asking how far the channel is used.
enum Asked {
    Said(Said),
    Else(Next),
}

/// Where a course leads.
enum Next {
    Onward,
    Done(Response),
    Otherwise(Box<Challenge>),
}

impl Course {
    /// The answer, which goes on costing if it is paid for as it is produced.
    fn done(self, response: Response, payable: &Payable) -> ByChannel {
        match self.taken {
            Some(offer) if payable.reserved_units(&offer).is_some() => {
                ByChannel::Streams(Box::new(Begun {
                    response,
                    ticket: Ticket::draw(&self.hold.channel),
                    hold: self.hold,
                    offer,
                    before: self.before,
                }))
            }
            _ => ByChannel::Answered(response),
        }
    }
}

impl Engine {
    /// Pays the request from this channel, which it names.
    pub(super) async fn pay_from(
        &self,
        ticket: &Ticket,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<ByChannel, PaymentError> {
        let (channel, now) = (ticket.channel(), self.clock.now());
        let known = self.channels.challenges.find(channel, payable, now);
        let mut offer = known.map(|offer| (Box::new(offer), true));
        if offer.is_none() && channel.is_known() {
            // What is free does not wait for the channel.
            match self.offered(payable, None, courier).await? {
                Offered::Free(response) => return Ok(ByChannel::Answered(response)),
                Offered::Otherwise(challenge) => return Ok(otherwise(challenge)),
                Offered::Voucher(fresh, _) => offer = Some((fresh, false)),
            }
        }
        let mut course = Course {
            hold: self.hold(ticket, payable).await?,
            offer,
            doubted: false,
            fresh: 0,
            burnt: false,
            before: BaseUnits::ZERO,
            taken: None,
        };
        if course.hold.record.close.is_some() {
            return Err(ChannelErrorKind::Closed.of(channel.id).into());
        }
        for _ in 0..MOST_STEPS {
            match self.step(&mut course, payable, courier).await? {
                Next::Onward => {}
                Next::Done(response) => return Ok(course.done(response, payable)),
                Next::Otherwise(challenge) => return Ok(otherwise(challenge)),
            }
        }
        Err(ChannelErrorKind::Contended.of(channel.id).into())
    }

    async fn step(
        &self,
        course: &mut Course,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Next, PaymentError> {
        self.wait_for_others(&mut course.hold, payable).await?;
        let record = &course.hold.record;
        if !record.is_stored() || record.is_unresolved(&payable.id, &payable.host) {
            return match self.ask_again(course, payable, courier).await? {
                Asked::Said(said) => {
                    self.learn(&mut course.hold, said).await?;
                    Ok(Next::Onward)
                }
                Asked::Else(next) => Ok(next),
            };
        }
        let Some((offer, again)) = course.offer.take() else {
            return Ok(match self.offered(payable, None, courier).await? {
                Offered::Free(response) => Next::Done(response),
                Offered::Otherwise(challenge) => Next::Otherwise(challenge),
                Offered::Voucher(fresh, _) => {
                    course.offer = Some((fresh, false));
                    Next::Onward
                }
            });
        };
        let Plan::Voucher(plan) = &offer.plan else {
            return Ok(Next::Onward);
        };
        if plan.expires <= self.clock.now().as_seconds() {
            return Ok(Next::Onward);
        }
        course.before = course.hold.record.state.close_amount();
        let amount = match self.put_down(&mut course.hold, &offer, payable).await {
            Ok(Some(amount)) => amount,
            Ok(None) => {
                course.offer = Some((offer, again));
                return Ok(Next::Onward);
            }
            // If the server denies to have what was signed at the old price, it is signed anew.
            Err(PaymentError::Channel(error))
                if error.kind == BuyerRefusal::PriceRisen.into() && !course.doubted =>
            {
                course.doubted = true;
                return match self.ask_again(course, payable, courier).await? {
                    Asked::Said(said) if said.has_pending(&course.hold.record.state) => {
                        Err(PaymentError::Channel(error))
                    }
                    Asked::Said(said) => {
                        self.learn(&mut course.hold, said).await?;
                        Ok(Next::Onward)
                    }
                    Asked::Else(next) => Ok(next),
                };
            }
            Err(error) => return Err(error),
        };
        self.emit(|| PaymentEvent::Signed {
            request: payable.id.clone(),
            until: Deadline::ChannelClose,
        });
        let voucher = ToPresent {
            challenge: &plan.challenge,
            action: ChannelAction::Voucher,
            amount,
            price: course.hold.adds(&offer, payable),
        };
        let hold = &mut course.hold;
        match self.present(hold, voucher, payable, courier).await? {
            Presented::Answer(response) => {
                let challenges = &self.channels.challenges;
                if course.burnt {
                    challenges.burn(payable);
                }
                challenges.keep(&hold.channel, payable, &offer, self.clock.now());
                let delivered = self.deliver_from(hold, &offer, amount, payable, response);
                let response = delivered.await;
                course.taken = Some(offer);
                Ok(Next::Done(response))
            }
            Presented::Undecided(response) => {
                self.let_go(hold).await;
                Ok(Next::Done(response))
            }
            Presented::Refused(refused) => {
                self.channels.challenges.forget(&hold.channel, payable);
                course.burnt |= again;
                self.after_refusal(course, voucher, *refused, payable, courier)
                    .await
            }
        }
    }

    /// Asks the server how far the channel is used. What it offers is taken next.
    async fn ask_again(
        &self,
        course: &mut Course,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Asked, PaymentError> {
        let now = self.clock.now().as_seconds();
        let (offer, challenge) = match self.offered(payable, Some(now), courier).await? {
            Offered::Free(response) => return Ok(Asked::Else(Next::Done(response))),
            Offered::Otherwise(challenge) => return Ok(Asked::Else(Next::Otherwise(challenge))),
            Offered::Voucher(offer, challenge) => (offer, challenge),
        };
        let said = self.said(&course.hold, &offer, &challenge)?;
        course.offer = Some((offer, false));
        Ok(Asked::Said(said))
    }

    /// A voucher that was refused is sent again under a fresh challenge, if that is all that is wrong. Otherwise another
    /// one is signed for the request only if the server proves that the channel is used further than we knew.
    async fn after_refusal(
        &self,
        course: &mut Course,
        voucher: ToPresent<'_>,
        refused: RefusedVoucher,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Next, PaymentError> {
        let reason = refused.why.0.as_ref();
        if refused.taken {
            self.acknowledge(&mut course.hold, voucher.amount, payable)
                .await;
            let standing = Standing::VoucherTaken {
                cumulative: voucher.amount,
            };
            return Err(refused.because(voucher.price, standing));
        }
        let is_over = course.burnt || reason.is_some_and(|reason| reason.is_about_the_challenge());
        if is_over && course.fresh < MOST_FRESH {
            course.fresh = course.fresh.saturating_add(1);
            let fresh = refused.fresh.as_ref();
            let fresh = fresh.and_then(|challenge| self.voucher_offer(challenge, payable));
            course.offer = fresh.map(|offer| (offer, false));
            return Ok(Next::Onward);
        }
        if reason.is_some_and(|it| it.is_about_the_deposit() || it.is_about_the_close()) {
            course.hold.channel.set_exhausted(true);
        }
        let mut standing = Standing::Voucher {
            cumulative: voucher.amount,
        };
        if !course.doubted {
            course.doubted = true;
            // What is not proved changes nothing: whatever the server denies, it has what was sent to it.
            if let Ok(Asked::Said(said)) = self.ask_again(course, payable, courier).await
                && let Some(highest) = said.highest
                && highest.amount() >= voucher.amount
            {
                self.learn(&mut course.hold, said).await?;
                if highest.amount() > voucher.amount {
                    return Ok(Next::Onward);
                }
                let (hold, cumulative) = (&mut course.hold, voucher.amount);
                self.acknowledge(hold, cumulative, payable).await;
                standing = Standing::VoucherTaken { cumulative };
            }
        }
        self.let_go(&mut course.hold).await;
        Err(refused.because(voucher.price, standing))
    }
}

fn otherwise(challenge: Box<Challenge>) -> ByChannel {
    ByChannel::Otherwise {
        challenge: Some(challenge),
        why: None,
    }
}

/// A server that refuses one challenge after the other is not followed further.
const MOST_FRESH: u32 = 2;
const MOST_STEPS: usize = 16;
