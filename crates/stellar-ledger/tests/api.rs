//! What the types promise to those who hold them.

use std::fmt::Debug;
use std::sync::Arc;

use coinslot_stellar_ledger::{
    AccountFacts, EventPage, EventsFrom, FeeStats, LandedEvent, LandedTransfer, LatestLedger,
    Ledger, LedgerEntries, LedgerEntry, LedgerError, Malformation, MalformedAnswer, MissingRange,
    ResultCode, Simulation, Submission, TransactionStatus, TrustlineFacts, UnavailableReason,
};

fn value<T: Clone + Debug + Send + Sync + 'static>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}
fn shared<T: Send + Sync + 'static>() {}

#[test]
fn traits() {
    value::<AccountFacts>();
    value::<EventPage>();
    value::<EventsFrom>();
    value::<FeeStats>();
    value::<LandedEvent>();
    value::<LedgerEntries>();
    value::<LedgerEntry>();
    value::<LandedTransfer>();
    value::<LatestLedger>();
    value::<ResultCode>();
    value::<Simulation>();
    value::<Submission>();
    value::<TransactionStatus>();
    value::<TrustlineFacts>();
    error::<LedgerError>();
    error::<MalformedAnswer>();
    error::<MissingRange>();
    shared::<Arc<dyn Ledger>>();
}

#[test]
fn an_entry_is_live_up_to_its_last_ledger() {
    let entry = |live_until_ledger| LedgerEntry {
        data: Vec::new(),
        live_until_ledger,
    };
    assert!(entry(Some(7)).is_live_at(7));
    assert!(!entry(Some(7)).is_live_at(8));
    assert!(entry(None).is_live_at(u32::MAX));
}

#[cfg(feature = "rpc")]
#[test]
fn traits_of_the_rpc_client() {
    use coinslot_stellar_ledger::{RpcConfigError, RpcLedger, RpcOptions};
    fn ledger<T: Ledger + Debug>() {}
    ledger::<RpcLedger>();
    value::<RpcOptions>();
    error::<RpcConfigError>();
}

#[test]
fn outages_are_told_from_refusals() {
    let refused = |code| LedgerError::RpcError {
        code,
        message: String::new(),
    };
    assert!(!refused(-32602).is_outage());
    assert!(refused(-32603).is_outage(), "the node's own failure");
    assert!(LedgerError::unavailable(UnavailableReason::TimedOut).is_outage());
    let malformed = MalformedAnswer {
        method: "getHealth",
        what: Malformation::Json,
    };
    assert!(LedgerError::from(malformed).is_outage());
    assert!(
        LedgerError::from(MissingRange {
            asked: 1,
            oldest: 2,
            latest: 3
        })
        .is_outage()
    );
}
