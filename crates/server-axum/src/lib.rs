//! Paid routes for axum.
