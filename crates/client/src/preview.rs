//! What would be paid, without paying.

use core::fmt;

use coinslot_x402_wire::PaymentRequirements;
use reqwest::{Request, StatusCode};

use crate::amount::Amount;
use crate::courier::Courier;
use crate::engine::{Asked, Engine};
use crate::error::PaymentError;
use crate::logical_request::IdempotencyKey;
use crate::policy::{Offer, OfferRefusal};
use crate::server_text::ServerText;
use crate::spending::{OverCap, Spent};

/// What a dry run found.
#[derive(Debug)]
#[non_exhaustive]
pub enum Preview {
    /// The server gave an answer and asks for nothing.
    NotPriced {
        /// The answer's status.
        status: StatusCode,
    },
    /// An earlier payment for the same request is open: it would be sent again, and nothing new be paid.
    AlreadyPaid {
        /// What was authorized.
        amount: Amount,
    },
    /// The server asks for a payment.
    Priced(Box<PaymentPreview>),
}

/// What the server asks for, and what the budget says to it.
#[derive(Debug)]
pub struct PaymentPreview {
    /// The server's description of the resource.
    pub description: Option<ServerText>,
    /// Each offer in the server's order, with its amount or why it is not taken.
    pub offers: Vec<(PaymentRequirements, Result<Amount, OfferRefusal>)>,
    /// What would be paid; `None` when no offer is acceptable.
    pub would_pay: Option<WouldPay>,
}

/// The payment that would be made.
#[derive(Debug)]
pub struct WouldPay {
    /// How much.
    pub amount: Amount,
    /// To whom.
    pub terms: PaymentRequirements,
    /// What was spent of this asset in the last rolling day.
    pub spent: Spent,
    /// The cap that is in the way now, if there is one.
    pub over_cap: Option<Box<OverCap>>,
}

impl Engine {
    /// Asks, judges, and signs nothing.
    pub(crate) async fn preview(
        &self,
        request: &Request,
        key: Option<&IdempotencyKey>,
        mut courier: Courier<'_>,
    ) -> Result<Preview, PaymentError> {
        let payable = self.payable(request, key)?;
        if let Some(entry) = self.journal.find(&payable.id).await? {
            return Ok(Preview::AlreadyPaid {
                amount: self.amount(&entry),
            });
        }
        let challenge = match self.ask(&payable, &mut courier).await? {
            Asked::Free(response) => {
                return Ok(Preview::NotPriced {
                    status: response.status(),
                });
            }
            Asked::Priced(challenge) => challenge,
        };
        let (url, now) = (request.url(), self.clock.now());
        let judge = |terms: &PaymentRequirements| {
            let verdict = self.policy.judge(terms, &challenge, url, self.payer, now);
            (terms.clone(), verdict.map(|offer| offer.amount))
        };
        let offers = challenge.required.accepts.iter().map(judge).collect();
        let would_pay = match self.policy.choose(&challenge, url, self.payer, now) {
            Ok(offer) => Some(self.would_pay(offer, &payable.host).await?),
            Err(_) => None,
        };
        let description = challenge
            .required
            .resource
            .description
            .as_deref()
            .map(ServerText::new);
        Ok(Preview::Priced(Box::new(PaymentPreview {
            description,
            offers,
            would_pay,
        })))
    }

    async fn would_pay(&self, offer: Offer, host: &str) -> Result<WouldPay, PaymentError> {
        let account = self.account(&offer.asset.contract.to_string());
        let spent = self
            .spending
            .spent(&account, host, self.clock.now())
            .await?;
        let over_cap = offer.asset.caps.allow(offer.amount, spent).err();
        Ok(WouldPay {
            amount: offer.amount,
            terms: offer.requirements,
            spent,
            over_cap,
        })
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPriced { status } => {
                write!(f, "the server answered {status} and asks for no payment")
            }
            Self::AlreadyPaid { amount } => write!(
                f,
                "{amount} were sent for this request already; nothing new would be paid"
            ),
            Self::Priced(preview) => preview.fmt(f),
        }
    }
}

impl fmt::Display for PaymentPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.would_pay {
            Some(WouldPay {
                amount,
                terms,
                over_cap: None,
                ..
            }) => {
                write!(
                    f,
                    "{amount} would be paid to {} on {}",
                    ServerText::new(&terms.pay_to),
                    terms.network
                )
            }
            Some(WouldPay {
                over_cap: Some(over_cap),
                ..
            }) => write!(f, "nothing would be paid: {over_cap}"),
            None => {
                f.write_str("nothing would be paid: no offer is acceptable")?;
                let refusals = self
                    .offers
                    .iter()
                    .filter_map(|(_, verdict)| verdict.as_ref().err());
                refusals
                    .into_iter()
                    .try_for_each(|refusal| write!(f, "; {refusal}"))
            }
        }
    }
}
