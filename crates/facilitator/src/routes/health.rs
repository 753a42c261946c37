//! `GET /health`: whether payments can be settled now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::state::AppState;

/// The answer of `/health`, status 200 when healthy, else 503.
#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
    network: String,
    rpc: Rpc,
    store: Part,
    sponsors: Sponsors,
    settlements_in_flight: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rpc {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_ledger: Option<u32>,
}

#[derive(Serialize)]
struct Part {
    status: &'static str,
}

/// Summarised: what each account has is for `/metrics`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sponsors {
    status: &'static str,
    accounts: usize,
    free: usize,
    can_pay: usize,
}

pub(crate) async fn health(State(state): State<AppState>) -> (StatusCode, Json<Health>) {
    let status = state.0.status().await;
    let can_pay = status
        .sponsors
        .iter()
        .filter(|sponsor| sponsor.can_pay)
        .count();
    let health = Health {
        status: word(status.is_healthy()),
        network: state.0.facilitator.network().to_string(),
        rpc: Rpc {
            status: word(status.ledger.is_ok()),
            latest_ledger: status.ledger.as_ref().ok().map(|latest| latest.sequence),
        },
        store: Part {
            status: word(status.store.is_ok()),
        },
        sponsors: Sponsors {
            status: word(can_pay > 0),
            accounts: status.sponsors.len(),
            free: status.free_sponsors,
            can_pay,
        },
        settlements_in_flight: state.0.facilitator.in_flight(),
    };
    let code = if status.is_healthy() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(health))
}

fn word(well: bool) -> &'static str {
    if well { "ok" } else { "failing" }
}
