//! Builds a facilitator, and finds out before the first payment what would break it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_payment_store::{Clock, PaymentStore, SystemClock};
use coinslot_soroban_authorization::{Signer, Transfer, TransferTransaction};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_stellar_ledger::{Ledger, LedgerError, Simulation};
use coinslot_usdc_amount::usdc_on;
use coinslot_x402_exact_stellar::Rules;

use crate::budget::Budget;
use crate::engine::Engine;
use crate::flights::Flights;
use crate::observer::Unobserved;
use crate::pool::SponsorPool;
use crate::{
    FeePolicy, FeePolicyFault, LocalFacilitator, Outage, SettlementObserver, SponsorBudget, Timing,
};

/// Builds a [`LocalFacilitator`]; begins with [`LocalFacilitator::builder`].
#[must_use]
pub struct LocalFacilitatorBuilder {
    ledger: Arc<dyn Ledger>,
    store: Arc<dyn PaymentStore>,
    network: StellarNetwork,
    sponsors: Vec<Arc<dyn Signer>>,
    fee_bump: Option<Arc<dyn Signer>>,
    assets: Assets,
    fees: FeePolicy,
    budget: SponsorBudget,
    timing: Timing,
    expiration_tolerance_ledgers: u32,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn SettlementObserver>,
}

impl LocalFacilitatorBuilder {
    pub(crate) fn new(
        ledger: Arc<dyn Ledger>,
        store: Arc<dyn PaymentStore>,
        network: StellarNetwork,
    ) -> Self {
        Self {
            ledger,
            store,
            network,
            sponsors: Vec::new(),
            fee_bump: None,
            assets: Assets::Usdc,
            fees: FeePolicy::default(),
            budget: SponsorBudget::default(),
            timing: Timing::default(),
            expiration_tolerance_ledgers: EXPIRATION_TOLERANCE_LEDGERS,
            clock: Arc::new(SystemClock),
            observer: Arc::new(Unobserved),
        }
    }

    /// Adds a sponsor: an account that signs settlements and, without a
    /// [`fee_bump`](Self::fee_bump) account, pays their fees. Each settles one payment at a time.
    ///
    /// No other program may use the account: they would take each other's sequence numbers.
    pub fn sponsor(mut self, signer: impl Signer + 'static) -> Self {
        self.sponsors.push(Arc::new(signer));
        self
    }

    /// Lets this account pay the fees of all settlements, by fee bumps. The sponsors then need no
    /// more XLM than an account must hold.
    pub fn fee_bump(mut self, signer: impl Signer + 'static) -> Self {
        self.fee_bump = Some(Arc::new(signer));
        self
    }

    /// Settles these tokens only. Without this, the network's USDC.
    pub fn assets(mut self, assets: impl IntoIterator<Item = ContractId>) -> Self {
        self.assets = Assets::These(assets.into_iter().collect());
        self
    }

    /// Settles any token. Anyone can make a token whose transfers cost what a settlement may cost
    /// and move nothing of value: the sponsors pay for them, up to the budget.
    pub fn any_asset(mut self) -> Self {
        self.assets = Assets::Any;
        self
    }

    /// What a settlement may cost.
    pub const fn policy(mut self, fees: FeePolicy) -> Self {
        self.fees = fees;
        self
    }

    /// What sponsors may spend in a day.
    pub const fn budget(mut self, budget: SponsorBudget) -> Self {
        self.budget = budget;
        self
    }

    /// How long things may take.
    pub const fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// How many ledgers longer than allowed a payer's signature may hold, for nodes that disagree
    /// about the newest ledger. 2 unless set.
    pub const fn expiration_tolerance_ledgers(mut self, ledgers: u32) -> Self {
        self.expiration_tolerance_ledgers = ledgers;
        self
    }

    /// Where time comes from. The computer's clock unless set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Who is told what happens.
    pub fn observer(mut self, observer: Arc<dyn SettlementObserver>) -> Self {
        self.observer = observer;
        self
    }

    /// Checks everything that can be checked before the first payment, and goes on with what an
    /// earlier run left open.
    ///
    /// Needs a Tokio runtime: settlements run as tasks.
    ///
    /// # Errors
    /// [`BuildError`], with a sentence that says what to do.
    pub async fn build(self) -> Result<LocalFacilitator, BuildError> {
        if self.sponsors.is_empty() {
            return Err(BuildError::NoSponsor);
        }
        if let Some(fault) = self.fees.fault() {
            return Err(BuildError::FeePolicy(fault));
        }
        let mut accounts = BTreeSet::new();
        for signer in &self.sponsors {
            if !accounts.insert(signer.account_id()) {
                return Err(BuildError::SponsorTwice(signer.account_id()));
            }
        }
        let assets = match &self.assets {
            Assets::Usdc => Some(vec![self.usdc()?]),
            Assets::These(assets) => Some(assets.clone()),
            Assets::Any => None,
        };
        self.check_network().await?;
        self.check_accounts().await?;
        self.check_assets(assets.as_deref().unwrap_or_default())
            .await?;
        self.store
            .ping()
            .await
            .map_err(|error| BuildError::Outage(error.into()))?;
        accounts.extend(self.fee_bump.as_ref().map(|signer| signer.account_id()));
        let rules = Rules {
            network: self.network.clone(),
            sponsors: accounts.into_iter().collect(),
            assets,
            max_fee_stroops: self.fees.max_fee_stroops,
            expiration_tolerance_ledgers: self.expiration_tolerance_ledgers,
        };
        let engine = Engine {
            ledger: self.ledger,
            network_id: self.network.network_id(),
            network: self.network,
            rules,
            sponsors: SponsorPool::new(self.sponsors),
            fee_bump: self.fee_bump,
            fees: self.fees,
            budget: Arc::new(Budget::new(Arc::clone(&self.store), self.budget)),
            store: self.store,
            timing: self.timing,
            clock: self.clock,
            observer: self.observer,
            flights: Arc::new(Flights::default()),
        };
        let facilitator = LocalFacilitator::new(engine);
        facilitator
            .resume_pending()
            .await
            .map_err(BuildError::Outage)?;
        Ok(facilitator)
    }

    async fn check_network(&self) -> Result<(), BuildError> {
        let found = self.ledger.network().await?;
        let configured = self.network.network_id();
        if found == configured {
            return Ok(());
        }
        Err(BuildError::WrongNetwork {
            configured: self.network.to_string(),
            found,
        })
    }

    async fn check_accounts(&self) -> Result<(), BuildError> {
        // Who pays fees needs room for one; who does not must merely exist.
        for signer in &self.sponsors {
            let pays = self.fee_bump.is_none();
            self.check_account(signer.account_id(), SponsorRole::Sponsor, pays)
                .await?;
        }
        if let Some(signer) = &self.fee_bump {
            self.check_account(signer.account_id(), SponsorRole::FeeBump, true)
                .await?;
        }
        Ok(())
    }

    async fn check_account(
        &self,
        account: AccountId,
        role: SponsorRole,
        pays_fees: bool,
    ) -> Result<(), BuildError> {
        let Some(facts) = self.ledger.account(&account).await? else {
            return Err(BuildError::NoAccount { account, role });
        };
        let balance_stroops = u64::try_from(facts.balance_stroops).unwrap_or(0);
        let needed_stroops = MINIMUM_BALANCE_STROOPS.saturating_add(self.fees.max_fee_stroops);
        if pays_fees && balance_stroops < needed_stroops {
            return Err(BuildError::TooLittleXlm {
                account,
                role,
                balance_stroops,
                needed_stroops,
            });
        }
        Ok(())
    }

    fn usdc(&self) -> Result<ContractId, BuildError> {
        usdc_on(self.network.chain_id().as_str())
            .and_then(|usdc| usdc.contract.parse().ok())
            .ok_or(BuildError::NoUsdc)
    }

    /// An asset that is no contract on this network would fail at the first payment.
    async fn check_assets(&self, assets: &[ContractId]) -> Result<(), BuildError> {
        let Some(sponsor) = self.sponsors.first() else {
            return Ok(());
        };
        let holder = Address::Account(sponsor.account_id());
        for token in assets {
            let probe = TransferTransaction {
                source: sponsor.account_id(),
                sequence: 1,
                fee: PROBE_FEE_STROOPS,
                max_time: None,
                transfer: Transfer {
                    token: *token,
                    from: holder,
                    to: holder,
                    amount: 1,
                },
                auth: Vec::new(),
                resources: None,
            };
            // Whether the sponsor could make the transfer does not matter, only that there is
            // something to call.
            if let Simulation::Failed { message, .. } =
                self.ledger.simulate(&probe.to_envelope()).await?
                && message.contains(MISSING_CONTRACT)
            {
                return Err(BuildError::NoContract(*token));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for LocalFacilitatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = |signer: &Arc<dyn Signer>| signer.account_id();
        f.debug_struct("LocalFacilitatorBuilder")
            .field("network", &self.network)
            .field(
                "sponsors",
                &self.sponsors.iter().map(account).collect::<Vec<_>>(),
            )
            .field("fee_bump", &self.fee_bump.as_ref().map(account))
            .field("assets", &self.assets)
            .field("fees", &self.fees)
            .field("budget", &self.budget)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}

/// The tokens that are settled.
#[derive(Clone, Debug)]
enum Assets {
    Usdc,
    These(Vec<ContractId>),
    Any,
}

/// What an account does for a facilitator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SponsorRole {
    /// Signs settlements.
    Sponsor,
    /// Pays for them.
    FeeBump,
}

impl fmt::Display for SponsorRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sponsor => "sponsor",
            Self::FeeBump => "fee-bump",
        })
    }
}

/// Why a facilitator does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody to sign settlements.
    #[error("a facilitator needs at least one sponsor account; give the secret key (S…) of one")]
    NoSponsor,
    /// A sponsor was given twice.
    #[error(
        "the sponsor {0} is given twice; each sponsor settles one payment at a time, so give different accounts"
    )]
    SponsorTwice(AccountId),
    /// The fee policy cannot work.
    #[error(transparent)]
    FeePolicy(#[from] FeePolicyFault),
    /// The RPC belongs to another network.
    #[error(
        "the Stellar RPC serves the network with the id {found}, not {configured}; set the RPC's address or the network so that they agree"
    )]
    WrongNetwork {
        /// The configured network.
        configured: String,
        /// What the RPC says.
        found: NetworkId,
    },
    /// An account does not exist.
    #[error(
        "the {role} account {account} does not exist on this network; create it by sending it XLM (on testnet by friendbot)"
    )]
    NoAccount {
        /// Which.
        account: AccountId,
        /// What it is for.
        role: SponsorRole,
    },
    /// An account cannot pay fees.
    #[error(
        "the {role} account {account} has {balance_stroops} stroops, and needs at least {needed_stroops} for its reserve and one fee; send it XLM"
    )]
    TooLittleXlm {
        /// Which.
        account: AccountId,
        /// What it is for.
        role: SponsorRole,
        /// What it has.
        balance_stroops: u64,
        /// What it needs.
        needed_stroops: u64,
    },
    /// There is no USDC on this network that is known.
    #[error("this network has no USDC that is known; name the tokens that are settled (C…)")]
    NoUsdc,
    /// An asset is not a contract on this network.
    #[error(
        "there is no contract {0} on this network; give the token's contract address (for USDC the one of its Stellar Asset Contract), and check the network"
    )]
    NoContract(ContractId),
    /// The RPC or the store is down.
    #[error(transparent)]
    Outage(Outage),
}

impl From<LedgerError> for BuildError {
    fn from(error: LedgerError) -> Self {
        Self::Outage(error.into())
    }
}

/// How far nodes may disagree about the newest ledger.
const EXPIRATION_TOLERANCE_LEDGERS: u32 = 2;
/// What an account without further entries must keep: two base reserves of 0.5 XLM.
const MINIMUM_BALANCE_STROOPS: u64 = 10_000_000;
const PROBE_FEE_STROOPS: u32 = 100;
/// How the host says that there is no such contract.
const MISSING_CONTRACT: &str = "Error(Storage, MissingValue)";
