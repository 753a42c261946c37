//! `getFeeStats`.

use serde::Deserialize;

use super::answer::{Number, bad_member};
use super::endpoints::Endpoints;
use crate::{FeeStats, LedgerError};

const METHOD: &str = "getFeeStats";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    soroban_inclusion_fee: Distribution,
}

#[derive(Deserialize)]
struct Distribution {
    p50: Number,
    p90: Number,
    p95: Number,
    p99: Number,
    max: Number,
}

pub(super) async fn fee_stats(endpoints: &Endpoints) -> Result<FeeStats, LedgerError> {
    let Answer {
        soroban_inclusion_fee: fee,
    } = endpoints.call(METHOD, ()).await?;
    let read = |number: Number| {
        number
            .read()
            .ok_or_else(|| bad_member(METHOD, "sorobanInclusionFee"))
    };
    Ok(FeeStats {
        p50: read(fee.p50)?,
        p90: read(fee.p90)?,
        p95: read(fee.p95)?,
        p99: read(fee.p99)?,
        max: read(fee.max)?,
    })
}
