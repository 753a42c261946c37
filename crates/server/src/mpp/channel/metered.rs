//! A request whose answer is paid for as it is produced, from its voucher to its answer's first
//! byte.

use coinslot_mpp_wire::stellar::PAYMENT_STREAM;
use coinslot_settlement::{Metered, Spent};
use http::{HeaderName, HeaderValue, Response};

use super::serve::VoucherRequest;
use super::top_up::Place;
use crate::body::{AnswerBody, GateBody, metered};
use crate::event::Event;
use crate::machine::{Admitted, Handler, call};
use crate::respond;
use crate::stream::Running;

impl VoucherRequest {
    /// Runs the handler with a meter. Its answer is neither waited for nor recorded.
    pub(super) async fn stream<B>(
        &self,
        stream: Metered,
        spent: Spent,
        handler: Handler<B>,
    ) -> Response<GateBody<B>>
    where
        B: AnswerBody,
    {
        let payment = &self.payment.id;
        self.shared.emit(&Event::Claimed { payment });
        let receipt = self.receipts.of(spent, None, None);
        let place = Place {
            id: self.stream_id.clone(),
            url: self.asked.url.clone(),
            scope: self.asked.scope,
            digest: self.asked.digest.clone(),
            priced: self.priced.clone(),
        };
        let end = Running::start(
            &self.shared,
            payment.clone(),
            stream,
            place,
            self.receipts.clone(),
            self.patience,
        );
        let admitted = Admitted {
            meter: Some(end.meter()),
            ..Admitted::by(self.payment.clone())
        };
        let response = match call(admitted, handler).await {
            Some(response) => response.map(|body| metered(body, end)),
            None => {
                self.shared.emit(&Event::HandlerFailed { payment });
                respond::handler_failed(&self.payment).map(crate::body::full)
            }
        };
        self.shared.emit(&Event::Delivered {
            payment,
            status: response.status(),
            recorded: false,
        });
        let mut response = self.told(response, receipt);
        // Hexadecimal digits are always a header value.
        if let Ok(id) = HeaderValue::try_from(&self.stream_id) {
            response.headers_mut().insert(NAME, id);
        }
        response
    }
}

const NAME: HeaderName = HeaderName::from_static(PAYMENT_STREAM);
