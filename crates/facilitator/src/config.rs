//! The configuration: flags and environment, and what they mean.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use coinslot_caip2_network::StellarNetwork;
use coinslot_settlement::{FeePolicy, InclusionPercentile, SponsorBudget};

use crate::AccessLimits;

mod settings;

pub use settings::ConfigError;
pub(crate) use settings::Settings;

/// What a facilitator is told at its start, as flags or in the environment.
///
/// Secrets belong in the environment: arguments are seen by other users of the machine. Values of
/// secrets are read when the facilitator starts, so that no message about a flag repeats one.
#[derive(Clone, Debug, Args)]
pub struct FacilitatorConfig {
    /// The address to listen on. Off loopback, API keys are needed.
    #[arg(
        long,
        env = "FACILITATOR_LISTEN",
        default_value = "127.0.0.1:4022",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,

    /// The network: `stellar:testnet` or `stellar:pubnet`.
    #[arg(
        long,
        env = "STELLAR_NETWORK",
        default_value = "stellar:testnet",
        value_name = "NETWORK"
    )]
    pub network: StellarNetwork,

    /// The address of a Stellar RPC; testnet's public one when not given. May be repeated.
    #[arg(
        long,
        env = "STELLAR_RPC_URL",
        value_delimiter = ',',
        value_name = "URL"
    )]
    pub rpc_url: Vec<String>,

    /// The secret key (S…) of a sponsor account, which pays network fees. May be repeated: each
    /// sponsor settles one payment at a time. When none is given, `STELLAR_SECRET_KEY` is the one
    /// sponsor.
    #[arg(
        long,
        env = "FACILITATOR_SPONSOR_KEYS",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "SECRET"
    )]
    pub sponsor_key: Vec<SecretText>,

    /// The one sponsor, by the name that all programs share.
    #[arg(long, env = "STELLAR_SECRET_KEY", hide = true, value_name = "SECRET")]
    pub secret_key: Option<SecretText>,

    /// The secret key (S…) of an account that pays the fees of all sponsors, by fee bumps.
    #[arg(
        long,
        env = "FACILITATOR_FEE_BUMP_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub fee_bump_key: Option<SecretText>,

    /// A token that is settled: its contract (C…) or `usdc`. May be repeated. USDC when not given;
    /// `any` settles every token.
    #[arg(
        long,
        env = "FACILITATOR_ASSETS",
        value_delimiter = ',',
        value_name = "CONTRACT"
    )]
    pub asset: Vec<String>,

    /// An API key that callers send as `Authorization: Bearer …`. May be repeated.
    #[arg(
        long,
        env = "FACILITATOR_API_KEYS",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "KEY"
    )]
    pub api_key: Vec<SecretText>,

    /// Let everyone in without an API key, off loopback too: they spend your sponsors' fees.
    #[arg(long, env = "FACILITATOR_ALLOW_ANYONE")]
    pub allow_anyone: bool,

    /// Where payments are remembered: `sqlite:<file>`, or `memory:` to forget them with the process.
    #[arg(
        long,
        env = "FACILITATOR_STORE",
        default_value = "sqlite:facilitator.db",
        value_name = "ADDRESS"
    )]
    pub store: String,

    /// For how many days ended settlements are remembered.
    #[arg(long, env = "FACILITATOR_KEEP_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650), value_name = "DAYS")]
    pub keep_days: u32,

    /// What settlements may cost.
    #[command(flatten)]
    pub fees: FeeConfig,

    /// What callers may ask for.
    #[command(flatten)]
    pub limits: LimitConfig,
}

/// What settlements may cost, in stroops (0.0000001 XLM).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Args)]
pub struct FeeConfig {
    /// The most that one settlement may cost.
    #[arg(long, env = "FACILITATOR_MAX_FEE_STROOPS", default_value_t = FeePolicy::default().max_fee_stroops, value_name = "STROOPS")]
    pub max_fee_stroops: u64,

    /// Which of the recent inclusion fees to follow.
    #[arg(
        long,
        env = "FACILITATOR_INCLUSION_PERCENTILE",
        default_value = "p90",
        value_name = "PERCENTILE"
    )]
    pub inclusion_percentile: Percentile,

    /// The least inclusion fee to bid.
    #[arg(long, env = "FACILITATOR_INCLUSION_FLOOR_STROOPS", default_value_t = FeePolicy::default().inclusion_floor_stroops, value_name = "STROOPS")]
    pub inclusion_floor_stroops: u64,

    /// The most inclusion fee to bid.
    #[arg(long, env = "FACILITATOR_INCLUSION_CEILING_STROOPS", default_value_t = FeePolicy::default().inclusion_ceiling_stroops, value_name = "STROOPS")]
    pub inclusion_ceiling_stroops: u64,

    /// What fees of one payer's payments may cost in 24 hours.
    #[arg(long, env = "FACILITATOR_PAYER_BUDGET_STROOPS", default_value_t = SponsorBudget::default().per_payer_per_day_stroops, value_name = "STROOPS")]
    pub payer_budget_stroops: u64,

    /// What fees of all payments may cost in 24 hours.
    #[arg(long, env = "FACILITATOR_TOTAL_BUDGET_STROOPS", default_value_t = SponsorBudget::default().total_per_day_stroops, value_name = "STROOPS")]
    pub total_budget_stroops: u64,
}

/// What callers may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Args)]
pub struct LimitConfig {
    /// Requests of one API key at the same time.
    #[arg(
        long,
        env = "FACILITATOR_CONCURRENCY",
        default_value = "64",
        value_name = "N"
    )]
    pub concurrency: NonZeroU32,

    /// Requests of one API key in a second.
    #[arg(
        long,
        env = "FACILITATOR_REQUESTS_PER_SECOND",
        default_value = "200",
        value_name = "N"
    )]
    pub requests_per_second: NonZeroU32,

    /// How many seconds a settlement may take before it is answered as pending.
    #[arg(long, env = "FACILITATOR_ANSWER_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=300), value_name = "SECONDS")]
    pub answer_seconds: u32,

    /// How many seconds settlements in flight may take to end when the facilitator is stopped.
    #[arg(long, env = "FACILITATOR_SHUTDOWN_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=600), value_name = "SECONDS")]
    pub shutdown_seconds: u32,
}

impl FeeConfig {
    pub(crate) fn policy(&self) -> FeePolicy {
        FeePolicy {
            max_fee_stroops: self.max_fee_stroops,
            inclusion_percentile: self.inclusion_percentile.into(),
            inclusion_floor_stroops: self.inclusion_floor_stroops,
            inclusion_ceiling_stroops: self.inclusion_ceiling_stroops,
        }
    }

    pub(crate) const fn budget(&self) -> SponsorBudget {
        SponsorBudget {
            per_payer_per_day_stroops: self.payer_budget_stroops,
            total_per_day_stroops: self.total_budget_stroops,
        }
    }
}

impl LimitConfig {
    pub(crate) const fn access(&self) -> AccessLimits {
        AccessLimits {
            concurrency: self.concurrency,
            per_second: self.requests_per_second,
        }
    }

    pub(crate) fn answer_within(&self) -> Duration {
        Duration::from_secs(self.answer_seconds.into())
    }

    pub(crate) fn shutdown_within(&self) -> Duration {
        Duration::from_secs(self.shutdown_seconds.into())
    }
}

/// [`InclusionPercentile`] as a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Percentile {
    /// Half of the recent transactions paid less.
    P50,
    /// Nine of ten paid less.
    P90,
    /// Nineteen of twenty paid less.
    P95,
    /// Ninety-nine of a hundred paid less.
    P99,
}

impl From<Percentile> for InclusionPercentile {
    fn from(percentile: Percentile) -> Self {
        match percentile {
            Percentile::P50 => Self::P50,
            Percentile::P90 => Self::P90,
            Percentile::P95 => Self::P95,
            Percentile::P99 => Self::P99,
        }
    }
}

/// A secret as it was given, which is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    pub(crate) fn expose(&self) -> &str {
        self.0.trim()
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for SecretText {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
