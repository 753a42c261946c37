//! What a payment asks of a Stellar RPC: facts in, submissions out.
