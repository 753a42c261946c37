//! How much was spent in the last rolling day, durable and shared by everyone who uses the same store.
//!
//! One record per network, payer and asset holds the sums of each host in steps of five minutes. Reserving is one
//! compare-and-set of it, so that neither tasks nor processes together get past a cap. What was reserved in a step
//! counts until 24 hours after the step's end; what lies in the future (a clock was set back) counts too.

use std::collections::BTreeMap;
use std::sync::Arc;

use coinslot_payment_store::{PaymentStore, StoreError, UnixMillis};
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::budget::AssetCaps;
use crate::damaged::DamagedRecord;

#[cfg(test)]
mod tests;

/// The rolling window of one asset.
pub(crate) struct Spending {
    store: Arc<dyn PaymentStore>,
    /// One writer at a time in this process, so that only other processes cause conflicts.
    writer: tokio::sync::Mutex<()>,
}

/// An amount that was taken out of the window, to be put back only when it is certain not to have been paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reservation {
    /// The record's key.
    pub(crate) account: String,
    /// The host that is paid, without its port.
    pub(crate) host: String,
    /// In base units.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(crate) amount: BaseUnits,
    pub(crate) step: i64,
}

/// What was spent, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// Paid or reserved in the last rolling day, in base units.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub per_day: BaseUnits,
    /// The part of it for the host in question.
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub per_host_per_day: BaseUnits,
}

impl Spent {
    pub(crate) const NOTHING: Self = Self {
        per_day: BaseUnits::ZERO,
        per_host_per_day: BaseUnits::ZERO,
    };
}

/// Nothing was reserved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReserveError {
    #[error(transparent)]
    OverCap(#[from] Box<OverCap>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Damaged(#[from] DamagedRecord),
    #[error("the record of what was spent is changed by others all the time; try again")]
    Contended,
}

/// A payment would break a cap. Nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} would break the cap of {limit} {cap}{}", .used)]
pub struct OverCap {
    /// Which cap.
    pub cap: Cap,
    /// What the seller asks for.
    pub wanted: Amount,
    /// The cap.
    pub limit: Amount,
    /// What counts against it already.
    pub used: Used,
}

/// What counts against a cap already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used(pub Amount);

impl core::fmt::Display for Used {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.0.units.is_zero() {
            return Ok(());
        }
        write!(f, ", of which {} are spent or reserved", self.0)
    }
}

/// One of the three caps of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// For one payment.
    PerPayment,
    /// For one host in a rolling day.
    PerHostPerDay,
    /// For everything in a rolling day.
    PerDay,
}

impl core::fmt::Display for Cap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::PerPayment => "per payment",
            Self::PerHostPerDay => "per host and rolling day",
            Self::PerDay => "per rolling day",
        })
    }
}

impl Spending {
    pub(crate) fn new(store: Arc<dyn PaymentStore>) -> Self {
        Self {
            store,
            writer: tokio::sync::Mutex::new(()),
        }
    }

    /// Takes `amount` out of the window if every cap allows it.
    pub(crate) async fn reserve(
        &self,
        account: &str,
        host: &str,
        amount: Amount,
        caps: &AssetCaps,
        now: UnixMillis,
    ) -> Result<Reservation, ReserveError> {
        let step = step_of(now);
        self.change(account, now, |window| {
            caps.allow(amount, window.spent(host))?;
            window.add(step, host, amount.units);
            Ok(Some(()))
        })
        .await?;
        Ok(Reservation {
            account: account.to_owned(),
            host: host.to_owned(),
            amount: amount.units,
            step,
        })
    }

    /// Puts back what was reserved. Call it once.
    pub(crate) async fn release(
        &self,
        reservation: &Reservation,
        now: UnixMillis,
    ) -> Result<(), ReserveError> {
        self.change(&reservation.account, now, |window| {
            Ok(window.take(reservation))
        })
        .await
    }

    /// What counts against the caps now.
    pub(crate) async fn spent(
        &self,
        account: &str,
        host: &str,
        now: UnixMillis,
    ) -> Result<Spent, ReserveError> {
        let (_, mut window) = self.load(account).await?;
        window.forget_before(now);
        Ok(window.spent(host))
    }

    /// Changes the window by compare-and-set; `None` leaves it as it is.
    async fn change(
        &self,
        account: &str,
        now: UnixMillis,
        mut edit: impl FnMut(&mut Window) -> Result<Option<()>, ReserveError>,
    ) -> Result<(), ReserveError> {
        let _only_one = self.writer.lock().await;
        for _ in 0..MOST_CONFLICTS {
            let (version, mut window) = self.load(account).await?;
            window.forget_before(now);
            if edit(&mut window)?.is_none() {
                return Ok(());
            }
            let value = serde_json::to_vec(&window).map_err(DamagedRecord::Json)?;
            match self
                .store
                .put_record(COLLECTION, account, version, &value)
                .await
            {
                Ok(_) => return Ok(()),
                Err(error) if error.is_conflict() => tokio::task::yield_now().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(ReserveError::Contended)
    }

    async fn load(&self, account: &str) -> Result<(Option<u64>, Window), ReserveError> {
        match self.store.record(COLLECTION, account).await? {
            None => Ok((None, Window::default())),
            Some(record) => {
                let window = serde_json::from_slice(&record.value).map_err(DamagedRecord::Json)?;
                Ok((Some(record.version), window))
            }
        }
    }
}

impl AssetCaps {
    /// Whether one more payment fits into each cap.
    pub(crate) fn allow(&self, wanted: Amount, spent: Spent) -> Result<(), Box<OverCap>> {
        let caps = [
            (Cap::PerPayment, self.per_payment, BaseUnits::ZERO),
            (
                Cap::PerHostPerDay,
                self.per_host_per_day,
                spent.per_host_per_day,
            ),
            (Cap::PerDay, self.per_day, spent.per_day),
        ];
        for (cap, limit, spent) in caps {
            if spent
                .checked_add(wanted.units)
                .is_none_or(|sum| sum > limit)
            {
                let unit = wanted.unit;
                return Err(Box::new(OverCap {
                    cap,
                    wanted,
                    limit: unit.amount(limit),
                    used: Used(unit.amount(spent)),
                }));
            }
        }
        Ok(())
    }
}

/// The sums: step → host → base units.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    steps: BTreeMap<i64, BTreeMap<String, Sum>>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Sum(#[serde(with = "coinslot_usdc_amount::serde_string")] BaseUnits);

impl Window {
    fn forget_before(&mut self, now: UnixMillis) {
        let oldest = step_of(now).saturating_sub(STEPS_PER_DAY);
        self.steps.retain(|step, _| *step >= oldest);
    }

    fn spent(&self, host: &str) -> Spent {
        let sum =
            |total: BaseUnits, part: BaseUnits| total.checked_add(part).unwrap_or(BaseUnits::MAX);
        let mut spent = Spent::NOTHING;
        for (name, Sum(amount)) in self.steps.values().flatten() {
            spent.per_day = sum(spent.per_day, *amount);
            if name == host {
                spent.per_host_per_day = sum(spent.per_host_per_day, *amount);
            }
        }
        spent
    }

    fn add(&mut self, step: i64, host: &str, amount: BaseUnits) {
        let Sum(sum) = self
            .steps
            .entry(step)
            .or_default()
            .entry(host.to_owned())
            .or_insert(Sum(BaseUnits::ZERO));
        *sum = sum.checked_add(amount).unwrap_or(BaseUnits::MAX);
    }

    fn take(&mut self, reservation: &Reservation) -> Option<()> {
        let hosts = self.steps.get_mut(&reservation.step)?;
        let Sum(sum) = hosts.get_mut(&reservation.host)?;
        *sum = sum.checked_sub(reservation.amount)?;
        if sum.is_zero() {
            hosts.remove(&reservation.host);
        }
        Some(())
    }
}

/// The number of the five minutes in which `now` lies.
fn step_of(now: UnixMillis) -> i64 {
    now.as_millis().div_euclid(STEP_MILLIS)
}

const COLLECTION: &str = "client-spending";
const STEP_MILLIS: i64 = 5 * 60 * 1000;
/// A step is forgotten when 24 hours have passed since its end, so that the 288 before the present one are kept.
const STEPS_PER_DAY: i64 = 24 * 60 * 60 * 1000 / STEP_MILLIS;
/// Only other processes conflict; this many in a row mean that something is wrong.
const MOST_CONFLICTS: usize = 1000;
