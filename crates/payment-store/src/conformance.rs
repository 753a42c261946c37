//! The kit that every implementation of [`PaymentStore`] must pass.
//!
//! ```
//! use std::sync::Arc;
//! use coinslot_payment_store::{MemoryStore, PaymentStore, conformance};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! conformance::check(async || Arc::new(MemoryStore::new()) as Arc<dyn PaymentStore>).await;
//! # });
//! ```
//!
//! Run it on a runtime with several threads, so that its races are races. Each check panics with
//! what it expected.

mod aliases;
mod claims;
mod durability;
mod races;
mod records;
mod scans;

use std::sync::Arc;

use crate::{
    Claim, ClaimKey, ClaimOutcome, ClaimState, ClaimUpdate, PaymentId, PaymentStore, UnixMillis,
};

/// Checks an implementation. `make` opens an empty store at every call.
///
/// # Panics
/// When the implementation does not do what [`PaymentStore`] says.
pub async fn check(make: impl AsyncFn() -> Arc<dyn PaymentStore>) {
    claims::a_claim_is_made_once(&*make().await).await;
    claims::scopes_are_apart(&*make().await).await;
    claims::an_update_moves_a_claim(&*make().await).await;
    claims::a_stale_update_changes_nothing(&*make().await).await;
    claims::a_settled_claim_stays_settled(&*make().await).await;
    claims::a_failed_claim_may_settle(&*make().await).await;
    claims::only_a_claimed_claim_is_released(&*make().await).await;
    claims::versions_are_never_given_twice(&*make().await).await;
    claims::leases_are_data(&*make().await).await;
    claims::long_values_are_refused(&*make().await).await;
    aliases::a_claim_is_found_by_its_aliases(&*make().await).await;
    aliases::an_alias_of_another_claim_is_a_conflict(&*make().await).await;
    aliases::a_refused_alias_changes_nothing(&*make().await).await;
    aliases::aliases_go_with_their_claim(&*make().await).await;
    aliases::aliases_of_one_scope_do_not_show_in_another(&*make().await).await;
    scans::pending_comes_in_pages(&*make().await).await;
    scans::purge_takes_only_what_is_finished(&*make().await).await;
    records::compare_and_set(&*make().await).await;
    records::removal(&*make().await).await;
    records::records_come_in_pages(&*make().await).await;
    races::one_of_many_claims_wins(&make().await).await;
    races::one_of_many_updates_wins(&make().await).await;
    races::one_of_two_claims_gets_an_alias(&make().await).await;
    races::no_increment_is_lost(&make().await).await;
    races::a_payment_is_claimed_once_through_all_its_doors(&make().await).await;
    make()
        .await
        .ping()
        .await
        .expect("an open store answers a ping");
}

/// Checks that what a store answered survives its being dropped. `reopen` opens the **same** store
/// at every call; it is empty at the first.
///
/// # Panics
/// When something is missing or different after a reopening.
pub async fn check_durable(reopen: impl AsyncFn() -> Arc<dyn PaymentStore>) {
    durability::everything_survives_reopening(&reopen).await;
    durability::versions_go_on_after_reopening(&reopen).await;
}

const NOW: UnixMillis = UnixMillis::new(1_750_000_000_000);
const LEASE: UnixMillis = UnixMillis::new(1_750_000_030_000);

fn payment(name: &str) -> PaymentId {
    format!("test:{name}")
        .parse()
        .expect("a name in visible ASCII")
}

fn key(name: &str) -> ClaimKey {
    ClaimKey::settlement(payment(name))
}

async fn new_claim(store: &dyn PaymentStore, key: &ClaimKey) -> Claim {
    match store
        .claim(key, b"new", NOW, LEASE)
        .await
        .expect("a claim is answered")
    {
        ClaimOutcome::New(claim) => claim,
        ClaimOutcome::Existing(claim) => panic!("{key} should be free, and is {claim:?}"),
    }
}

async fn moved(store: &dyn PaymentStore, claim: &Claim, state: ClaimState) -> Claim {
    store
        .update(claim, ClaimUpdate::of(claim, state, NOW))
        .await
        .expect("an update of the newest version is taken")
}

async fn loaded(store: &dyn PaymentStore, key: &ClaimKey) -> Option<Claim> {
    store.load(key).await.expect("a load is answered")
}
