//! What the facilitator supports, as far as a gate needs to know.

use std::collections::BTreeMap;

use coinslot_caip2_network::{ChainId, ChainIdRef};
use coinslot_facilitator_api::IDEMPOTENT_SETTLEMENT;
use coinslot_x402_exact_stellar::SCHEME;
use coinslot_x402_wire::SupportedResponse;
use serde_json::{Map, Value};

/// The kinds of payment that the facilitator settles.
#[derive(Clone, Debug)]
pub(crate) struct Kinds {
    exact: BTreeMap<ChainId, ExactKind>,
    /// Whether settling a payment again answers the first outcome.
    pub(crate) idempotent_settlement: bool,
}

/// The scheme `exact` on one network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExactKind {
    are_fees_sponsored: bool,
}

impl Kinds {
    pub(crate) fn of(supported: &SupportedResponse) -> Self {
        let exact = supported
            .kinds
            .iter()
            .filter(|kind| kind.scheme == SCHEME)
            .map(|kind| {
                let sponsored = kind
                    .extra
                    .as_ref()
                    .and_then(|extra| extra.get(ARE_FEES_SPONSORED));
                let are_fees_sponsored = sponsored.and_then(Value::as_bool).unwrap_or(true);
                (kind.network.clone(), ExactKind { are_fees_sponsored })
            })
            .collect();
        let idempotent_settlement = supported
            .extensions
            .iter()
            .any(|extension| extension == IDEMPOTENT_SETTLEMENT);
        Self {
            exact,
            idempotent_settlement,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty()
    }

    pub(crate) fn exact_on(&self, network: ChainIdRef<'_>) -> Option<ExactKind> {
        self.exact
            .iter()
            .find(|(chain, _)| chain.as_ref() == network)
            .map(|(_, kind)| *kind)
    }
}

impl ExactKind {
    /// What a requirement of this kind says in `extra`.
    pub(crate) fn extra(self) -> Map<String, Value> {
        Map::from_iter([(
            ARE_FEES_SPONSORED.to_owned(),
            Value::Bool(self.are_fees_sponsored),
        )])
    }
}

const ARE_FEES_SPONSORED: &str = "areFeesSponsored";
