use coinslot_payment_store::MemoryStore;
use proptest::prelude::*;

use super::*;
use crate::amount::Unit;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn units(units: u64) -> BaseUnits {
    BaseUnits::from_u64(units)
}

fn caps(per_payment: u64, per_host_per_day: u64, per_day: u64) -> AssetCaps {
    AssetCaps {
        per_payment: units(per_payment),
        per_host_per_day: units(per_host_per_day),
        per_day: units(per_day),
    }
}

fn at(millis: i64) -> UnixMillis {
    UnixMillis::new(1_800_000_000_000 + millis)
}

#[tokio::test]
async fn a_release_frees_what_was_reserved_and_nothing_else() {
    let spending = Spending::new(Arc::new(MemoryStore::new()));
    let caps = caps(5, 10, 10);
    let five = Unit::Usdc.amount(units(5));
    let first = spending
        .reserve("account", "a", five, &caps, at(0))
        .await
        .unwrap();
    let second = spending
        .reserve("account", "a", five, &caps, at(1))
        .await
        .unwrap();
    assert!(matches!(
        spending.reserve("account", "a", five, &caps, at(2)).await,
        Err(ReserveError::OverCap(_))
    ));
    spending.release(&first, at(3)).await.unwrap();
    assert_eq!(
        spending.spent("account", "a", at(3)).await.unwrap().per_day,
        units(5)
    );
    spending.release(&second, at(DAY * 2)).await.unwrap();
    assert_eq!(
        spending.spent("account", "a", at(DAY * 2)).await.unwrap(),
        Spent::NOTHING
    );
    assert_eq!(
        spending.spent("other account", "a", at(3)).await.unwrap(),
        Spent::NOTHING
    );
}

#[test]
fn each_cap_allows_its_limit_and_not_one_more() {
    let caps = caps(5, 10, 20);
    let spent = |per_host_per_day, per_day| Spent {
        per_day: units(per_day),
        per_host_per_day: units(per_host_per_day),
    };
    let wanted = |wanted| Unit::Usdc.amount(units(wanted));
    assert_eq!(caps.allow(wanted(5), spent(5, 15)), Ok(()));
    assert_eq!(
        caps.allow(wanted(6), spent(0, 0)).unwrap_err().cap,
        Cap::PerPayment
    );
    assert_eq!(
        caps.allow(wanted(5), spent(6, 6)).unwrap_err().cap,
        Cap::PerHostPerDay
    );
    assert_eq!(
        caps.allow(wanted(5), spent(5, 16)).unwrap_err().cap,
        Cap::PerDay
    );
    let everything = Spent {
        per_day: BaseUnits::MAX,
        per_host_per_day: BaseUnits::MAX,
    };
    assert_eq!(
        caps.allow(wanted(1), everything).unwrap_err().cap,
        Cap::PerHostPerDay
    );
}

#[tokio::test]
async fn what_is_reserved_counts_for_a_day_whenever_in_its_step_that_was() {
    for offset in [0, 1, STEP_MILLIS / 2, STEP_MILLIS - 1] {
        let spending = Spending::new(Arc::new(MemoryStore::new()));
        let five = Unit::Usdc.amount(units(5));
        spending
            .reserve("account", "a", five, &caps(5, 5, 5), at(offset))
            .await
            .unwrap();
        let spent = async |millis| {
            spending
                .spent("account", "a", at(millis))
                .await
                .unwrap()
                .per_day
        };
        assert_eq!(spent(offset + DAY - 1).await, units(5), "{offset}");
        assert_eq!(
            spent(offset + DAY + STEP_MILLIS).await,
            BaseUnits::ZERO,
            "{offset}"
        );
    }
}

#[tokio::test]
async fn a_damaged_record_stops_every_payment() {
    let store: Arc<dyn PaymentStore> = Arc::new(MemoryStore::new());
    store
        .put_record(COLLECTION, "account", None, b"{\"steps\":{},\"more\":1}")
        .await
        .unwrap();
    let spending = Spending::new(store);
    let result = spending
        .reserve(
            "account",
            "a",
            Unit::Usdc.amount(units(1)),
            &caps(5, 5, 5),
            at(0),
        )
        .await;
    assert!(
        matches!(result, Err(ReserveError::Damaged(_))),
        "{result:?}"
    );
}

#[derive(Clone, Debug)]
enum Step {
    Reserve { host: bool, amount: u64 },
    Release { which: usize },
    Wait { minutes: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 1..8u64).prop_map(|(host, amount)| Step::Reserve { host, amount }),
        1 => any::<usize>().prop_map(|which| Step::Release { which }),
        3 => (0..700i64).prop_map(|minutes| Step::Wait { minutes }),
    ]
}

proptest! {
    /// No 24 hours hold more than a cap, and nothing is refused that a window of 24 hours and one step would allow.
    #[test]
    fn a_rolling_window_is_safe_and_not_much_longer(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let spending = Spending::new(Arc::new(MemoryStore::new()));
            let caps = caps(6, 12, 20);
            let mut now = 0;
            let mut kept: Vec<(i64, Reservation)> = Vec::new();
            for step in steps {
                match step {
                    Step::Wait { minutes } => now += minutes * 60_000,
                    Step::Release { which } if !kept.is_empty() => {
                        let (_, reservation) = kept.remove(which % kept.len());
                        spending.release(&reservation, at(now)).await.unwrap();
                    }
                    Step::Release { .. } => {}
                    Step::Reserve { host, amount } => {
                        let host = if host { "a" } else { "b" };
                        let within = |window: i64| {
                            let recent = kept.iter().filter(|(time, _)| now - time < window);
                            let sum = |only: Option<&str>| -> u128 {
                                let counted = recent.clone().filter(|(_, it)| only.is_none_or(|host| it.host == host));
                                counted.map(|(_, it)| it.amount.as_u128()).sum::<u128>() + u128::from(amount)
                            };
                            amount <= 6 && sum(Some(host)) <= 12 && sum(None) <= 20
                        };
                        let (safe, fair) = (within(DAY), within(DAY + STEP_MILLIS));
                        match spending.reserve("account", host, Unit::Usdc.amount(units(amount)), &caps, at(now)).await {
                            Ok(reservation) => {
                                assert!(safe, "a cap was broken");
                                kept.push((now, reservation));
                            }
                            Err(error) => assert!(!fair, "{error}"),
                        }
                    }
                }
            }
        });
    }
}
