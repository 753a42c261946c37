//! Unmodified `@stellar/stellar-sdk` on the local network: it builds, sends and reads transactions.

use coinslot_tests::{chain::Chain, node};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_official_sdk_builds_sends_and_reads_transactions() {
    let chain = Chain::start().await;
    let answer = node::run(
        &chain,
        "sdk.mjs",
        &json!({
            "rpc": chain.local.rpc_url(),
            "faucet": chain.local.faucet_url(),
            "passphrase": chain.network().passphrase(),
            "usdcIssuer": chain.local.usdc_issuer().to_string(),
            "usdcContract": chain.local.usdc_contract().to_string(),
        }),
    )
    .await;
    // 10 from the faucet, less 1.5 by a classic payment, 0.25 by the contract, and one unit by a fee bump.
    assert_eq!(answer["alice"], "82499999", "{answer}");
    assert_eq!(answer["bob"], "17500001", "{answer}");
}
