//! The network's own accounts and what they do: fund accounts, give USDC, deploy the asset contracts.
//!
//! All of it is ordinary, signed transactions. The root account is the network's usual one, whose seed is the network
//! id. Nobody here knows the master key of testnet's USDC issuer, so at genesis the issuer has a second signer, whose
//! seed is derived from the network id; the master key would work as well.

use coinslot_soroban_authorization::SecretKey;
use stellar_xdr::{
    AccountId, AlphaNum4, Asset, AssetCode4, ChangeTrustAsset, ChangeTrustOp, ContractExecutable,
    ContractIdPreimage, CreateAccountOp, CreateContractArgs, DecoratedSignature, HostFunction,
    InvokeHostFunctionOp, Memo, MuxedAccount, Operation, OperationBody, PaymentOp, Preconditions,
    SequenceNumber, Signature, SignatureHint, SorobanTransactionData, Transaction,
    TransactionEnvelope, TransactionExt, TransactionV1Envelope, VecM,
};

use super::frame::Frame;
use super::genesis::{USDC_ISSUER, account_id};
use super::results::Outcome;
use super::xdr::sha256;
use super::{Engine, EngineError};
use crate::settings::BASE_FEE;

/// The account that holds the lumens: its seed is the network id, as on every Stellar network.
pub(crate) fn root_key(network_id: [u8; 32]) -> SecretKey {
    SecretKey::from_seed(network_id)
}

/// The local signer of USDC's issuer.
pub(crate) fn faucet_key(network_id: [u8; 32]) -> SecretKey {
    let mut seed = b"coinslot local faucet".to_vec();
    seed.extend_from_slice(&network_id);
    SecretKey::from_seed(sha256(&seed))
}

/// USDC as testnet's issuer issues it.
pub(crate) fn usdc() -> Asset {
    Asset::CreditAlphanum4(AlphaNum4 {
        asset_code: AssetCode4(*b"USDC"),
        issuer: account_id(USDC_ISSUER),
    })
}

/// Why the network's own transaction did not do its work.
#[derive(Debug)]
pub(crate) enum TreasuryError {
    /// The transaction failed with this outcome.
    Failed(Outcome),
    Engine(EngineError),
}

impl From<EngineError> for TreasuryError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<stellar_xdr::Error> for TreasuryError {
    fn from(error: stellar_xdr::Error) -> Self {
        Self::Engine(error.into())
    }
}

impl Engine {
    /// Creates an account with lumens, or pays them to one that exists. Answers the transaction's hash.
    pub(crate) fn fund(
        &mut self,
        account: &AccountId,
        stroops: i64,
    ) -> Result<[u8; 32], TreasuryError> {
        let body = if self.account(account).is_some() {
            OperationBody::Payment(PaymentOp {
                destination: MuxedAccount::from(account.clone()),
                asset: Asset::Native,
                amount: stroops,
            })
        } else {
            OperationBody::CreateAccount(CreateAccountOp {
                destination: account.clone(),
                starting_balance: stroops,
            })
        };
        let key = root_key(self.network_id());
        let root = account_id(*key.account_id().as_bytes());
        self.run(&root, &key, body, None)
    }

    /// Pays USDC from its issuer.
    pub(crate) fn give_usdc(
        &mut self,
        account: &AccountId,
        amount: i64,
    ) -> Result<[u8; 32], TreasuryError> {
        let body = OperationBody::Payment(PaymentOp {
            destination: MuxedAccount::from(account.clone()),
            asset: usdc(),
            amount,
        });
        let key = faucet_key(self.network_id());
        self.run(&account_id(USDC_ISSUER), &key, body, None)
    }

    /// Opens a trustline to USDC for the account of a key.
    pub(crate) fn trust_usdc(&mut self, key: &SecretKey) -> Result<[u8; 32], TreasuryError> {
        let Asset::CreditAlphanum4(line) = usdc() else {
            return Err(EngineError::LedgerOverflow.into());
        };
        let body = OperationBody::ChangeTrust(ChangeTrustOp {
            line: ChangeTrustAsset::CreditAlphanum4(line),
            limit: i64::MAX,
        });
        self.run(&account_id(*key.account_id().as_bytes()), key, body, None)
    }

    /// Deploys the contracts of lumens and USDC, which on public networks somebody did long ago, and gives them the
    /// longest life there is.
    pub(super) fn deploy_assets(&mut self) -> Result<(), EngineError> {
        for asset in [Asset::Native, usdc()] {
            self.deploy_asset(asset).map_err(|error| match error {
                TreasuryError::Engine(error) => error,
                TreasuryError::Failed(outcome) => {
                    EngineError::OwnTransaction(format!("{outcome:?}"))
                }
            })?;
        }
        Ok(())
    }

    fn deploy_asset(&mut self, asset: Asset) -> Result<(), TreasuryError> {
        let body = OperationBody::InvokeHostFunction(InvokeHostFunctionOp {
            host_function: HostFunction::CreateContract(CreateContractArgs {
                contract_id_preimage: ContractIdPreimage::Asset(asset),
                executable: ContractExecutable::StellarAsset,
            }),
            auth: VecM::default(),
        });
        let key = root_key(self.network_id());
        let root = account_id(*key.account_id().as_bytes());
        let draft = self.sign(&root, &key, body.clone(), None)?;
        let simulation = self
            .simulate(&draft, None, 0)
            .map_err(|failure| EngineError::OwnTransaction(failure.message))?;
        self.run(&root, &key, body, Some(simulation.transaction_data))?;
        Ok(())
    }

    fn run(
        &mut self,
        source: &AccountId,
        key: &SecretKey,
        body: OperationBody,
        data: Option<SorobanTransactionData>,
    ) -> Result<[u8; 32], TreasuryError> {
        let frame = self.sign(source, key, body, data)?;
        match self.enter_now(&frame)? {
            Outcome::Succeeded(_) => Ok(frame.hash()),
            outcome => Err(TreasuryError::Failed(outcome)),
        }
    }

    fn sign(
        &self,
        source: &AccountId,
        key: &SecretKey,
        body: OperationBody,
        data: Option<SorobanTransactionData>,
    ) -> Result<Frame, TreasuryError> {
        let sequence = self
            .account(source)
            .ok_or(EngineError::FeeSourceGone)?
            .seq_num
            .0;
        let resource_fee = data.as_ref().map_or(0, |data| data.resource_fee);
        let fee = u32::try_from(resource_fee)
            .unwrap_or(u32::MAX)
            .saturating_add(BASE_FEE);
        let tx = Transaction {
            source_account: MuxedAccount::from(source.clone()),
            fee,
            seq_num: SequenceNumber(sequence.saturating_add(1)),
            cond: Preconditions::None,
            memo: Memo::None,
            operations: vec![Operation {
                source_account: None,
                body,
            }]
            .try_into()?,
            ext: data.map_or(TransactionExt::V0, TransactionExt::V1),
        };
        let hash = tx.hash(self.network_id())?;
        let [.., a, b, c, d] = *key.account_id().as_bytes();
        let signature = DecoratedSignature {
            hint: SignatureHint([a, b, c, d]),
            signature: Signature(key.sign(&hash).to_vec().try_into()?),
        };
        let envelope = TransactionEnvelope::Tx(TransactionV1Envelope {
            tx,
            signatures: vec![signature].try_into()?,
        });
        Ok(Frame::new(&envelope, self.network_id())?)
    }
}
