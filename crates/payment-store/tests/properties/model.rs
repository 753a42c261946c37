//! What a store does, as simply as it can be said: lists that are searched from end to end.

use coinslot_payment_store::{Claim, ClaimState, Scope, UnixMillis};

#[derive(Default)]
pub(crate) struct Model {
    claims: Vec<Known>,
    records: Vec<(u8, Vec<u8>)>,
}

pub(crate) struct Known {
    scope: Scope,
    /// The id it was claimed by, then its aliases.
    names: Vec<u8>,
    state: ClaimState,
    detail: Vec<u8>,
    claimed_at: UnixMillis,
    updated_at: UnixMillis,
}

impl Model {
    fn position(&self, scope: Scope, name: u8) -> Option<usize> {
        self.claims
            .iter()
            .position(|claim| claim.scope == scope && claim.names.contains(&name))
    }

    pub(crate) fn find(&self, scope: Scope, name: u8) -> Option<&Known> {
        self.position(scope, name)
            .map(|position| &self.claims[position])
    }

    pub(crate) fn assert_is(&self, claim: &Claim, scope: Scope, name: u8) {
        let known = self
            .find(scope, name)
            .expect("the store has a claim, and the model has none");
        assert_eq!(claim.key.scope, scope);
        assert_eq!(
            claim.key.payment.as_str(),
            format!("test:{}", known.names[0])
        );
        assert_eq!(claim.state, known.state);
        assert_eq!(claim.detail, known.detail);
        assert_eq!(claim.claimed_at, known.claimed_at);
        assert_eq!(claim.updated_at, known.updated_at);
    }

    pub(crate) fn claim(&mut self, scope: Scope, name: u8, now: UnixMillis) -> bool {
        let new = self.find(scope, name).is_none();
        if new {
            self.claims.push(Known {
                scope,
                names: vec![name],
                state: ClaimState::Claimed,
                detail: b"d".to_vec(),
                claimed_at: now,
                updated_at: now,
            });
        }
        new
    }

    pub(crate) fn update(
        &mut self,
        scope: Scope,
        name: u8,
        stale: bool,
        state: ClaimState,
        aliases: &[u8],
        now: UnixMillis,
    ) -> &'static str {
        let Some(position) = self.position(scope, name).filter(|_| !stale) else {
            return "conflict";
        };
        if self.claims[position].state == ClaimState::Settled && state != ClaimState::Settled {
            return "settled is final";
        }
        for alias in aliases {
            if self
                .position(scope, *alias)
                .is_some_and(|holder| holder != position)
            {
                return "alias taken";
            }
        }
        let claim = &mut self.claims[position];
        claim.names.extend(aliases);
        claim.state = state;
        claim.detail = vec![name];
        claim.updated_at = now;
        "done"
    }

    pub(crate) fn release(&mut self, scope: Scope, name: u8, stale: bool) -> &'static str {
        let Some(position) = self.position(scope, name).filter(|_| !stale) else {
            return "conflict";
        };
        if self.claims[position].state != ClaimState::Claimed {
            return "not releasable";
        }
        self.claims.remove(position);
        "done"
    }

    pub(crate) fn pending(&self, scope: Scope, after: Option<u8>, limit: usize) -> Vec<u8> {
        let mut names: Vec<u8> = self
            .claims
            .iter()
            .filter(|claim| claim.scope == scope)
            .filter(|claim| matches!(claim.state, ClaimState::Claimed | ClaimState::Pending))
            .map(|claim| claim.names[0])
            .filter(|name| after.is_none_or(|after| *name > after))
            .collect();
        names.sort_unstable();
        names.truncate(limit);
        names
    }

    pub(crate) fn purge(&mut self, scope: Scope, before: UnixMillis) -> u64 {
        let count = self.claims.len();
        self.claims.retain(|claim| {
            claim.scope != scope
                || matches!(claim.state, ClaimState::Claimed | ClaimState::Pending)
                || claim.updated_at >= before
        });
        u64::try_from(count - self.claims.len()).unwrap()
    }

    pub(crate) fn put(&mut self, name: u8, stale: bool, value: Vec<u8>) -> &'static str {
        match self.records.iter_mut().find(|(known, _)| *known == name) {
            Some(_) if stale => return "record conflict",
            Some((_, current)) => *current = value,
            None => self.records.push((name, value)),
        }
        "done"
    }

    pub(crate) fn remove(&mut self, name: u8, stale: bool) -> &'static str {
        let count = self.records.len();
        self.records.retain(|(known, _)| stale || *known != name);
        if self.records.len() < count {
            "done"
        } else {
            "record conflict"
        }
    }

    pub(crate) fn scan(&self, after: Option<u8>, limit: usize) -> Vec<(String, Vec<u8>)> {
        let mut found: Vec<(String, Vec<u8>)> = self
            .records
            .iter()
            .filter(|(name, _)| after.is_none_or(|after| *name > after))
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        found.sort();
        found.truncate(limit);
        found
    }
}
