//! Where Circle's USDC is deployed, and with how many decimals.
//!
//! On Stellar the asset has two addresses: payments name its contract (`C…`), trustlines name its issuer (`G…`).

use crate::decimals::Decimals;

/// USDC on one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsdcDeployment {
    /// The chain's CAIP-2 id.
    pub chain: &'static str,
    /// What a payment names: the Stellar Asset Contract (`C…`), the token contract (`0x…`), the mint.
    pub contract: &'static str,
    /// The issuer (`G…`) that a trustline names, on Stellar only.
    pub issuer: Option<&'static str>,
    /// The decimals of the token there.
    pub decimals: Decimals,
}

/// USDC on this chain, if it is known there. The id is matched exactly.
///
/// ```
/// use coinslot_usdc_amount::usdc_on;
/// assert!(usdc_on("stellar:pubnet").is_some_and(|usdc| usdc.contract.starts_with('C')));
/// assert!(usdc_on("stellar:futurenet").is_none());
/// ```
#[must_use]
pub fn usdc_on(chain: &str) -> Option<&'static UsdcDeployment> {
    USDC_DEPLOYMENTS.iter().find(|usdc| usdc.chain == chain)
}

/// Every deployment that is known.
pub static USDC_DEPLOYMENTS: &[UsdcDeployment] = &[
    UsdcDeployment {
        chain: "stellar:pubnet",
        contract: "CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75",
        issuer: Some("GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN"),
        decimals: Decimals::USDC_STELLAR,
    },
    UsdcDeployment {
        chain: "stellar:testnet",
        contract: "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA",
        issuer: Some("GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5"),
        decimals: Decimals::USDC_STELLAR,
    },
    UsdcDeployment {
        chain: "eip155:8453",
        contract: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
        issuer: None,
        decimals: Decimals::USDC_EVM,
    },
    UsdcDeployment {
        chain: "eip155:84532",
        contract: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        issuer: None,
        decimals: Decimals::USDC_EVM,
    },
    UsdcDeployment {
        chain: "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
        contract: "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v",
        issuer: None,
        decimals: Decimals::USDC_SOLANA,
    },
    UsdcDeployment {
        chain: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
        contract: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
        issuer: None,
        decimals: Decimals::USDC_SOLANA,
    },
];
