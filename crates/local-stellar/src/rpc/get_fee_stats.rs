//! `getFeeStats`.

use serde_json::{Value, json};

use super::{RpcContext, RpcError};
use crate::settings::BASE_FEE;

/// The ledgers that are looked at, for contract and for classic transactions.
const SOROBAN_LEDGERS: u32 = 50;
const CLASSIC_LEDGERS: u32 = 10;

pub(super) async fn call(context: &RpcContext) -> Result<Value, RpcError> {
    let (latest, soroban, classic) = context
        .engine
        .call(|engine| {
            let latest = engine.latest().sequence();
            let fees = |is_soroban: bool, ledgers: u32| -> Vec<u64> {
                engine
                    .history()
                    .transactions_from(latest.saturating_sub(ledgers.saturating_sub(1)))
                    .filter(|record| record.is_soroban == is_soroban)
                    .map(|record| record.inclusion_fee)
                    .collect()
            };
            (
                engine.reported().sequence(),
                fees(true, SOROBAN_LEDGERS),
                fees(false, CLASSIC_LEDGERS),
            )
        })
        .await?;
    Ok(json!({
        "sorobanInclusionFee": distribution(soroban, SOROBAN_LEDGERS),
        "inclusionFee": distribution(classic, CLASSIC_LEDGERS),
        "latestLedger": latest,
    }))
}

/// Percentiles of what was paid for inclusion per operation; the base fee where nothing was.
fn distribution(mut fees: Vec<u64>, ledgers: u32) -> Value {
    fees.sort_unstable();
    let count = fees.len();
    let at = |percent: usize| {
        let rank = count.saturating_mul(percent).div_ceil(100).max(1);
        fees.get(rank.saturating_sub(1))
            .copied()
            .unwrap_or(u64::from(BASE_FEE))
            .to_string()
    };
    json!({
        "max": at(100),
        "min": at(0),
        "mode": mode(&fees).to_string(),
        "p10": at(10), "p20": at(20), "p30": at(30), "p40": at(40), "p50": at(50),
        "p60": at(60), "p70": at(70), "p80": at(80), "p90": at(90), "p95": at(95), "p99": at(99),
        "transactionCount": count.to_string(),
        "ledgerCount": ledgers,
    })
}

fn mode(sorted: &[u64]) -> u64 {
    sorted
        .chunk_by(|a, b| a == b)
        .max_by_key(|run| run.len())
        .and_then(|run| run.first().copied())
        .unwrap_or(u64::from(BASE_FEE))
}
