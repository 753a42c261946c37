//! The messages, headers and facilitator bodies of x402 version 2.
