//! The issuers of a route's challenges, one for each channel that was seen lately.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use coinslot_mpp_wire::{EncodedRequest, Issuer};
use coinslot_stellar_address::ContractId;

/// Issuers by their channel and by what they ask for. Strangers decide how many channels there are,
/// so that their number is bounded: at the limit all are forgotten.
#[derive(Default)]
pub(crate) struct Issuers(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    by_channel: HashMap<ContractId, Arc<Issuer>>,
    by_request: HashMap<Box<str>, ContractId>,
}

impl Issuers {
    pub(super) fn of_channel(
        &self,
        channel: &ContractId,
        make: impl FnOnce() -> Option<Issuer>,
    ) -> Option<Arc<Issuer>> {
        {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(issuer) = kept.by_channel.get(channel) {
                return Some(Arc::clone(issuer));
            }
        }
        let issuer = Arc::new(make()?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.by_channel.len() >= MOST {
            *kept = Kept::default();
        }
        let request = issuer.terms().request().as_str();
        kept.by_request.insert(request.into(), *channel);
        kept.by_channel.insert(*channel, Arc::clone(&issuer));
        Some(issuer)
    }

    pub(super) fn of_request(&self, request: &EncodedRequest) -> Option<(ContractId, Arc<Issuer>)> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let channel = kept.by_request.get(request.as_str())?;
        Some((*channel, Arc::clone(kept.by_channel.get(channel)?)))
    }
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Issuers")
    }
}

const MOST: usize = 4096;
