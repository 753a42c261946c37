//! The x402 scheme `exact` on Stellar as pure functions.
