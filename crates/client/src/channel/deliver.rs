//! Handing out what a voucher has bought, with its receipt.

use coinslot_mpp_wire::{MethodName, Receipt};
use coinslot_usdc_amount::BaseUnits;
use reqwest::Response;
use reqwest::header::HeaderMap;

use super::hold::Hold;
use super::own::OwnChannel;
use super::record::Purchased;
use crate::engine::Engine;
use crate::event::PaymentEvent;
use crate::identity::PaymentIdentity;
use crate::offer::Offer;
use crate::payable::Payable;
use crate::receipt::{PaymentReceipt, ReceiptDoubt, Settlement, receipt};
use crate::server_text::ServerText;

/// What a receipt says of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Took {
    /// Nothing: there is none, or it does not name channel and amount.
    Nothing,
    /// That this voucher, or a higher one, was taken.
    Voucher,
}

/// Reads the receipt of an answer.
pub(super) fn took(
    headers: &HeaderMap,
    channel: &OwnChannel,
    amount: BaseUnits,
) -> Result<Took, ReceiptDoubt> {
    let Some(receipt) = receipt(headers)? else {
        return Ok(Took::Nothing);
    };
    if receipt.method != MethodName::stellar().as_str() {
        return Err(ReceiptDoubt::Method(ServerText::new(&receipt.method)));
    }
    let accepted = said(&receipt, "acceptedCumulative").map(str::parse::<BaseUnits>);
    match (said(&receipt, "channelId"), accepted) {
        (Some(id), Some(Ok(accepted))) if id.parse() == Ok(channel.id) && accepted >= amount => {
            Ok(Took::Voucher)
        }
        (None, None) => Ok(Took::Nothing),
        _ => Err(ReceiptDoubt::Voucher),
    }
}

/// A text that the receipt has beside what the draft names.
pub(super) fn said<'r>(receipt: &'r Receipt, name: &str) -> Option<&'r str> {
    receipt.extensions.get(name)?.as_str()
}

impl Engine {
    /// Writes that the voucher was taken, and hands out the answer with its receipt.
    pub(super) async fn deliver_from(
        &self,
        hold: &mut Hold,
        offer: &Offer,
        cumulative: BaseUnits,
        payable: &Payable,
        mut response: Response,
    ) -> Response {
        let channel = hold.channel.id;
        let given = receipt(response.headers()).ok().flatten();
        let receipt = PaymentReceipt {
            request: payable.id.clone(),
            amount: hold.adds(offer, payable),
            terms: offer.terms.clone(),
            payer: channel.to_string(),
            identity: PaymentIdentity::Voucher {
                channel,
                cumulative,
            },
            external_id: given
                .and_then(|receipt| receipt.external_id)
                .map(|id| ServerText::new(&id)),
            settlement: match took(response.headers(), &hold.channel, cumulative) {
                Ok(Took::Voucher) => Settlement::Accepted,
                Ok(Took::Nothing) => Settlement::Silent,
                Err(doubt) => Settlement::Doubtful(doubt),
            },
        };
        if payable.keyed {
            let purchased = Purchased {
                channel: channel.to_string(),
                cumulative,
            };
            let kept = self.channels.records.remember(&payable.id, &purchased);
            if let Err(error) = kept.await {
                tracing::warn!(request = %payable.id, %error, "that a request was paid is not kept");
            }
        }
        self.acknowledge(hold, cumulative, payable).await;
        hold.channel.set_exhausted(false);
        self.emit(|| PaymentEvent::Paid {
            request: payable.id.clone(),
            status: response.status(),
        });
        self.emit(|| PaymentEvent::Settled(Box::new(receipt.clone())));
        response.extensions_mut().insert(receipt);
        response
    }
}
