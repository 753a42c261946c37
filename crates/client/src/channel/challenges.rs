//! Challenges that can be answered again: until it expires, one is good for any number of vouchers, so that a request of
//! the same method and address is paid with its first send.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use coinslot_payment_store::UnixMillis;
use coinslot_stellar_address::ContractId;

use super::own::OwnChannel;
use crate::offer::{Offer, Plan};
use crate::payable::Payable;

/// The challenges of this process.
#[derive(Default)]
pub(crate) struct Challenges(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    offers: HashMap<Place, Arc<Offer>>,
    /// Origins whose challenges are good for one voucher only.
    burning: HashSet<String>,
}

#[derive(PartialEq, Eq, Hash)]
struct Place {
    channel: ContractId,
    method: String,
    url: String,
}

impl Place {
    fn of(channel: &OwnChannel, payable: &Payable) -> Self {
        let mut url = payable.request.url().clone();
        url.set_fragment(None);
        Self {
            channel: channel.id,
            method: payable.request.method().to_string(),
            url: url.into(),
        }
    }
}

impl Challenges {
    /// An offer that can be taken once more.
    pub(crate) fn find(
        &self,
        channel: &OwnChannel,
        payable: &Payable,
        now: UnixMillis,
    ) -> Option<Offer> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let offer = kept.offers.get(&Place::of(channel, payable))?;
        can_be_taken_again(offer, payable, now).then(|| Offer::clone(offer))
    }

    /// Keeps an offer that was taken, unless the server is known to take no challenge twice.
    pub(crate) fn keep(
        &self,
        channel: &OwnChannel,
        payable: &Payable,
        offer: &Offer,
        now: UnixMillis,
    ) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.burning.contains(&origin(payable)) && can_be_taken_again(offer, payable, now) {
            if kept.offers.len() >= MOST {
                kept.offers.clear();
            }
            kept.offers
                .insert(Place::of(channel, payable), Arc::new(offer.clone()));
        }
    }

    pub(crate) fn forget(&self, channel: &OwnChannel, payable: &Payable) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.offers.remove(&Place::of(channel, payable));
    }

    /// The server takes each challenge once: none of its challenges is tried again.
    pub(crate) fn burn(&self, payable: &Payable) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.burning.len() >= MOST {
            kept.burning.clear();
        }
        kept.burning.insert(origin(payable));
    }
}

fn can_be_taken_again(offer: &Offer, payable: &Payable, now: UnixMillis) -> bool {
    let Plan::Voucher(plan) = &offer.plan else {
        return false;
    };
    let soon = now.as_seconds().saturating_add(MARGIN_SECONDS);
    let challenge = &plan.challenge;
    let is_for_body = challenge
        .digest()
        .is_none_or(|digest| digest.is_of(payable.body()));
    challenge.expires().is_some() && soon < plan.expires && is_for_body
}

fn origin(payable: &Payable) -> String {
    payable.request.url().origin().ascii_serialization()
}

const MOST: usize = 4096;
/// Not so near to its end that it may be over when it arrives.
const MARGIN_SECONDS: u64 = 5;
