#![doc = include_str!("../README.md")]

mod access;
mod app;
pub mod config;
mod failure;
mod metrics;
mod request_id;
mod routes;
mod server;
mod state;

pub use access::{AccessLimits, ApiKey, MAX_API_KEY_BYTES, MIN_API_KEY_BYTES, ParseApiKeyError};
pub use app::router;
pub use config::FacilitatorConfig;
pub use metrics::Metrics;
pub use server::{Server, StartError, serve};
pub use state::AppState;
