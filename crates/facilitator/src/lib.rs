//! A self-hosted x402 facilitator for Stellar.
