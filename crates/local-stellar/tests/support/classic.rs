//! Classic transactions for the tests, written with the XDR types themselves.

use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::AccountId;
use sha2::{Digest, Sha256};
use stellar_xdr::{
    AlphaNum4, Asset, AssetCode4, ChangeTrustAsset, ChangeTrustOp, CreateAccountOp,
    DecoratedSignature, FeeBumpTransaction, FeeBumpTransactionEnvelope, FeeBumpTransactionExt,
    FeeBumpTransactionInnerTx, Limits, Memo, MuxedAccount, Operation, OperationBody, PaymentOp,
    Preconditions, PublicKey, ReadXdr, SequenceNumber, SetOptionsOp, Signature, SignatureHint,
    Signer, SignerKey, Transaction, TransactionEnvelope, TransactionExt, TransactionV1Envelope,
    Uint256, WriteXdr,
};

pub const LIMITS: Limits = Limits {
    depth: 500,
    len: 1 << 20,
};

pub struct Draft {
    pub source: AccountId,
    pub sequence: i64,
    pub fee: u32,
    pub conditions: Preconditions,
    pub memo: Memo,
    pub operations: Vec<Operation>,
    pub ext: TransactionExt,
}

impl Draft {
    pub fn new(source: &SecretKey, sequence: i64, bodies: Vec<OperationBody>) -> Self {
        Self {
            source: source.account_id(),
            sequence,
            fee: 100 * u32::try_from(bodies.len()).unwrap(),
            conditions: Preconditions::None,
            memo: Memo::None,
            operations: bodies
                .into_iter()
                .map(|body| Operation {
                    source_account: None,
                    body,
                })
                .collect(),
            ext: TransactionExt::V0,
        }
    }

    pub fn transaction(&self) -> Transaction {
        Transaction {
            source_account: muxed(&self.source),
            fee: self.fee,
            seq_num: SequenceNumber(self.sequence),
            cond: self.conditions.clone(),
            memo: self.memo.clone(),
            operations: self.operations.clone().try_into().unwrap(),
            ext: self.ext.clone(),
        }
    }

    pub fn sign(&self, network_id: [u8; 32], keys: &[&SecretKey]) -> TransactionV1Envelope {
        let tx = self.transaction();
        let hash = tx.hash(network_id).unwrap();
        TransactionV1Envelope {
            tx,
            signatures: signatures(hash, keys),
        }
    }

    pub fn signed(&self, network_id: [u8; 32], keys: &[&SecretKey]) -> String {
        text(&TransactionEnvelope::Tx(self.sign(network_id, keys)))
    }
}

pub fn fee_bump(
    inner: TransactionV1Envelope,
    payer: &SecretKey,
    fee: i64,
    network_id: [u8; 32],
) -> String {
    let tx = FeeBumpTransaction {
        fee_source: muxed(&payer.account_id()),
        fee,
        inner_tx: FeeBumpTransactionInnerTx::Tx(inner),
        ext: FeeBumpTransactionExt::V0,
    };
    let hash = tx.hash(network_id).unwrap();
    text(&TransactionEnvelope::TxFeeBump(
        FeeBumpTransactionEnvelope {
            tx,
            signatures: signatures(hash, &[payer]),
        },
    ))
}

pub fn signatures(
    hash: [u8; 32],
    keys: &[&SecretKey],
) -> stellar_xdr::VecM<DecoratedSignature, 20> {
    let signatures: Vec<_> = keys
        .iter()
        .map(|key| DecoratedSignature {
            hint: SignatureHint(key.account_id().as_bytes()[28..].try_into().unwrap()),
            signature: Signature(key.sign(&hash).to_vec().try_into().unwrap()),
        })
        .collect();
    signatures.try_into().unwrap()
}

pub fn text(value: &impl WriteXdr) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(value.to_xdr(LIMITS).unwrap())
}

pub fn read<T: ReadXdr>(text: &str) -> T {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap();
    T::from_xdr(bytes, LIMITS).unwrap()
}

pub fn xdr_id(account: &AccountId) -> stellar_xdr::AccountId {
    stellar_xdr::AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(
        *account.as_bytes(),
    )))
}

pub fn muxed(account: &AccountId) -> MuxedAccount {
    MuxedAccount::Ed25519(Uint256(*account.as_bytes()))
}

pub fn pay(to: &SecretKey, asset: Asset, amount: i64) -> OperationBody {
    OperationBody::Payment(PaymentOp {
        destination: muxed(&to.account_id()),
        asset,
        amount,
    })
}

pub fn create(account: &SecretKey, starting_balance: i64) -> OperationBody {
    OperationBody::CreateAccount(CreateAccountOp {
        destination: xdr_id(&account.account_id()),
        starting_balance,
    })
}

pub fn trust(code: [u8; 4], issuer: &SecretKey, limit: i64) -> OperationBody {
    OperationBody::ChangeTrust(ChangeTrustOp {
        line: ChangeTrustAsset::CreditAlphanum4(credit(code, issuer)),
        limit,
    })
}

pub fn asset(code: [u8; 4], issuer: &SecretKey) -> Asset {
    Asset::CreditAlphanum4(credit(code, issuer))
}

fn credit(code: [u8; 4], issuer: &SecretKey) -> AlphaNum4 {
    AlphaNum4 {
        asset_code: AssetCode4(code),
        issuer: xdr_id(&issuer.account_id()),
    }
}

pub fn options() -> SetOptionsOp {
    SetOptionsOp {
        inflation_dest: None,
        clear_flags: None,
        set_flags: None,
        master_weight: None,
        low_threshold: None,
        med_threshold: None,
        high_threshold: None,
        home_domain: None,
        signer: None,
    }
}

pub fn signer(key: &SecretKey, weight: u32) -> Signer {
    Signer {
        key: SignerKey::Ed25519(Uint256(*key.account_id().as_bytes())),
        weight,
    }
}

pub fn hash_x(preimage: &[u8]) -> SignerKey {
    SignerKey::HashX(Uint256(Sha256::digest(preimage).into()))
}
