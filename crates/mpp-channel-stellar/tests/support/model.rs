//! A chain with one channel on it, and what a seller of it does, both in a few lines.

use coinslot_mpp_channel_stellar::{ChannelFacts, ChannelState, Price, register};

use crate::channel::*;

/// The contract, with its clock.
pub(crate) struct Chain {
    pub(crate) balance: u64,
    pub(crate) withdrawn: u64,
    pub(crate) effective: Option<u32>,
    pub(crate) ledger: u32,
    pub(crate) live_until: u32,
    pub(crate) now: u64,
    pub(crate) refunded: bool,
}

impl Chain {
    pub(crate) fn new(balance: u64) -> Self {
        Self {
            balance,
            withdrawn: 0,
            effective: None,
            ledger: LEDGER,
            live_until: LEDGER + 100_000,
            now: NOW,
            refunded: false,
        }
    }

    pub(crate) fn register(&self) -> ChannelState {
        register(channel(), &network(), &self.facts(), &policy())
            .unwrap()
            .first_state()
    }

    pub(crate) fn facts(&self) -> ChannelFacts {
        let mut facts = facts();
        facts.instance.withdrawn = units(self.withdrawn);
        facts.instance.close_effective_at_ledger = self.effective;
        facts.balance = units(self.balance);
        facts.ledger = self.ledger;
        facts.live_until_ledger = self.live_until;
        facts.read_at = self.now;
        facts
    }

    pub(crate) fn deposited(&self) -> u64 {
        self.balance + self.withdrawn
    }

    pub(crate) fn is_over(&self) -> bool {
        self.effective
            .is_some_and(|effective| effective <= self.ledger)
    }

    pub(crate) fn pass(&mut self, ledgers: u32) {
        self.ledger += ledgers;
        self.now += u64::from(ledgers) * 5_000;
    }

    pub(crate) fn deposit(&mut self, amount: u64) {
        if !self.is_over() {
            self.balance += amount;
        }
    }

    pub(crate) fn settle(&mut self, amount: u64) {
        let due = amount.saturating_sub(self.withdrawn);
        if due <= self.balance {
            self.withdrawn += due;
            self.balance -= due;
        }
    }

    pub(crate) fn close(&mut self, amount: u64) {
        self.settle(amount);
        assert!(self.withdrawn >= amount, "there was not enough to close");
        if !self.is_over() {
            self.effective = Some(self.ledger);
        }
        self.balance = 0;
    }

    pub(crate) fn close_start(&mut self) {
        if !self.is_over() {
            self.effective = Some(self.ledger + WAITING_PERIOD);
        }
    }

    pub(crate) fn refund(&mut self) {
        if self.is_over() {
            self.balance = 0;
            self.refunded = true;
        }
    }

    pub(crate) fn extend(&mut self, ledgers: u32) {
        self.live_until = self.live_until.max(self.ledger + ledgers);
    }

    pub(crate) fn is_archived(&self) -> bool {
        self.live_until < self.ledger
    }
}

/// What a seller remembers.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) highest: Option<(u64, u8)>,
    pub(crate) answered: bool,
    pub(crate) lease_until: u64,
    /// The sum of the prices that were paid, with what streams have used.
    pub(crate) prices: u64,
    /// What is set aside for the stream that the highest voucher pays for.
    pub(crate) reserve: Option<u64>,
    pub(crate) closing: bool,
    pub(crate) withdrawn: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Accept,
    Resume,
    Again,
    Busy,
    Refuse,
}

impl Model {
    pub(crate) fn committed(&self) -> u64 {
        self.prices + self.reserve.unwrap_or(0)
    }

    pub(crate) fn observe(&mut self, chain: &Chain) {
        self.withdrawn = chain.withdrawn;
        self.closing |= chain.effective.is_some();
    }

    pub(crate) fn expect(&self, tried: &Try, chain: &Chain) -> Expected {
        let is_served = !self.answered && tried.now < self.lease_until;
        match self.highest {
            Some((amount, request)) if amount == tried.amount => {
                return match (request == tried.request, self.answered, is_served) {
                    (false, ..) => Expected::Refuse,
                    (true, true, _) => Expected::Again,
                    (true, false, true) => Expected::Busy,
                    (true, false, false) => Expected::Resume,
                };
            }
            _ => {}
        }
        if self.closing || chain.effective.is_some() || chain.is_archived() {
            return Expected::Refuse;
        }
        if self.reserve.is_some() && is_served {
            return Expected::Busy;
        }
        let price = u64::try_from(tried.price.least().as_u128()).unwrap();
        let highest = self.highest.map_or(0, |(amount, _)| amount);
        let pays = price > 0
            && tried.amount > highest
            && tried.amount >= self.committed() + price
            && tried.amount <= chain.deposited();
        if pays {
            Expected::Accept
        } else {
            Expected::Refuse
        }
    }

    pub(crate) fn accept(&mut self, tried: &Try, chain: &Chain) {
        self.observe(chain);
        self.prices = self.committed();
        self.reserve = None;
        match tried.price {
            Price::Once(price) => self.prices += u64::try_from(price.as_u128()).unwrap(),
            Price::PerUnit(_) => self.reserve = Some(tried.amount - self.prices),
        }
        self.highest = Some((tried.amount, tried.request));
        self.answered = false;
        self.lease_until = tried.now + LEASE;
    }

    pub(crate) fn top_up(&mut self, amount: u64, chain: &Chain) {
        self.observe(chain);
        let (_, request) = self.highest.unwrap();
        self.highest = Some((amount, request));
        self.reserve = Some(amount - self.prices);
    }

    pub(crate) fn finish(&mut self, used: u64) {
        self.prices += used;
        self.reserve = None;
        self.answered = true;
    }

    pub(crate) fn close(&mut self, chain: &Chain) {
        self.observe(chain);
        self.closing = true;
    }
}
