//! How the engine and what it depends on are.

use coinslot_stellar_address::AccountId;

use super::Engine;
use crate::{SponsorStatus, Status};

impl Engine {
    /// The sponsors, and the fee-bump account behind them if it is not one of them.
    pub(crate) fn signers(&self) -> Vec<AccountId> {
        let mut signers: Vec<AccountId> = self.sponsors.accounts().collect();
        if let Some(fee_bump) = &self.fee_bump
            && !signers.contains(&fee_bump.account_id())
        {
            signers.push(fee_bump.account_id());
        }
        signers
    }

    pub(crate) async fn status(&self) -> Status {
        let now = self.clock.now();
        let (ledger, store, spent) = tokio::join!(
            self.ledger.latest_ledger(),
            self.store.ping(),
            self.budget.spent(now)
        );
        let mut sponsors = Vec::new();
        for account in self.signers() {
            sponsors.push(self.sponsor_status(account).await);
        }
        Status {
            ledger: ledger.map_err(Into::into),
            store: store.map_err(Into::into),
            sponsors,
            spent_today_stroops: spent.ok(),
            in_flight: self.flights.count(),
            free_sponsors: self.sponsors.free(),
        }
    }

    async fn sponsor_status(&self, account: AccountId) -> SponsorStatus {
        let facts = self.ledger.account(&account).await.ok().flatten();
        let balance_stroops = facts.map(|facts| facts.balance_stroops);
        let pays = self
            .fee_bump
            .as_ref()
            .is_none_or(|signer| signer.account_id() == account);
        let needed = i64::try_from(self.fees.max_fee_stroops).unwrap_or(i64::MAX);
        let can_pay = pays && balance_stroops.is_some_and(|stroops| stroops >= needed);
        SponsorStatus {
            account,
            balance_stroops,
            can_pay,
        }
    }
}
