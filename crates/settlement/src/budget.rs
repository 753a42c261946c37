//! What sponsors have spent in the last 24 hours, and may still spend.
//!
//! Spending is kept in the store by the hour, one record for each payer and one for all. An hour
//! counts until it has been over for 24 hours, so the window is never shorter than a day.
//! What a settlement could cost is reserved in both records before anything is submitted; what it
//! did not cost is given back afterwards. A crash between the two leaves the reservation in place:
//! the budget errs by refusing.

use std::fmt;
use std::sync::Arc;

use coinslot_payment_store::{Outage, PaymentStore, StoreError, UnixMillis};
use tokio::sync::Mutex;

use self::reservation::Part;
pub(crate) use self::reservation::Reservation;
use self::window::Window;
use crate::SponsorBudget;

mod reservation;
mod window;

/// The durable budget of a facilitator's sponsors.
pub(crate) struct Budget {
    store: Arc<dyn PaymentStore>,
    limits: SponsorBudget,
    /// Keeps this process from competing with itself for the same records.
    turn: Mutex<()>,
}

/// Which limit a settlement would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetLimit {
    /// [`SponsorBudget::per_payer_per_day_stroops`].
    PerPayer,
    /// [`SponsorBudget::total_per_day_stroops`].
    Total,
}

impl fmt::Display for BudgetLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PerPayer => "what sponsors pay in a day for the fees of one payer is spent",
            Self::Total => "what sponsors pay in a day for fees is spent",
        })
    }
}

/// Why nothing was reserved.
#[derive(Debug)]
pub(crate) enum ReserveError {
    Exceeded(BudgetLimit),
    Store(StoreError),
}

impl Budget {
    pub(crate) fn new(store: Arc<dyn PaymentStore>, limits: SponsorBudget) -> Self {
        Self {
            store,
            limits,
            turn: Mutex::new(()),
        }
    }

    /// Sets `stroops` more aside for a payment of `payer`, or for a call of our own.
    pub(crate) async fn reserve(
        &self,
        payer: Option<&str>,
        stroops: u64,
        now: UnixMillis,
        reservation: &mut Reservation,
    ) -> Result<(), ReserveError> {
        let _turn = self.turn.lock().await;
        let hour = hour_of(now);
        if let Some(payer) = payer {
            let limit = self.limits.per_payer_per_day_stroops;
            self.add(PAYERS, payer, hour, stroops, limit)
                .await
                .map_err(|error| error.or(BudgetLimit::PerPayer))?;
        }
        let total = self
            .add(TOTAL, ALL, hour, stroops, self.limits.total_per_day_stroops)
            .await;
        if let Err(error) = total {
            if let Some(payer) = payer {
                self.subtract(PAYERS, payer, &[Part { hour, stroops }])
                    .await
                    .map_err(ReserveError::Store)?;
            }
            return Err(error.or(BudgetLimit::Total));
        }
        reservation.parts.push(Part { hour, stroops });
        Ok(())
    }

    /// Gives back what of a reservation was not charged. To be called once, after the outcome is
    /// durable.
    pub(crate) async fn give_back(
        &self,
        payer: Option<&str>,
        reservation: &Reservation,
        charged: u64,
    ) -> Result<(), StoreError> {
        let mut left = reservation.stroops().saturating_sub(charged);
        let mut unused = Vec::new();
        // From the oldest hour on: what remains counts for as long as it can.
        for part in &reservation.parts {
            let stroops = part.stroops.min(left);
            left = left.saturating_sub(stroops);
            if stroops > 0 {
                unused.push(Part {
                    hour: part.hour,
                    stroops,
                });
            }
        }
        if unused.is_empty() {
            return Ok(());
        }
        let _turn = self.turn.lock().await;
        if let Some(payer) = payer {
            self.subtract(PAYERS, payer, &unused).await?;
        }
        self.subtract(TOTAL, ALL, &unused).await
    }

    /// Counts `stroops` more against a payer alone, whatever its limit.
    pub(crate) async fn penalise(
        &self,
        payer: &str,
        stroops: u64,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        match self
            .add(PAYERS, payer, hour_of(now), stroops, u64::MAX)
            .await
        {
            Ok(()) | Err(AddError::Exceeded) => Ok(()),
            Err(AddError::Store(error)) => Err(error),
        }
    }

    /// Whether `stroops` could be reserved now; nothing is changed.
    pub(crate) async fn check(
        &self,
        payer: &str,
        stroops: u64,
        now: UnixMillis,
    ) -> Result<(), ReserveError> {
        let hour = hour_of(now);
        for (collection, key, limit, name) in [
            (
                PAYERS,
                payer,
                self.limits.per_payer_per_day_stroops,
                BudgetLimit::PerPayer,
            ),
            (
                TOTAL,
                ALL,
                self.limits.total_per_day_stroops,
                BudgetLimit::Total,
            ),
        ] {
            let (_, window) = self
                .load(collection, key)
                .await
                .map_err(ReserveError::Store)?;
            if window.spent(hour).saturating_add(stroops) > limit {
                return Err(ReserveError::Exceeded(name));
            }
        }
        Ok(())
    }

    /// What is spent or reserved in the current window for all payments, in stroops.
    pub(crate) async fn spent(&self, now: UnixMillis) -> Result<u64, StoreError> {
        let (_, window) = self.load(TOTAL, ALL).await?;
        Ok(window.spent(hour_of(now)))
    }

    async fn add(
        &self,
        collection: &str,
        key: &str,
        hour: i64,
        stroops: u64,
        limit: u64,
    ) -> Result<(), AddError> {
        loop {
            let (version, mut window) = self.load(collection, key).await?;
            if window.spent(hour).saturating_add(stroops) > limit {
                return Err(AddError::Exceeded);
            }
            window.add(hour, stroops);
            if self.save(collection, key, version, &window).await? {
                return Ok(());
            }
        }
    }

    async fn subtract(
        &self,
        collection: &str,
        key: &str,
        parts: &[Part],
    ) -> Result<(), StoreError> {
        loop {
            let (version, mut window) = self.load(collection, key).await?;
            for part in parts {
                window.subtract(part.hour, part.stroops);
            }
            if self.save(collection, key, version, &window).await? {
                return Ok(());
            }
        }
    }

    async fn load(&self, collection: &str, key: &str) -> Result<(Option<u64>, Window), StoreError> {
        let Some(record) = self.store.record(collection, key).await? else {
            return Ok((None, Window::default()));
        };
        let window = Window::from_bytes(&record.value)
            .map_err(|error| StoreError::Outage(Outage::Engine(Box::new(error))))?;
        Ok((Some(record.version), window))
    }

    /// Whether the window was saved; if not, another process was faster.
    async fn save(
        &self,
        collection: &str,
        key: &str,
        version: Option<u64>,
        window: &Window,
    ) -> Result<bool, StoreError> {
        match self
            .store
            .put_record(collection, key, version, &window.to_bytes())
            .await
        {
            Ok(_) => Ok(true),
            Err(StoreError::RecordConflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

enum AddError {
    Exceeded,
    Store(StoreError),
}

impl AddError {
    fn or(self, limit: BudgetLimit) -> ReserveError {
        match self {
            Self::Exceeded => ReserveError::Exceeded(limit),
            Self::Store(error) => ReserveError::Store(error),
        }
    }
}

impl From<StoreError> for AddError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn hour_of(now: UnixMillis) -> i64 {
    now.as_millis().div_euclid(3_600_000)
}

const PAYERS: &str = "sponsor-fees-by-payer";
const TOTAL: &str = "sponsor-fees-total";
const ALL: &str = "all";

#[cfg(test)]
mod tests;
