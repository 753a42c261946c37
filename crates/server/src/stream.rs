//! Answers that are paid for as they are produced, from a channel (intent `channel` of MPP).
//!
//! The price of a route is that of a [unit](crate::mpp::ChannelOffer::per_unit): a token, a line, a
//! kilobyte. The buyer's voucher reserves what it covers. The handler finds a [`Meter`] in the
//! request's extensions, and makes its answer of [events](SseEvent), each of which is charged before
//! it is sent. When the reserve is used up the answer pauses, the buyer is told by the event
//! `payment-need-voucher`, and its next voucher makes the answer go on. The last event,
//! `payment-receipt`, says what was spent; the rest of the reserve stays the buyer's.
//!
//! An answer ends when its body ends or the buyer hangs up. It is not recorded: the voucher that it
//! began with gets the receipt again, not the answer.

mod body;
mod event;
mod meter;
mod running;
mod streams;

pub use body::SseBody;
pub use event::{SseEvent, SseEventError};
pub use meter::{Meter, MeterError};

pub(crate) use running::{End, Running};
pub(crate) use streams::Streams;
