//! `sac_address`: the contract of a classic asset.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use coinslot_soroban_authorization::{ClassicAsset, sac_contract_id};
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::USDC_DEPLOYMENTS;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Kinds, network};
use crate::{
    case::{Case, text},
    decision::Answer,
};

pub(super) const KINDS: Kinds = &[("contract_id", contract_id), ("constant", constant)];

fn contract_id(case: &Case) -> Result<Answer, String> {
    let network = network::of(case)?;
    let ours = case
        .text("asset")?
        .parse::<ClassicAsset>()
        .map_err(|error| error.to_string())
        .and_then(|asset| {
            let contract = sac_contract_id(&network, &asset);
            let expected = case.expected()?;
            // The bytes that are hashed are right when their hash is.
            let preimage = text(expected, "preimage_xdr")?;
            let bytes = BASE64_STANDARD
                .decode(preimage)
                .map_err(|error| error.to_string())?;
            if <[u8; 32]>::from(Sha256::digest(&bytes)) != *contract.as_bytes() {
                return Err("the contract is not the hash of its preimage".to_owned());
            }
            // The preimage ends with the asset.
            let asset_xdr = BASE64_STANDARD
                .decode(text(expected, "asset_xdr")?)
                .map_err(|error| error.to_string())?;
            if !bytes.ends_with(&asset_xdr) {
                return Err("the preimage does not end with the asset".to_owned());
            }
            Ok(json!({
                "contract_id": contract.to_string(),
                "contract_hash_hex": hex::encode(contract.as_bytes()),
                "asset_xdr": BASE64_STANDARD.encode(asset_xdr),
                "preimage_xdr": preimage,
            }))
        });
    Ok(Answer::new(ours))
}

/// What other packages export for USDC, beside what it is, and beside our own constant.
fn constant(case: &Case) -> Result<Answer, String> {
    let network = network::of(case)?;
    let asset: ClassicAsset = case
        .text("asset")?
        .parse()
        .map_err(|error: coinslot_soroban_authorization::ParseAssetError| error.to_string())?;
    let computed = sac_contract_id(&network, &asset);
    let exported = text(case.expected()?, "exported")?;
    let ClassicAsset::Credit { issuer, .. } = asset else {
        return Err("no constant is about the native coin".to_owned());
    };
    let issuer = issuer.to_string();
    let ours = USDC_DEPLOYMENTS
        .iter()
        .find(|deployment| deployment.issuer == Some(issuer.as_str()));
    if ours
        .is_none_or(|deployment| deployment.contract.parse::<ContractId>().ok() != Some(computed))
    {
        return Err(format!("USDC_DEPLOYMENTS does not have {computed}"));
    }
    Ok(Answer::new(Ok::<Value, String>(json!({
        "exported": exported,
        "exported_is_valid_contract_strkey": exported.parse::<ContractId>().is_ok(),
        "computed": computed.to_string(),
        "equal": exported == computed.to_string(),
    }))))
}
