//! Where the events of a stream come from, and who pays for them.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use coinslot_mpp_wire::stellar::{NEED_VOUCHER_EVENT, RECEIPT_EVENT, RESERVED_EVENTS};
use coinslot_usdc_amount::BaseUnits;
use reqwest::{Client, Response};

use super::super::hold::Hold;
use super::super::own::Ticket;
use super::sse::{Reader, StreamEvent};
use super::{StreamError, StreamReceipt};
use crate::engine::Engine;
use crate::offer::Offer;
use crate::payable::Payable;

/// A stream that is listened to.
pub(super) struct Source {
    pub(super) engine: Arc<Engine>,
    pub(super) client: Client,
    pub(super) response: Response,
    pub(super) reader: Reader,
    /// What was received and not read.
    pub(super) piece: Bytes,
    pub(super) tab: Tab,
}

/// What a stream is paid from.
pub(super) struct Tab {
    pub(super) hold: Hold,
    pub(super) _ticket: Ticket,
    pub(super) offer: Box<Offer>,
    /// The request that began it.
    pub(super) payable: Payable,
    /// The request that brings it vouchers.
    pub(super) top_up: Payable,
    /// What was spent of the channel before.
    pub(super) before: BaseUnits,
    pub(super) reserve: NonZeroU32,
    /// Whether an event has come since the last voucher.
    pub(super) has_given: bool,
    /// How often it asked in a row for what it has.
    pub(super) repeated: u32,
}

/// What a stream gives.
pub(super) enum Given {
    Event(StreamEvent),
    /// Its end.
    Receipt(StreamReceipt),
}

impl Source {
    pub(super) async fn next(&mut self) -> Result<Given, StreamError> {
        loop {
            let read = self.reader.next(&mut self.piece);
            let Some(event) = read.map_err(|_| StreamError::TooLong)? else {
                let piece = self.response.chunk().await;
                self.piece = piece
                    .map_err(StreamError::Connection)?
                    .ok_or(StreamError::NoReceipt)?;
                continue;
            };
            match event.name.as_deref() {
                Some(NEED_VOUCHER_EVENT) => {
                    self.tab
                        .pay(&event.data, &self.engine, &self.client)
                        .await?;
                }
                Some(RECEIPT_EVENT) => {
                    let receipt = self.tab.settle(&event.data, &self.engine).await?;
                    return Ok(Given::Receipt(receipt));
                }
                Some(name) if is_reserved(name) => {}
                _ => {
                    (self.tab.has_given, self.tab.repeated) = (true, 0);
                    return Ok(Given::Event(event));
                }
            }
        }
    }
}

/// Whether only the payment layer sends events of this name.
fn is_reserved(name: &str) -> bool {
    let start = name.get(..RESERVED_EVENTS.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_EVENTS))
}
