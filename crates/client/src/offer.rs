//! An offer that can be paid, whichever protocol it is made in.

use coinslot_mpp_charge_stellar::{
    ClientPlan as ChargePlan, PlannedCharge, PushPlan, SponsoredPlan, UnsponsoredPlan,
};
use coinslot_mpp_wire::Challenge;
use coinslot_soroban_authorization::ClassicAsset;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::ClientPlan as ExactPlan;
use coinslot_x402_wire::PaymentPayload;

use crate::amount::{Amount, Unit};
use crate::budget::AssetCaps;
use crate::journal::Draft;
use crate::terms::PaymentTerms;

/// An asset that may be paid.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) contract: ContractId,
    pub(crate) unit: Unit,
    pub(crate) caps: AssetCaps,
    /// The classic asset behind the contract, where it is known.
    pub(crate) classic: Option<ClassicAsset>,
}

/// An offer that the policy allows.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) terms: PaymentTerms,
    pub(crate) plan: Plan,
    pub(crate) asset: Asset,
    pub(crate) amount: Amount,
}

/// What has to be signed.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// One authorization; somebody else pays the network's fees.
    Authorize(Authorize),
    /// A transaction of the payer's own, fees included.
    Transact(Transact),
    /// A voucher of a channel: no transaction at all.
    Voucher(Box<VoucherPlan>),
}

/// A payment by a voucher.
#[derive(Clone, Debug)]
pub(crate) struct VoucherPlan {
    pub(crate) challenge: Challenge,
    /// From when on the challenge is not accepted, in seconds since 1970.
    pub(crate) expires: u64,
    /// What the server claims to have been used of the channel.
    pub(crate) claimed: Option<BaseUnits>,
    /// Whether the price is that of a unit of an answer that is paid for as it is produced.
    pub(crate) is_per_unit: bool,
}

/// A payment by one authorization.
#[derive(Clone, Debug)]
pub(crate) enum Authorize {
    /// x402's scheme `exact`, with the message that carries the payment but for its payload.
    Exact(Box<(ExactPlan, PaymentPayload)>),
    /// A charge of MPP of which the server pays the fees.
    Sponsored(Box<SponsoredPlan>),
}

/// A payment by a transaction: a charge of MPP of which the payer pays the fees.
#[derive(Clone, Debug)]
pub(crate) enum Transact {
    /// The server submits it.
    Pull(Box<UnsponsoredPlan>),
    /// The client does.
    Push(Box<PushPlan>),
}

impl Plan {
    pub(crate) fn of_charge(plan: ChargePlan) -> Self {
        match plan {
            ChargePlan::Sponsored(plan) => Self::Authorize(Authorize::Sponsored(Box::new(plan))),
            ChargePlan::Unsponsored(plan) => Self::Transact(Transact::Pull(Box::new(plan))),
            ChargePlan::Push(plan) => Self::Transact(Transact::Push(Box::new(plan))),
        }
    }

    /// Whether the payer pays network fees beside the amount.
    pub(crate) fn costs_fees(&self) -> bool {
        matches!(self, Self::Transact(_))
    }

    /// The message that carries the payment, without what pays.
    pub(crate) fn draft(&self) -> Draft {
        let charge = match self {
            Self::Authorize(Authorize::Exact(exact)) => {
                return Draft::X402(Box::new(exact.1.clone()));
            }
            Self::Authorize(Authorize::Sponsored(plan)) => plan.charge(),
            Self::Transact(plan) => plan.charge(),
            Self::Voucher(plan) => {
                return Draft::Mpp {
                    challenge: plan.challenge.to_header(),
                };
            }
        };
        Draft::Mpp {
            challenge: charge.challenge().to_header(),
        }
    }
}

impl Transact {
    /// What is going to be paid.
    pub(crate) fn charge(&self) -> &PlannedCharge {
        match self {
            Self::Pull(plan) => plan.charge(),
            Self::Push(plan) => plan.charge(),
        }
    }
}
