//! The buyer's side of one channel: what it has signed, what of that was taken, and what it signs next.
//!
//! A buyer goes by its own record alone. What a server says of the channel moves it only together with a voucher that its
//! own key has signed. It never signs above its caps, whatever it is told, and it signs the same amount again for the same
//! request until it knows what became of it: a lost answer costs nothing, and a server that denies to have a voucher gains
//! nothing by it.

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::VerifiedVoucher;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use crate::RequestFingerprint;

mod pending;
mod refusal;
mod stored;

pub use pending::Pending;
pub use refusal::BuyerRefusal;

/// How much a buyer signs at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// For all requests together: no voucher is above it.
    pub per_channel: BaseUnits,
    /// For one request, or at once for a stream.
    pub per_request: BaseUnits,
}

/// What a buyer wants to pay for.
#[derive(Clone, Copy, Debug)]
pub struct Purchase<'a> {
    /// Its price; of a stream, what is to be reserved.
    pub price: BaseUnits,
    /// The request.
    pub request: RequestFingerprint,
    /// Whom it goes to.
    pub host: &'a str,
    /// Whether the answer is paid for as it is produced.
    pub is_metered: bool,
}

/// What to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The cumulative amount.
    pub amount: BaseUnits,
    /// The state to write before anything is signed.
    pub next: BuyerState,
}

/// The durable state of one channel, for its buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyerState {
    network: NetworkId,
    channel: ContractId,
    acknowledged: BaseUnits,
    spent: BaseUnits,
    stream: BaseUnits,
    signed: BaseUnits,
    deposited: Option<BaseUnits>,
    pending: Option<Pending>,
}

impl BuyerState {
    /// The state of a channel from which nothing was paid yet.
    #[must_use]
    pub const fn new(network: NetworkId, channel: ContractId) -> Self {
        Self {
            network,
            channel,
            acknowledged: BaseUnits::ZERO,
            spent: BaseUnits::ZERO,
            stream: BaseUnits::ZERO,
            signed: BaseUnits::ZERO,
            deposited: None,
            pending: None,
        }
    }

    /// What to sign for a request: the same amount as before for the same request, a new one above what was acknowledged
    /// for another.
    ///
    /// # Errors
    ///
    /// [`BuyerRefusal`] when it would be above a cap or the deposit, or while it is not known what became of another
    /// request's voucher.
    pub fn next(&self, purchase: &Purchase<'_>, caps: &Caps) -> Result<Sign, BuyerRefusal> {
        if purchase.price.is_zero() {
            return Err(BuyerRefusal::NoPrice);
        }
        if purchase.price > caps.per_request {
            return Err(BuyerRefusal::AboveRequestCap {
                price: purchase.price,
                cap: caps.per_request,
            });
        }
        if let Some(pending) = &self.pending {
            let is_same = pending.request == purchase.request && pending.host == purchase.host;
            match (is_same, pending.is_taken) {
                (false, false) => return Err(BuyerRefusal::PendingElsewhere),
                (false, true) => {}
                (true, _) if purchase.price <= pending.price => {
                    self.must_be_covered(pending.amount, caps)?;
                    return Ok(Sign {
                        amount: pending.amount,
                        next: self.clone(),
                    });
                }
                (true, _) => return Err(BuyerRefusal::PriceRisen),
            }
        }
        let amount = self.amount_for(purchase.price);
        let amount = amount.ok_or(BuyerRefusal::AboveChannelCap {
            cap: caps.per_channel,
        })?;
        self.must_be_covered(amount, caps)?;
        let covers = if purchase.is_metered {
            amount.checked_sub(self.spent).unwrap_or(purchase.price)
        } else {
            purchase.price
        };
        let next = Self {
            pending: Some(Pending {
                amount,
                covers,
                price: purchase.price,
                request: purchase.request,
                host: purchase.host.to_owned(),
                is_metered: purchase.is_metered,
                is_taken: false,
            }),
            signed: self.signed.max(amount),
            ..self.clone()
        };
        Ok(Sign { amount, next })
    }

    /// The same once the answer has come for which the voucher of this amount paid.
    ///
    /// # Errors
    ///
    /// [`BuyerRefusal::NotPending`] for any other amount: a server's figure is no reason to believe it.
    pub fn acknowledge(&self, amount: BaseUnits) -> Result<Self, BuyerRefusal> {
        let pending = self
            .pending
            .as_ref()
            .filter(|pending| pending.amount == amount)
            .ok_or(BuyerRefusal::NotPending)?;
        Ok(Self {
            pending: None,
            ..self.taken(pending)
        })
    }

    /// The same after a server has proved what its highest voucher is, or has none: with it the pending one is known to be
    /// taken, or not. A higher one than ours is our own too, as our key has signed it, and all of it counts as spent.
    ///
    /// # Errors
    ///
    /// [`BuyerRefusal::AnotherChannel`] for a voucher of another channel.
    pub fn reconcile(&self, highest: Option<&VerifiedVoucher>) -> Result<Self, BuyerRefusal> {
        let proved = highest.map_or(BaseUnits::ZERO, VerifiedVoucher::amount);
        if let Some(voucher) = highest {
            let signed = voucher.commitment();
            if signed.channel != self.channel || signed.network != self.network {
                return Err(BuyerRefusal::AnotherChannel);
            }
        }
        if let Some(pending) = self.pending.as_ref().filter(|it| it.amount == proved) {
            return Ok(Self {
                pending: Some(Pending {
                    is_taken: true,
                    ..pending.clone()
                }),
                ..self.taken(pending)
            });
        }
        if proved > self.acknowledged {
            return Ok(Self {
                acknowledged: proved,
                spent: proved,
                stream: BaseUnits::ZERO,
                signed: self.signed.max(proved),
                pending: None,
                ..self.clone()
            });
        }
        Ok(Self {
            pending: self.pending.clone().filter(|pending| pending.is_taken),
            ..self.clone()
        })
    }

    /// The same when nothing can be learned of the pending voucher: it counts as taken and spent.
    #[must_use]
    pub fn give_up(&self) -> Self {
        match &self.pending {
            Some(pending) => Self {
                pending: None,
                ..self.taken(pending)
            },
            None => self.clone(),
        }
    }

    /// The same once a stream has ended in which so much was used: the rest of what was reserved pays for something else.
    #[must_use]
    pub fn stream_ended(&self, used: BaseUnits) -> Self {
        let unused = self.stream.checked_sub(used).unwrap_or(BaseUnits::ZERO);
        Self {
            spent: self.spent.checked_sub(unused).unwrap_or(self.spent),
            stream: BaseUnits::ZERO,
            ..self.clone()
        }
    }

    /// The same with what is known to be deposited: no voucher above it is of use.
    #[must_use]
    pub fn with_deposit(&self, deposited: BaseUnits) -> Self {
        Self {
            deposited: Some(deposited),
            ..self.clone()
        }
    }

    /// The amount to close the channel with: what was really spent.
    #[must_use]
    pub const fn close_amount(&self) -> BaseUnits {
        self.spent
    }

    /// The amount of the highest voucher that is known to be taken. The next one is above it.
    #[must_use]
    pub const fn acknowledged(&self) -> BaseUnits {
        self.acknowledged
    }

    /// The highest amount that was ever signed: what the channel may cost at most, whatever a server does.
    #[must_use]
    pub const fn signed(&self) -> BaseUnits {
        self.signed
    }

    /// The voucher that was signed and not answered for.
    #[must_use]
    pub const fn pending(&self) -> Option<&Pending> {
        self.pending.as_ref()
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> ContractId {
        self.channel
    }

    /// The network that it is on.
    #[must_use]
    pub const fn network(&self) -> NetworkId {
        self.network
    }

    /// What is left over from streams pays first, but an amount has to rise all the same.
    fn amount_for(&self, price: BaseUnits) -> Option<BaseUnits> {
        let rising = self.acknowledged.checked_add(BaseUnits::from_u64(1))?;
        Some(self.spent.checked_add(price)?.max(rising))
    }

    fn must_be_covered(&self, amount: BaseUnits, caps: &Caps) -> Result<(), BuyerRefusal> {
        if amount > caps.per_channel {
            return Err(BuyerRefusal::AboveChannelCap {
                cap: caps.per_channel,
            });
        }
        match self.deposited {
            Some(deposited) if amount > deposited => {
                Err(BuyerRefusal::DepositUsedUp { amount, deposited })
            }
            _ => Ok(()),
        }
    }

    /// The same with the pending voucher's money gone. What is known to be taken already is not counted twice.
    fn taken(&self, pending: &Pending) -> Self {
        if pending.amount <= self.acknowledged {
            return self.clone();
        }
        // Never too large: it is covered by the amount that was signed.
        let spent = self.spent.checked_add(pending.covers);
        let stream = self.stream.checked_add(pending.covers);
        Self {
            acknowledged: pending.amount,
            spent: spent.unwrap_or(pending.amount).min(pending.amount),
            stream: stream.filter(|_| pending.is_metered).unwrap_or_default(),
            ..self.clone()
        }
    }
}
