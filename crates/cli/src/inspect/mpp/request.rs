//! The `request` of a challenge: what the method needs to know.

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::ChargeTerms;
use coinslot_mpp_wire::stellar::{ChannelRequest, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{Challenge, IntentName, MethodName};
use coinslot_usdc_amount::BaseUnits;
use serde::Serialize;
use serde_json::Value;

use crate::inspect::channel::problem_of;
use crate::inspect::money::{Money, usdc};
use crate::inspect::sheet::Sheet;

/// What a challenge asks for.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ExplainedRequest {
    /// One transfer of a token on Stellar.
    Charge(ExplainedCharge),
    /// A voucher of a channel on Stellar.
    Channel(ExplainedChannel),
    /// Of another method or intent, or not what its method has.
    Other {
        /// The request, as it was decoded.
        json: Value,
    },
}

/// One transfer of a token on Stellar.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedCharge {
    pub(crate) amount: Money,
    pub(crate) recipient: String,
    pub(crate) network: Option<String>,
    /// `seller` or `buyer`.
    pub(crate) fees_paid_by: &'static str,
    pub(crate) credential_types: Vec<String>,
    description: Option<String>,
    external_id: Option<String>,
}

/// A voucher of a channel on Stellar.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedChannel {
    /// In base units of the channel's token.
    amount: String,
    #[serde(skip)]
    pub(super) price: BaseUnits,
    pub(super) channel: String,
    pub(super) network: Option<String>,
    /// The amount of the last voucher, as the seller says.
    cumulative_amount: Option<String>,
    #[serde(skip)]
    pub(super) cumulative: Option<BaseUnits>,
    description: Option<String>,
    external_id: Option<String>,
}

impl ExplainedRequest {
    /// The request, and what is wrong with it.
    pub(crate) fn new(challenge: &Challenge) -> (Self, Vec<String>) {
        let request = challenge.request();
        let other = || Self::Other {
            json: request.object().map_or(Value::Null, Value::Object),
        };
        let unreadable = |error| vec![format!("its request cannot be read: {error}")];
        if *challenge.method() != MethodName::stellar() {
            return (other(), Vec::new());
        }
        if *challenge.intent() == IntentName::charge() {
            return match request.read::<ChargeRequest>() {
                Ok(charge) => {
                    let problems = problems_of(&charge, challenge);
                    (Self::Charge(ExplainedCharge::new(charge)), problems)
                }
                Err(error) => (other(), unreadable(error)),
            };
        }
        if *challenge.intent() == IntentName::channel() {
            return match request.read::<ChannelRequest>() {
                Ok(channel) => {
                    let problems = problems_of_channel(&channel);
                    (Self::Channel(ExplainedChannel::new(channel)), problems)
                }
                Err(error) => (other(), unreadable(error)),
            };
        }
        (other(), Vec::new())
    }

    pub(crate) fn write(&self, sheet: &mut Sheet) {
        match self {
            Self::Charge(charge) => charge.write(sheet),
            Self::Channel(channel) => channel.write(sheet),
            Self::Other { json } => sheet.quote("request", Some(&json.to_string())),
        }
    }
}

impl ExplainedCharge {
    fn new(request: ChargeRequest) -> Self {
        let details = request.method_details;
        let sponsored = details
            .as_ref()
            .is_some_and(|details| details.is_sponsored());
        let network = details.as_ref().map(|details| details.network.to_string());
        let listed = details.and_then(|details| details.credential_types);
        Self {
            amount: Money::new(request.amount, &request.currency),
            recipient: request.recipient,
            network,
            fees_paid_by: if sponsored { "seller" } else { "buyer" },
            credential_types: listed
                .unwrap_or_else(|| vec![CredentialType::Transaction])
                .iter()
                .map(|form| form.as_str().to_owned())
                .collect(),
            description: request.description,
            external_id: request.external_id,
        }
    }

    /// Whether a payment in this form is taken.
    pub(crate) fn takes(&self, form: &CredentialType) -> bool {
        self.credential_types
            .iter()
            .any(|taken| taken == form.as_str())
    }

    fn write(&self, sheet: &mut Sheet) {
        sheet.line("amount", &self.amount);
        sheet.quote("to", Some(&self.recipient));
        sheet.maybe("network", self.network.as_ref());
        sheet.line(
            "network fees",
            format_args!("paid by the {}", self.fees_paid_by),
        );
        sheet.quote("paid with", Some(&self.credential_types.join(", ")));
        sheet.quote("what for", self.description.as_deref());
        sheet.quote("seller's own name for it", self.external_id.as_deref());
    }
}

impl ExplainedChannel {
    fn new(request: ChannelRequest) -> Self {
        let details = request.method_details.unwrap_or_default();
        Self {
            amount: request.amount.to_string(),
            price: request.amount,
            cumulative: details.cumulative_amount,
            channel: request.channel,
            network: details.network.map(|network| network.to_string()),
            cumulative_amount: details.cumulative_amount.map(|amount| amount.to_string()),
            description: request.description,
            external_id: request.external_id,
        }
    }

    fn write(&self, sheet: &mut Sheet) {
        sheet.line(
            "amount",
            format_args!("{} base units of the channel's token", self.amount),
        );
        sheet.quote("channel", Some(&self.channel));
        sheet.maybe("network", self.network.as_ref());
        sheet.maybe(
            "last voucher in base units, says the seller",
            self.cumulative_amount.as_ref(),
        );
        sheet.quote("what for", self.description.as_deref());
        sheet.quote("seller's own name for it", self.external_id.as_deref());
    }
}

/// Why a channel cannot be paid from as it is.
fn problems_of_channel(request: &ChannelRequest) -> Vec<String> {
    let mut problems: Vec<String> = problem_of(&request.channel).into_iter().collect();
    let details = request.method_details.as_ref();
    match details.and_then(|details| details.network.as_ref()) {
        None => problems.push(
            "it does not say on which network the channel is, and a voucher is signed for one"
                .to_owned(),
        ),
        Some(network) => {
            if let Err(error) = StellarNetwork::try_from(network.as_ref()) {
                problems.push(format!("its network cannot be used: {error}"));
            }
        }
    }
    problems
}

/// Why a charge cannot be paid as it is.
fn problems_of(request: &ChargeRequest, challenge: &Challenge) -> Vec<String> {
    let Some(details) = &request.method_details else {
        return vec!["it has no `methodDetails`: nobody knows the network".to_owned()];
    };
    let network = match StellarNetwork::try_from(details.network.as_ref()) {
        Ok(network) => network,
        Err(error) => return vec![format!("its network cannot be used: {error}")],
    };
    let mut problems = Vec::new();
    if let Err(error) = ChargeTerms::read(challenge.request(), &network) {
        problems.push(format!("it cannot be paid: {error}"));
    }
    if let Some(usdc) =
        usdc(&request.currency).filter(|usdc| usdc.chain != details.network.as_str())
    {
        problems.push(format!(
            "its currency is USDC on {}, and its network is {}",
            usdc.chain, details.network
        ));
    }
    let known = |form: &CredentialType| !matches!(form, CredentialType::Other(_));
    let forms = details.credential_types.as_deref();
    if details.is_sponsored() && !details.takes(&CredentialType::Transaction) {
        problems.push(NOTHING_TO_SUBMIT.to_owned());
    } else if forms.is_some_and(|forms| !forms.iter().any(known)) {
        problems.push(
            "it takes no type of credential that is known (transaction, signedHash, hash)"
                .to_owned(),
        );
    }
    problems
}

const NOTHING_TO_SUBMIT: &str = "the seller pays the network's fees and does not take what it would submit (`transaction`), so that nobody can pay";
