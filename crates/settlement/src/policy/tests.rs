use super::*;

fn stats(p50: u64, p90: u64, p95: u64, p99: u64) -> FeeStats {
    FeeStats {
        p50,
        p90,
        p95,
        p99,
        max: p99,
    }
}

#[test]
fn follows_its_percentile_between_floor_and_ceiling() {
    let policy = |inclusion_percentile| FeePolicy {
        inclusion_percentile,
        ..FeePolicy::default()
    };
    let stats = stats(150, 300, 5_000, 2_000_000);
    assert_eq!(policy(InclusionPercentile::P50).inclusion_bid(&stats), 150);
    assert_eq!(policy(InclusionPercentile::P90).inclusion_bid(&stats), 300);
    assert_eq!(
        policy(InclusionPercentile::P95).inclusion_bid(&stats),
        5_000
    );
    assert_eq!(
        policy(InclusionPercentile::P99).inclusion_bid(&stats),
        10_000
    );
}

#[test]
fn bids_the_floor_when_nobody_paid_anything() {
    assert_eq!(FeePolicy::default().inclusion_bid(&stats(0, 0, 0, 0)), 100);
}

#[test]
fn raises_tenfold_up_to_the_ceiling() {
    let policy = FeePolicy::default();
    assert_eq!(policy.next_bid(100), Some(1_000));
    assert_eq!(policy.next_bid(1_000), Some(10_000));
    assert_eq!(policy.next_bid(9_999), Some(10_000));
    assert_eq!(policy.next_bid(10_000), None);
    assert_eq!(policy.next_bid(u64::MAX), None);
}

#[test]
fn a_policy_that_cannot_work_is_found() {
    let good = FeePolicy::default();
    assert_eq!(good.fault(), None);
    let faults = [
        (
            FeePolicy {
                inclusion_floor_stroops: 99,
                ..good
            },
            FeePolicyFault::FloorBelowNetworkMinimum,
        ),
        (
            FeePolicy {
                inclusion_ceiling_stroops: 99,
                ..good
            },
            FeePolicyFault::CeilingBelowFloor,
        ),
        (
            FeePolicy {
                max_fee_stroops: 100,
                ..good
            },
            FeePolicyFault::MaximumBelowFloor,
        ),
        (
            FeePolicy {
                max_fee_stroops: 1 << 32,
                ..good
            },
            FeePolicyFault::MaximumTooLarge,
        ),
    ];
    for (policy, fault) in faults {
        assert_eq!(policy.fault(), Some(fault));
    }
}
