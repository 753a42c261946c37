//! An embedded local Stellar network on the real Soroban host.
