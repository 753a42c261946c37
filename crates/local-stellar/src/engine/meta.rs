//! Transaction metadata, version 4: what a transaction changed and emitted.

use stellar_xdr::{
    ContractEvent, DiagnosticEvent, ExtensionPoint, LedgerEntryChanges, OperationMetaV2,
    SorobanTransactionMetaExt, SorobanTransactionMetaExtV1, SorobanTransactionMetaV2,
    TransactionEvent, TransactionMeta, TransactionMetaV4,
};

use super::EngineError;
use super::soroban::Effects;

/// What is gathered while a transaction is applied.
#[derive(Debug, Default)]
pub(crate) struct MetaBuilder {
    pub(crate) changes_before: LedgerEntryChanges,
    pub(crate) operations: Vec<OperationMetaV2>,
    pub(crate) soroban: Option<SorobanTransactionMetaV2>,
    pub(crate) fee_events: Vec<TransactionEvent>,
    pub(crate) diagnostics: Vec<DiagnosticEvent>,
}

impl MetaBuilder {
    pub(crate) fn push_operation(
        &mut self,
        changes: LedgerEntryChanges,
        events: Vec<ContractEvent>,
    ) -> Result<(), EngineError> {
        self.operations.push(OperationMetaV2 {
            ext: ExtensionPoint::V0,
            changes,
            events: events.try_into()?,
        });
        Ok(())
    }

    /// What the resources cost. A failed call used none of its refundable fee and returned nothing.
    pub(crate) fn set_soroban(&mut self, non_refundable: i64, effects: &Effects) {
        self.soroban = Some(SorobanTransactionMetaV2 {
            ext: SorobanTransactionMetaExt::V1(SorobanTransactionMetaExtV1 {
                ext: ExtensionPoint::V0,
                total_non_refundable_resource_fee_charged: non_refundable,
                total_refundable_resource_fee_charged: effects.refundable_used,
                rent_fee_charged: effects.rent_fee,
            }),
            return_value: effects.return_value.clone(),
        });
    }

    pub(crate) fn build(self) -> Result<TransactionMeta, EngineError> {
        Ok(TransactionMeta::V4(TransactionMetaV4 {
            ext: ExtensionPoint::V0,
            tx_changes_before: self.changes_before,
            operations: self.operations.try_into()?,
            tx_changes_after: LedgerEntryChanges::default(),
            soroban_meta: self.soroban,
            events: self.fee_events.try_into()?,
            diagnostic_events: self.diagnostics.try_into()?,
        }))
    }
}
