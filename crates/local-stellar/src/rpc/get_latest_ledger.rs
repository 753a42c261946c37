//! `getLatestLedger`.

use serde_json::{Value, json};
use stellar_xdr::{
    GeneralizedTransactionSet, Hash, LedgerCloseMeta, LedgerCloseMetaExt, LedgerCloseMetaV2,
    LedgerHeaderHistoryEntry, LedgerHeaderHistoryEntryExt, ParallelTxsComponent, TransactionPhase,
    TransactionSetV1, VecM,
};

use super::encoding::to_base64;
use super::{RpcContext, RpcError};
use crate::engine::history::LedgerRecord;

pub(super) async fn call(context: &RpcContext) -> Result<Value, RpcError> {
    let ledger = context
        .engine
        .call(|engine| engine.reported().clone())
        .await?;
    Ok(json!({
        "id": hex::encode(ledger.hash),
        "protocolVersion": ledger.header.ledger_version,
        "sequence": ledger.sequence(),
        "closeTime": ledger.close_time().to_string(),
        "headerXdr": to_base64(&ledger.header)?,
        "metadataXdr": to_base64(&close_meta(&ledger)?)?,
    }))
}

/// The metadata of a close, with the header and without the transactions: those are had from `getTransactions`, and
/// every client would load them with each call.
pub(super) fn close_meta(ledger: &LedgerRecord) -> Result<LedgerCloseMeta, RpcError> {
    Ok(LedgerCloseMeta::V2(LedgerCloseMetaV2 {
        ext: LedgerCloseMetaExt::V0,
        ledger_header: LedgerHeaderHistoryEntry {
            hash: Hash(ledger.hash),
            header: ledger.header.clone(),
            ext: LedgerHeaderHistoryEntryExt::V0,
        },
        tx_set: GeneralizedTransactionSet::V1(TransactionSetV1 {
            previous_ledger_hash: ledger.header.previous_ledger_hash.clone(),
            phases: vec![
                TransactionPhase::V0(VecM::default()),
                TransactionPhase::V1(ParallelTxsComponent {
                    base_fee: None,
                    execution_stages: VecM::default(),
                }),
            ]
            .try_into()?,
        }),
        tx_processing: VecM::default(),
        upgrades_processing: VecM::default(),
        scp_info: VecM::default(),
        total_byte_size_of_live_soroban_state: 0,
        evicted_keys: VecM::default(),
    }))
}
