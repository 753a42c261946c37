//! What a charge asks for, read once (Stellar charge draft, "Request Schema").

use core::{error, fmt};

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_mpp_wire::stellar::{ChargeDetails, ChargeRequest, CredentialType};
use coinslot_mpp_wire::{EncodedRequest, JsonError};
use coinslot_soroban_authorization::Transfer;
use coinslot_stellar_address::{
    Address, ContractId, ParseAddressError, ParseAddressErrorKind, StrkeyKind,
};
use coinslot_usdc_amount::BaseUnits;

/// A request whose every field is known to be good.
///
/// A server reads its own request when it starts, and compares each challenge with it; a client reads that of the
/// challenge.
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_mpp_charge_stellar::ChargeTerms;
/// use coinslot_mpp_wire::stellar::{ChargeDetails, ChargeRequest};
///
/// let network = StellarNetwork::Testnet;
/// let request = ChargeRequest::new(
///     "10000".parse()?, // 0.001 USDC
///     "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
///     "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN",
///     ChargeDetails::sponsored(network.chain_id().into()),
/// );
/// let terms = ChargeTerms::read(&request.encode(), &network)?;
/// assert!(terms.is_sponsored());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChargeTerms {
    network: StellarNetwork,
    request: EncodedRequest,
    token: ContractId,
    recipient: Address,
    amount: BaseUnits,
    details: ChargeDetails,
    external_id: Option<String>,
}

impl ChargeTerms {
    /// Reads a request on a network that the reader has chosen.
    ///
    /// # Errors
    ///
    /// [`TermsError`] when it asks for something that a charge on this network cannot do.
    pub fn read(request: &EncodedRequest, network: &StellarNetwork) -> Result<Self, TermsError> {
        let read: ChargeRequest = request.read().map_err(TermsError::Request)?;
        let details = read.method_details.ok_or(TermsError::NoNetwork)?;
        if details.network != network.chain_id() {
            return Err(TermsError::OtherNetwork);
        }
        let token = read.currency.parse().map_err(TermsError::Currency)?;
        let recipient = read.recipient.parse().map_err(TermsError::Recipient)?;
        if read.amount.is_zero() {
            return Err(TermsError::ZeroAmount);
        }
        Ok(Self {
            network: network.clone(),
            request: request.clone(),
            token,
            recipient,
            amount: read.amount,
            details,
            external_id: read.external_id,
        })
    }

    /// The network on which to pay.
    #[must_use]
    pub const fn network(&self) -> &StellarNetwork {
        &self.network
    }

    /// The id of that network, which every signature covers.
    #[must_use]
    pub const fn network_id(&self) -> NetworkId {
        self.network.network_id()
    }

    /// The request, as it is on the wire.
    #[must_use]
    pub const fn request(&self) -> &EncodedRequest {
        &self.request
    }

    /// `currency`: the token's contract.
    #[must_use]
    pub const fn token(&self) -> ContractId {
        self.token
    }

    /// `recipient`: who is paid.
    #[must_use]
    pub const fn recipient(&self) -> Address {
        self.recipient
    }

    /// `amount`: how much, in base units of the token.
    #[must_use]
    pub const fn amount(&self) -> BaseUnits {
        self.amount
    }

    /// `externalId`: the seller's own name for the payment, which the receipt gives back.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.external_id.as_deref()
    }

    /// `methodDetails.feePayer`: whether the server pays the network's fees.
    #[must_use]
    pub fn is_sponsored(&self) -> bool {
        self.details.is_sponsored()
    }

    /// Whether the request lists this form of payment, or lists none and this is the default one.
    #[must_use]
    pub fn takes(&self, form: &CredentialType) -> bool {
        self.details.takes(form)
    }

    /// Whether the request takes `hash`: listed, or, as in the draft itself, not excluded by a list.
    pub(crate) fn takes_unsigned_hash(&self) -> bool {
        self.details.credential_types.is_none() || self.takes(&CredentialType::Hash)
    }

    /// The transfer that meets these terms.
    pub(crate) fn transfer_from(&self, payer: Address) -> Transfer {
        Transfer {
            token: self.token,
            from: payer,
            to: self.recipient,
            amount: self.amount.to_i128(),
        }
    }
}

/// Why a request is not one that a charge on Stellar can meet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TermsError {
    /// It is no request of a charge.
    Request(JsonError),
    /// There is no `methodDetails`, so that nobody knows the network.
    NoNetwork,
    /// `methodDetails.network` is another network than the chosen one.
    OtherNetwork,
    /// `currency` is not a contract.
    Currency(ParseAddressError),
    /// `recipient` is not an address.
    Recipient(ParseAddressError),
    /// `amount` is zero.
    ZeroAmount,
}

impl fmt::Display for TermsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => write!(f, "this is no request of a charge: {error}"),
            Self::NoNetwork => f.write_str("the request has no methodDetails to name the network"),
            Self::OtherNetwork => f.write_str("the request is for another network"),
            Self::Currency(error)
                if error.kind() == ParseAddressErrorKind::WrongKind(StrkeyKind::Account) =>
            {
                f.write_str(
                    "the currency is a G… account, probably its issuer; it is named by its contract, C…",
                )
            }
            Self::Currency(error) => write!(f, "the currency is not a contract: {error}"),
            Self::Recipient(error) => write!(f, "the recipient is not an address: {error}"),
            Self::ZeroAmount => f.write_str("the amount is zero"),
        }
    }
}

impl error::Error for TermsError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Request(source) => Some(source),
            Self::Currency(source) | Self::Recipient(source) => Some(source),
            Self::NoNetwork | Self::OtherNetwork | Self::ZeroAmount => None,
        }
    }
}
