//! What would be paid, without paying.

use core::fmt;

use reqwest::{Request, StatusCode};

use crate::amount::Amount;
use crate::channel::Named;
use crate::courier::Courier;
use crate::engine::{Asked, Engine};
use crate::error::PaymentError;
use crate::logical_request::IdempotencyKey;
use crate::offer::Offer;
use crate::policy::Judged;
use crate::refusal::OfferRefusal;
use crate::server_text::ServerText;
use crate::spending::{OverCap, Spent};
use crate::terms::{PaymentTerms, Protocol};

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
    /// Each offer that can be read, in the server's order: those of x402, then those of MPP.
    pub offers: Vec<PreviewedOffer>,
    /// What would be paid; `None` when no offer is acceptable.
    pub would_pay: Option<WouldPay>,
}

/// One offer, with its amount or why it is not taken.
#[derive(Debug)]
pub struct PreviewedOffer {
    /// The protocol that it is made in.
    pub protocol: Protocol,
    /// The kind of payment: x402's scheme, or MPP's method and intent.
    pub scheme: ServerText,
    /// What it asks for; `None` when it is of a kind whose terms this client does not read.
    pub terms: Option<PaymentTerms>,
    /// What the budget says to it.
    pub verdict: Result<Amount, OfferRefusal>,
}

/// The payment that would be made.
#[derive(Debug)]
pub struct WouldPay {
    /// How much.
    pub amount: Amount,
    /// To whom.
    pub terms: PaymentTerms,
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
        let mut payable = self.payable(request, key)?;
        if let Some(entry) = self.journal.find(&payable.id).await? {
            return Ok(Preview::AlreadyPaid {
                amount: self.amount(&entry),
            });
        }
        match self.channel_for(&payable).await? {
            Some(Named::Signed(amount)) => return Ok(Preview::AlreadyPaid { amount }),
            Some(Named::Free(channel)) => payable.channel = Some(channel),
            None => {}
        }
        let challenge = match self.ask(&payable, None, &mut courier).await? {
            Asked::Free(response) => {
                return Ok(Preview::NotPriced {
                    status: response.status(),
                });
            }
            Asked::Priced(challenge) => challenge,
        };
        let (payer, now) = (self.payer, self.clock.now());
        let judged = self.policy.judge(&challenge, &payable, payer, now);
        let offers = judged.into_iter().map(PreviewedOffer::from).collect();
        let would_pay = match self.policy.choose(&challenge, &payable, payer, now) {
            Ok(offer) => Some(self.would_pay(offer, &payable.host).await?),
            Err(_) => None,
        };
        let description = challenge.description().map(ServerText::new);
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
            terms: offer.terms,
            spent,
            over_cap,
        })
    }
}

impl From<Judged> for PreviewedOffer {
    fn from(judged: Judged) -> Self {
        Self {
            protocol: judged.protocol,
            scheme: ServerText::new(&judged.scheme),
            terms: judged.terms,
            verdict: judged.verdict.map(|offer| offer.amount),
        }
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
                    .filter_map(|offer| offer.verdict.as_ref().err());
                refusals
                    .into_iter()
                    .try_for_each(|refusal| write!(f, "; {refusal}"))
            }
        }
    }
}
