use std::time::Duration;

use coinslot_payment_store::MemoryStore;

use super::*;

const START: UnixMillis = UnixMillis::new(1_800_000_000_000);

fn budget(per_payer: u64, total: u64) -> Arc<Budget> {
    on(Arc::new(MemoryStore::default()), per_payer, total)
}

fn on(store: Arc<dyn PaymentStore>, per_payer: u64, total: u64) -> Arc<Budget> {
    let limits = SponsorBudget {
        per_payer_per_day_stroops: per_payer,
        total_per_day_stroops: total,
    };
    Arc::new(Budget::new(store, limits))
}

async fn reserve(
    budget: &Budget,
    payer: &str,
    stroops: u64,
    now: UnixMillis,
) -> Result<Reservation, BudgetLimit> {
    let mut reservation = Reservation::default();
    match budget
        .reserve(Some(payer), stroops, now, &mut reservation)
        .await
    {
        Ok(()) => Ok(reservation),
        Err(ReserveError::Exceeded(limit)) => Err(limit),
        Err(ReserveError::Store(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn one_payer_cannot_spend_the_budget_of_all() {
    let budget = budget(100, 150);
    reserve(&budget, "a", 100, START).await.unwrap();
    assert_eq!(
        reserve(&budget, "a", 1, START).await,
        Err(BudgetLimit::PerPayer)
    );
    reserve(&budget, "b", 50, START).await.unwrap();
    assert_eq!(
        reserve(&budget, "c", 1, START).await,
        Err(BudgetLimit::Total)
    );
    assert_eq!(budget.spent(START).await.unwrap(), 150);
}

#[tokio::test]
async fn a_refused_total_costs_the_payer_nothing() {
    let budget = budget(100, 10);
    assert_eq!(
        reserve(&budget, "a", 11, START).await,
        Err(BudgetLimit::Total)
    );
    let (_, window) = budget.load(PAYERS, "a").await.unwrap();
    assert_eq!(window.spent(hour_of(START)), 0);
}

#[tokio::test]
async fn spending_counts_for_a_day_at_least() {
    let budget = budget(100, 100);
    reserve(&budget, "a", 100, START).await.unwrap();
    let day = START.saturating_add(Duration::from_secs(24 * 3600));
    let almost = day.saturating_sub(Duration::from_millis(1));
    assert!(reserve(&budget, "a", 1, almost).await.is_err());
    let later = day.saturating_add(Duration::from_secs(3600));
    reserve(&budget, "a", 100, later).await.unwrap();
}

#[tokio::test]
async fn what_was_not_charged_is_given_back() {
    let budget = budget(100, 100);
    let mut reservation = reserve(&budget, "a", 60, START).await.unwrap();
    let later = START.saturating_add(Duration::from_secs(2 * 3600));
    budget
        .reserve(Some("a"), 40, later, &mut reservation)
        .await
        .unwrap();
    assert_eq!(reservation.stroops(), 100);
    budget.give_back(Some("a"), &reservation, 25).await.unwrap();
    assert_eq!(budget.spent(later).await.unwrap(), 25);
    // What is left counts from the later hour on.
    let morrow = START.saturating_add(Duration::from_secs(25 * 3600));
    assert_eq!(budget.spent(morrow).await.unwrap(), 25);
}

#[tokio::test]
async fn a_charge_above_the_reservation_gives_nothing_back() {
    let budget = budget(100, 100);
    let reservation = reserve(&budget, "a", 60, START).await.unwrap();
    budget.give_back(Some("a"), &reservation, 61).await.unwrap();
    assert_eq!(budget.spent(START).await.unwrap(), 60);
}

#[tokio::test]
async fn a_check_reserves_nothing() {
    let budget = budget(100, 100);
    for _ in 0..3 {
        budget.check("a", 100, START).await.unwrap();
    }
    assert!(matches!(
        budget.check("a", 101, START).await,
        Err(ReserveError::Exceeded(BudgetLimit::PerPayer))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_never_overspend_together() {
    let store: Arc<dyn PaymentStore> = Arc::new(MemoryStore::default());
    let processes = [on(Arc::clone(&store), 1000, 50), on(store, 1000, 50)];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..64 {
        let budget = Arc::clone(&processes[number % 2]);
        let payer = format!("payer {}", number % 8);
        tasks.spawn(async move { reserve(&budget, &payer, 3, START).await.is_ok() });
    }
    let granted = tasks
        .join_all()
        .await
        .into_iter()
        .filter(|granted| *granted)
        .count();
    assert_eq!(granted, 16, "50 stroops are room for 16 times 3");
    assert_eq!(processes[0].spent(START).await.unwrap(), 48);
}

#[test]
fn windows_are_stored_as_json() {
    let mut window = Window::default();
    window.add(486_183, 43_800);
    window.add(486_184, 7);
    assert_eq!(window.to_bytes(), br#"{"486183":43800,"486184":7}"#);
    assert_eq!(Window::from_bytes(&window.to_bytes()).unwrap(), window);
}

#[tokio::test]
async fn calls_of_our_own_count_against_the_total_alone() {
    let budget = budget(10, 100);
    let mut own = Reservation::default();
    budget.reserve(None, 90, START, &mut own).await.unwrap();
    assert_eq!(budget.spent(START).await.unwrap(), 90);
    let mut more = Reservation::default();
    assert!(matches!(
        budget.reserve(None, 11, START, &mut more).await,
        Err(ReserveError::Exceeded(BudgetLimit::Total))
    ));
    assert_eq!(more, Reservation::default());
    budget.give_back(None, &own, 30).await.unwrap();
    assert_eq!(budget.spent(START).await.unwrap(), 30);
}
