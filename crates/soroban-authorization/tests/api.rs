//! The traits that the public types have, and what their `Debug` does not show.

use core::{error::Error, fmt::Debug, hash::Hash};

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{
    Argument, AssetCode, AuthEntry, ClassicAsset, ContractEvent, ContractOperation,
    ContractTransaction, Credential, DecodeError, Envelope, FeeBumpError, Invocation,
    InvocationEnvelope, InvocationError, LedgerKey, Memo, NotATransfer, ParseAssetError,
    ParseSecretKeyError, ParseTransactionHashError, SecretKey, SignEntryError, SignEnvelopeError,
    SignError, SignErrorKind, SignatureError, Signer, SorobanResources, TimeBounds,
    TransactionHash, Transfer, TransferEnvelope, TransferEvent, TransferTransaction,
    UnsignedAuthEntry, UnsignedEntryError,
};
use coinslot_stellar_address::{AccountId, ContractId};

fn value<T: Send + Sync + Debug + Clone + 'static>() {}
fn identifier<T: Send + Sync + Debug + Copy + Ord + Hash + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn values_can_be_shared_and_cloned() {
    value::<Argument>();
    value::<AuthEntry>();
    value::<ContractEvent>();
    value::<ContractOperation>();
    value::<ContractTransaction>();
    value::<Credential>();
    value::<Envelope>();
    value::<Invocation>();
    value::<InvocationEnvelope>();
    value::<LedgerKey>();
    value::<Memo>();
    value::<SecretKey>();
    value::<SorobanResources>();
    value::<TimeBounds>();
    value::<Transfer>();
    value::<TransferEnvelope>();
    value::<TransferEvent>();
    value::<TransferTransaction>();
    value::<UnsignedAuthEntry>();
}

#[test]
fn identifiers_are_ordered_and_hashed() {
    identifier::<AssetCode>();
    identifier::<ClassicAsset>();
    identifier::<TransactionHash>();
}

#[test]
fn errors_are_errors() {
    error::<DecodeError>();
    error::<FeeBumpError>();
    error::<InvocationError>();
    error::<NotATransfer>();
    error::<ParseAssetError>();
    error::<ParseSecretKeyError>();
    error::<ParseTransactionHashError>();
    error::<SignEntryError>();
    error::<SignEnvelopeError>();
    error::<SignError>();
    error::<SignatureError>();
    error::<UnsignedEntryError>();
}

#[test]
fn a_signer_is_an_object() {
    struct Refuses;
    impl Signer for Refuses {
        fn account_id(&self) -> AccountId {
            AccountId::ALL_ZEROS
        }
        fn sign(&self, _: &[u8; 32]) -> Result<[u8; 64], SignError> {
            Err(SignError::with_source(
                SignErrorKind::Refused,
                "the user said no",
            ))
        }
    }
    let signer: Box<dyn Signer> = Box::new(Refuses);
    let error = signer.sign(&[0; 32]).unwrap_err();
    assert_eq!(error.to_string(), "the signer refused to sign");
    assert_eq!(error.source().unwrap().to_string(), "the user said no");
    let error = signer.sign_message(b"hello").unwrap_err();
    assert_eq!(error.kind(), SignErrorKind::NoMessages);
}

#[test]
fn debug_shows_no_secret() {
    let key = SecretKey::from_seed([0xab; 32]);
    let shown = format!("{key:?} {:#?}", Some(&key));
    assert!(!shown.contains(&key.expose_secret()));
    assert!(!shown.to_lowercase().contains("abab"));
    assert!(!shown.contains("171, 171"));
    assert!(shown.contains(&key.account_id().to_string()));
}

#[test]
fn debug_shows_no_signature() {
    let key = SecretKey::from_seed([1; 32]);
    let network = StellarNetwork::Testnet.network_id();
    let transfer = Transfer {
        token: ContractId::from_bytes([2; 32]),
        from: key.account_id().into(),
        to: ContractId::from_bytes([3; 32]).into(),
        amount: 1,
    };
    let entry = UnsignedAuthEntry::for_transfer(&transfer, 1, 2)
        .sign(&key, &network)
        .unwrap();
    let shown = format!("{entry:?}");
    assert!(shown.contains("signed: true"), "{shown}");
    assert!(!shown.contains("signature"), "{shown}");
}
