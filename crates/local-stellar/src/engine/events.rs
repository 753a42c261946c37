//! The events that classic operations and fees emit (CAP-67), in the shape of the asset contracts' own.

use stellar_xdr::{
    AccountId, Asset, ContractEvent, ContractEventBody, ContractEventType, ContractEventV0,
    ContractId, ContractIdPreimage, ExtensionPoint, Hash, HashIdPreimage, HashIdPreimageContractId,
    Int128Parts, Memo, MuxedAccount, Operation, OperationBody, PublicKey, ScAddress, ScMap,
    ScString, ScSymbol, ScVal, TransactionEvent, TransactionEventStage,
};

use super::EngineError;
use super::context::LedgerContext;
use super::frame::Frame;
use super::overlay::issuer_of;
use super::xdr::{encode, sha256};

/// The contract id of an asset on a network.
pub(crate) fn asset_contract(
    network_id: [u8; 32],
    asset: &Asset,
) -> Result<ContractId, EngineError> {
    let preimage = HashIdPreimage::ContractId(HashIdPreimageContractId {
        network_id: Hash(network_id),
        contract_id_preimage: ContractIdPreimage::Asset(asset.clone()),
    });
    Ok(ContractId(Hash(sha256(&encode(&preimage)?))))
}

/// The name that asset contracts give themselves (SEP-11): `native` or `CODE:ISSUER`.
pub(crate) fn asset_name(asset: &Asset) -> String {
    let (code, issuer): (&[u8], &AccountId) = match asset {
        Asset::Native => return "native".to_owned(),
        Asset::CreditAlphanum4(credit) => (&credit.asset_code.0, &credit.issuer),
        Asset::CreditAlphanum12(credit) => (&credit.asset_code.0, &credit.issuer),
    };
    let code: String = code
        .iter()
        .take_while(|byte| **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    format!("{code}:{}", account_text(issuer))
}

/// The `G…` form of an account.
pub(crate) fn account_text(account: &AccountId) -> String {
    let PublicKey::PublicKeyTypeEd25519(key) = &account.0;
    stellar_strkey::ed25519::PublicKey(key.0)
        .to_string()
        .to_string()
}

/// The events of a successful classic operation.
pub(crate) fn of_operation(
    operation: &Operation,
    frame: &Frame,
    context: &LedgerContext<'_>,
) -> Result<Vec<ContractEvent>, EngineError> {
    let source = frame.operation_source(operation);
    let moved = match &operation.body {
        OperationBody::CreateAccount(op) => {
            let destination = MuxedAccount::from(op.destination.clone());
            (Asset::Native, destination, op.starting_balance)
        }
        OperationBody::Payment(op) => (op.asset.clone(), op.destination.clone(), op.amount),
        _ => return Ok(Vec::new()),
    };
    let (asset, destination, amount) = moved;
    let data = transfer_data(amount, &destination, &frame.tx.memo)?;
    let destination = destination.account_id();
    let issuer = issuer_of(&asset);
    let mut topics = if issuer == Some(&source) && issuer != Some(&destination) {
        vec![symbol("mint")?, address(&destination)]
    } else if issuer == Some(&destination) && issuer != Some(&source) {
        vec![symbol("burn")?, address(&source)]
    } else {
        vec![symbol("transfer")?, address(&source), address(&destination)]
    };
    topics.push(ScVal::String(ScString(asset_name(&asset).try_into()?)));
    Ok(vec![event(&asset, topics, data, context)?])
}

/// The fee, or with a negative amount the refund, of a transaction.
pub(crate) fn of_fee(
    payer: &AccountId,
    amount: i64,
    stage: TransactionEventStage,
    context: &LedgerContext<'_>,
) -> Result<TransactionEvent, EngineError> {
    let topics = vec![symbol("fee")?, address(payer)];
    Ok(TransactionEvent {
        stage,
        event: event(&Asset::Native, topics, i128_value(amount), context)?,
    })
}

fn event(
    asset: &Asset,
    topics: Vec<ScVal>,
    data: ScVal,
    context: &LedgerContext<'_>,
) -> Result<ContractEvent, EngineError> {
    Ok(ContractEvent {
        ext: ExtensionPoint::V0,
        contract_id: Some(asset_contract(context.network_id, asset)?),
        type_: ContractEventType::Contract,
        body: ContractEventBody::V0(ContractEventV0 {
            topics: topics.try_into()?,
            data,
        }),
    })
}

/// The amount alone, or with the destination's id when the address or the memo carries one.
fn transfer_data(
    amount: i64,
    destination: &MuxedAccount,
    memo: &Memo,
) -> Result<ScVal, EngineError> {
    let id = match (destination, memo) {
        (MuxedAccount::MuxedEd25519(muxed), _) => ScVal::U64(muxed.id),
        (_, Memo::None) => return Ok(i128_value(amount)),
        (_, Memo::Id(id)) => ScVal::U64(*id),
        (_, Memo::Text(text)) => ScVal::String(ScString(text.to_vec().try_into()?)),
        (_, Memo::Hash(hash) | Memo::Return(hash)) => {
            ScVal::Bytes(stellar_xdr::ScBytes(hash.0.to_vec().try_into()?))
        }
    };
    let map = ScMap::sorted_from(vec![
        (symbol("amount")?, i128_value(amount)),
        (symbol("to_muxed_id")?, id),
    ])?;
    Ok(ScVal::Map(Some(map)))
}

fn symbol(text: &str) -> Result<ScVal, EngineError> {
    Ok(ScVal::Symbol(ScSymbol(text.try_into()?)))
}

fn address(account: &AccountId) -> ScVal {
    ScVal::Address(ScAddress::Account(account.clone()))
}

fn i128_value(amount: i64) -> ScVal {
    let amount = i128::from(amount);
    let bytes = amount.to_be_bytes();
    let (hi, lo) = bytes.split_at(8);
    let part = |bytes: &[u8]| -> [u8; 8] { bytes.try_into().unwrap_or_default() };
    ScVal::I128(Int128Parts {
        hi: i64::from_be_bytes(part(hi)),
        lo: u64::from_be_bytes(part(lo)),
    })
}
