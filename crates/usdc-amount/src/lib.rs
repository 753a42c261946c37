//! Token amounts in base units, price strings and the USDC deployments on Stellar, Base and Solana.
