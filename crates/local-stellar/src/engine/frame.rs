//! A transaction as it was sent, with the hashes and figures that the rules ask for again and again.

use stellar_xdr::{
    AccountId, DecoratedSignature, FeeBumpTransactionInnerTx, MuxedAccount, Operation,
    OperationBody, Preconditions, SorobanTransactionData, Transaction, TransactionEnvelope,
    TransactionExt,
};

use super::xdr::encode;

/// A decoded envelope. Building one checks nothing but that it can be hashed.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The envelope's bytes.
    pub(crate) bytes: Vec<u8>,
    /// The size of the (inner) envelope in bytes, by which resource fees are reckoned.
    pub(crate) inner_size: usize,
    /// The (inner) transaction.
    pub(crate) tx: Transaction,
    /// The (inner) transaction's signatures.
    pub(crate) signatures: Vec<DecoratedSignature>,
    /// The (inner) transaction's hash.
    pub(crate) inner_hash: [u8; 32],
    /// Present when the envelope is a fee bump.
    pub(crate) bump: Option<Bump>,
}

/// The outer part of a fee bump.
#[derive(Clone, Debug)]
pub(crate) struct Bump {
    pub(crate) hash: [u8; 32],
    pub(crate) fee_source: AccountId,
    pub(crate) fee: i64,
    pub(crate) signatures: Vec<DecoratedSignature>,
}

impl Frame {
    pub(crate) fn new(
        envelope: &TransactionEnvelope,
        network_id: [u8; 32],
    ) -> Result<Self, stellar_xdr::Error> {
        let bytes = encode(envelope)?;
        let (tx, signatures, bump) = match envelope {
            TransactionEnvelope::TxV0(v0) => (
                Transaction {
                    source_account: MuxedAccount::Ed25519(v0.tx.source_account_ed25519.clone()),
                    fee: v0.tx.fee,
                    seq_num: v0.tx.seq_num.clone(),
                    cond: v0
                        .tx
                        .time_bounds
                        .clone()
                        .map_or(Preconditions::None, Preconditions::Time),
                    memo: v0.tx.memo.clone(),
                    operations: v0.tx.operations.clone(),
                    ext: TransactionExt::V0,
                },
                v0.signatures.to_vec(),
                None,
            ),
            TransactionEnvelope::Tx(v1) => (v1.tx.clone(), v1.signatures.to_vec(), None),
            TransactionEnvelope::TxFeeBump(outer) => {
                let FeeBumpTransactionInnerTx::Tx(inner) = &outer.tx.inner_tx;
                let bump = Bump {
                    hash: envelope.hash(network_id)?,
                    fee_source: outer.tx.fee_source.clone().account_id(),
                    fee: outer.tx.fee,
                    signatures: outer.signatures.to_vec(),
                };
                (inner.tx.clone(), inner.signatures.to_vec(), Some(bump))
            }
        };
        let inner_hash = tx.hash(network_id)?;
        let inner_size = match envelope {
            TransactionEnvelope::TxFeeBump(outer) => {
                // A v1 envelope is the inner one and its four bytes of envelope type.
                let FeeBumpTransactionInnerTx::Tx(inner) = &outer.tx.inner_tx;
                encode(inner)?.len().saturating_add(4)
            }
            _ => bytes.len(),
        };
        Ok(Self {
            bytes,
            inner_size,
            tx,
            signatures,
            inner_hash,
            bump,
        })
    }

    /// The hash by which the network knows the transaction: the outer one of a fee bump.
    pub(crate) fn hash(&self) -> [u8; 32] {
        self.bump.as_ref().map_or(self.inner_hash, |bump| bump.hash)
    }

    pub(crate) fn source(&self) -> AccountId {
        self.tx.source_account.clone().account_id()
    }

    /// Who pays the fee.
    pub(crate) fn fee_source(&self) -> AccountId {
        self.bump
            .as_ref()
            .map_or_else(|| self.source(), |bump| bump.fee_source.clone())
    }

    /// The account for which an operation runs.
    pub(crate) fn operation_source(&self, operation: &Operation) -> AccountId {
        operation
            .source_account
            .clone()
            .map_or_else(|| self.source(), MuxedAccount::account_id)
    }

    pub(crate) fn soroban_data(&self) -> Option<&SorobanTransactionData> {
        match &self.tx.ext {
            TransactionExt::V0 => None,
            TransactionExt::V1(data) => Some(data),
        }
    }

    /// Whether any operation is a contract's.
    pub(crate) fn is_soroban(&self) -> bool {
        self.tx.operations.iter().any(|operation| {
            matches!(
                operation.body,
                OperationBody::InvokeHostFunction(_)
                    | OperationBody::ExtendFootprintTtl(_)
                    | OperationBody::RestoreFootprint(_)
            )
        })
    }
}
