//! The x402 facilitator as a trait, and a client of a remote one.
