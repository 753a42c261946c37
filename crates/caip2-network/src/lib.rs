//! CAIP-2 chain ids and patterns, and the Stellar networks with their passphrases and ids.
