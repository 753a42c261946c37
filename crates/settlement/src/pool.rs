//! Sponsor accounts, each leased to one settlement at a time.
//!
//! The network takes one waiting transaction per source account, so a sponsor is leased until the
//! transaction that it signed has landed or can no longer land. Those who wait are served in order.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use coinslot_soroban_authorization::Signer;
use coinslot_stellar_address::AccountId;
use coinslot_stellar_ledger::{Ledger, LedgerError};
use tokio::sync::oneshot;

/// All sponsors of a facilitator.
pub(crate) struct SponsorPool {
    sponsors: Vec<Sponsor>,
    queue: Mutex<Queue>,
}

struct Sponsor {
    signer: Arc<dyn Signer>,
    account: AccountId,
    /// The sequence number of the account, when it is known.
    sequence: Mutex<Option<i64>>,
}

/// **Invariant**: a sponsor's index is in `free`, or in exactly one live [`SponsorLease`].
#[derive(Default)]
struct Queue {
    free: VecDeque<usize>,
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    /// The one sponsor that will do, or any.
    wanted: Option<usize>,
    hand_over: oneshot::Sender<SponsorLease>,
}

impl SponsorPool {
    pub(crate) fn new(signers: impl IntoIterator<Item = Arc<dyn Signer>>) -> Arc<Self> {
        let sponsors: Vec<Sponsor> = signers
            .into_iter()
            .map(|signer| Sponsor {
                account: signer.account_id(),
                signer,
                sequence: Mutex::default(),
            })
            .collect();
        let queue = Queue {
            free: (0..sponsors.len()).collect(),
            waiting: VecDeque::new(),
        };
        Arc::new(Self {
            sponsors,
            queue: Mutex::new(queue),
        })
    }

    /// The public addresses, in the order of configuration.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.sponsors.iter().map(|sponsor| sponsor.account)
    }

    pub(crate) fn len(&self) -> usize {
        self.sponsors.len()
    }

    /// How many sponsors are free now.
    pub(crate) fn free(&self) -> usize {
        self.lock().free.len()
    }

    /// The signer of one of the sponsors.
    pub(crate) fn signer(&self, account: &AccountId) -> Option<Arc<dyn Signer>> {
        let found = self
            .sponsors
            .iter()
            .find(|sponsor| sponsor.account == *account)?;
        Some(Arc::clone(&found.signer))
    }

    /// Waits for any sponsor. None when the pool is empty.
    pub(crate) async fn lease(self: &Arc<Self>) -> Option<SponsorLease> {
        if self.sponsors.is_empty() {
            None
        } else {
            self.wait_for(None).await
        }
    }

    /// Waits for one sponsor. None when the account is not in the pool.
    pub(crate) async fn lease_account(
        self: &Arc<Self>,
        account: &AccountId,
    ) -> Option<SponsorLease> {
        let index = self.index_of(account)?;
        self.wait_for(Some(index)).await
    }

    /// One sponsor, if it is free now.
    pub(crate) fn try_lease_account(self: &Arc<Self>, account: &AccountId) -> Option<SponsorLease> {
        let index = self.index_of(account)?;
        let mut queue = self.lock();
        let position = queue.free.iter().position(|free| *free == index)?;
        queue.free.remove(position)?;
        Some(SponsorLease {
            pool: Arc::clone(self),
            index,
            held: true,
        })
    }

    async fn wait_for(self: &Arc<Self>, wanted: Option<usize>) -> Option<SponsorLease> {
        let receiver = {
            let mut queue = self.lock();
            let free = match wanted {
                None => queue.free.pop_front(),
                Some(wanted) => queue
                    .free
                    .iter()
                    .position(|index| *index == wanted)
                    .and_then(|position| queue.free.remove(position)),
            };
            if let Some(index) = free {
                return Some(SponsorLease {
                    pool: Arc::clone(self),
                    index,
                    held: true,
                });
            }
            let (hand_over, receiver) = oneshot::channel();
            queue.waiting.push_back(Waiter { wanted, hand_over });
            receiver
        };
        // A waiter that gives up drops the receiver, and with it a lease that was just handed over.
        receiver.await.ok()
    }

    /// Gives a sponsor to the first who waits for it, or puts it with the free ones.
    fn put_back(self: &Arc<Self>, index: usize) {
        loop {
            let waiter = {
                let mut queue = self.lock();
                let first = queue
                    .waiting
                    .iter()
                    .position(|waiter| waiter.wanted.is_none_or(|wanted| wanted == index));
                match first.and_then(|position| queue.waiting.remove(position)) {
                    Some(waiter) => waiter,
                    None => {
                        queue.free.push_back(index);
                        return;
                    }
                }
            };
            let lease = SponsorLease {
                pool: Arc::clone(self),
                index,
                held: true,
            };
            match waiter.hand_over.send(lease) {
                Ok(()) => return,
                // That waiter has gone. The lease must not put itself back: this loop does.
                Err(mut lease) => lease.held = false,
            }
        }
    }

    fn index_of(&self, account: &AccountId) -> Option<usize> {
        self.sponsors
            .iter()
            .position(|sponsor| sponsor.account == *account)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SponsorPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.accounts()).finish()
    }
}

/// A sponsor, for the time of one settlement. Dropping it gives the sponsor to the next.
pub(crate) struct SponsorLease {
    pool: Arc<SponsorPool>,
    index: usize,
    /// Whether dropping gives the sponsor back.
    held: bool,
}

impl SponsorLease {
    pub(crate) fn account(&self) -> AccountId {
        self.sponsor().account
    }

    pub(crate) fn signer(&self) -> &dyn Signer {
        self.sponsor().signer.as_ref()
    }

    /// The account's sequence number, when it is known from the last transaction.
    pub(crate) fn sequence(&self) -> Option<i64> {
        *self.lock_sequence()
    }

    /// The sequence number that the sponsor's next transaction has. None without an account.
    pub(crate) async fn next_sequence(
        &self,
        ledger: &dyn Ledger,
    ) -> Result<Option<i64>, LedgerError> {
        let known = match self.sequence() {
            Some(known) => Some(known),
            None => {
                let account = ledger.account(&self.account()).await?;
                account.map(|account| account.sequence)
            }
        };
        self.set_sequence(known);
        Ok(known.and_then(|sequence| sequence.checked_add(1)))
    }

    /// The account's sequence number is now this, or has to be asked for.
    pub(crate) fn set_sequence(&self, sequence: Option<i64>) {
        *self.lock_sequence() = sequence;
    }

    fn lock_sequence(&self) -> MutexGuard<'_, Option<i64>> {
        self.sponsor()
            .sequence
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn sponsor(&self) -> &Sponsor {
        &self.pool.sponsors[self.index]
    }
}

impl Drop for SponsorLease {
    fn drop(&mut self) {
        if self.held {
            self.pool.put_back(self.index);
        }
    }
}

impl fmt::Debug for SponsorLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SponsorLease")
            .field(&self.account())
            .finish()
    }
}

#[cfg(test)]
mod tests;
