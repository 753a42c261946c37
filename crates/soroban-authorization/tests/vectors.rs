//! Hand-picked vectors, made by `@stellar/stellar-sdk` 15.1.0 with fixed keys and nonces.

#![allow(clippy::unwrap_used)]

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_soroban_authorization::{
    AuthEntry, ClassicAsset, Credential, DecodeErrorKind, Envelope, Memo, NotATransferKind,
    ParseAssetError, SecretKey, SignatureError, TimeBounds, Transfer, TransferEnvelope,
    TransferTransaction, UnsignedAuthEntry, UnsignedEntryError, fee_bump, sac_contract_id,
};
use coinslot_stellar_address::{AccountId, Address};

const PAYER: &str = "GBHU3N4ON2XO5ROEHBOECRTKOOE2MWOMAISZ65YYX32QBNFJ6DKD3HOR";
const PAYEE: &str = "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN";
const PAYER_SECRET: &str = "SD2HE6POY7D6P54CCUJ65SQW3C5SVBHT6PMI3BAQ7UVMBOTK7RI5WORH";
const USDC: &str = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA";
const FEE_SOURCE: &str = "GAEN4NTHPVBO3E2AQQQDBZM7NPZQVA7FSV5FPOPSCIZHFEB46CNTFULT";

fn network() -> NetworkId {
    StellarNetwork::Testnet.network_id()
}

fn payer() -> SecretKey {
    PAYER_SECRET.parse().unwrap()
}

fn transfer() -> Transfer {
    Transfer {
        token: USDC.parse().unwrap(),
        from: PAYER.parse().unwrap(),
        to: PAYEE.parse().unwrap(),
        amount: 100_000,
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

#[test]
fn an_entry_is_built_and_signed_byte_for_byte() {
    let unsigned = UnsignedAuthEntry::for_transfer(&transfer(), 1_234_567_890, 0);
    let entry = unsigned.to_unsigned_entry();
    assert_eq!(entry.to_base64(), UNSIGNED_ENTRY);
    assert_eq!(AuthEntry::from_base64(UNSIGNED_ENTRY), Ok(entry.clone()));
    let unsigned = UnsignedAuthEntry::from_entry(&entry, 1_000_060).unwrap();
    assert_eq!(base64(&unsigned.preimage(&network())), PREIMAGE);
    assert_eq!(
        hex::encode(unsigned.payload_hash(&network())),
        "d10e8b9b6d6657c77920dfe5af47633ae045ab4e720c9a9f2d18bb93f74c30e7"
    );
    let signed = unsigned.sign(&payer(), &network()).unwrap();
    assert_eq!(signed.to_base64(), SIGNED_ENTRY);
    assert_eq!(AuthEntry::from_base64(SIGNED_ENTRY), Ok(signed));
}

#[test]
fn an_entry_is_read() {
    let entry = AuthEntry::from_base64(SIGNED_ENTRY).unwrap();
    assert_eq!(
        entry.credential(),
        Credential::Address {
            address: PAYER.parse().unwrap(),
            nonce: 1_234_567_890,
            expiration_ledger: 1_000_060,
            signed: true,
        }
    );
    assert_eq!(entry.transfer(), Some(transfer()));
    assert!(!entry.has_sub_invocations());
    assert_eq!(entry.verify_account_signature(&network()), Ok(()));
    let elsewhere = StellarNetwork::Pubnet.network_id();
    assert!(matches!(
        entry.verify_account_signature(&elsewhere),
        Err(SignatureError::Invalid { .. })
    ));
}

#[test]
fn calls_below_the_root_are_seen() {
    let entry = AuthEntry::from_base64(SUB_INVOCATION).unwrap();
    assert!(entry.has_sub_invocations());
    assert_eq!(entry.transfer(), None);
}

#[test]
fn an_entry_of_the_source_account_is_not_signed() {
    let entry = AuthEntry::from_base64(SOURCE_ACCOUNT).unwrap();
    assert_eq!(entry.credential(), Credential::SourceAccount);
    assert_eq!(
        UnsignedAuthEntry::from_entry(&entry, 1),
        Err(UnsignedEntryError::SourceAccount)
    );
    assert_eq!(
        entry.verify_account_signature(&network()),
        Err(SignatureError::NotAnAccount)
    );
}

#[test]
fn a_sponsored_transaction_is_recognised_and_rebuilt() {
    let found = TransferEnvelope::from_base64(SPONSORED).unwrap();
    assert_eq!(found.source, Address::Account(AccountId::ALL_ZEROS));
    assert_eq!(found.operation_source, None);
    assert_eq!((found.fee, found.sequence), (90_100, 1));
    assert_eq!(
        found.time_bounds,
        Some(TimeBounds {
            min_time: 0,
            max_time: 1_767_701_100
        })
    );
    assert!(!found.has_other_preconditions);
    assert_eq!(found.memo, Memo::None);
    assert_eq!(found.transfer, transfer());
    let resources = found.resources.clone().unwrap();
    assert_eq!(resources.instructions(), 1_500_000);
    assert_eq!(resources.disk_read_bytes(), 2_000);
    assert_eq!(resources.write_bytes(), 700);
    assert_eq!(resources.resource_fee(), 45_000);
    let rebuilt = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: found.sequence,
        fee: found.fee,
        max_time: Some(1_767_701_100),
        transfer: found.transfer,
        auth: found.auth,
        resources: found.resources,
    };
    assert_eq!(rebuilt.to_envelope().to_base64(), SPONSORED);
    assert_eq!(
        rebuilt.to_envelope().hash(&network()).to_string(),
        "e7792026f24069d596c0796f7e4f53910ee9006809ebbb0c342ef5ce4218ef48"
    );
}

fn signed() -> Envelope {
    let mut envelope = TransferTransaction {
        source: PAYER.parse().unwrap(),
        sequence: 4_294_967_297,
        fee: 100,
        max_time: Some(1_767_701_100),
        transfer: transfer(),
        auth: Vec::new(),
        resources: None,
    }
    .to_envelope();
    envelope.sign(&payer(), &network()).unwrap();
    envelope
}

#[test]
fn an_envelope_is_signed_byte_for_byte() {
    let envelope = signed();
    assert_eq!(envelope.to_base64(), SIGNED);
    assert_eq!(envelope.signature_count(), 1);
    assert_eq!(Envelope::from_base64(SIGNED), Ok(envelope));
}

#[test]
fn a_fee_bump_is_built_byte_for_byte() {
    let bumped = fee_bump(&signed(), FEE_SOURCE.parse().unwrap(), 400).unwrap();
    assert_eq!(bumped.to_base64(), FEE_BUMP);
    assert_eq!(Envelope::from_base64(FEE_BUMP), Ok(bumped.clone()));
    assert_eq!(
        bumped.hash(&network()).to_string(),
        "9c0a992c25c5f674ef7efc106b0c1c5b05649acb1638f02e6716334f127ce8c1"
    );
    assert_eq!(
        bumped.inner_hash(&network()).to_string(),
        "696652ef41c2dcf96618ee933fcb7136f3b280c08c2fe46e38375182b47478fd"
    );
    assert_eq!(bumped.inner(), Some(signed()));
    let error = TransferEnvelope::recognise(&bumped).unwrap_err();
    assert_eq!(error.kind(), NotATransferKind::FeeBump);
}

#[test]
fn a_memo_is_reported() {
    let found = TransferEnvelope::from_base64(WITH_MEMO).unwrap();
    assert_eq!(found.memo, Memo::Text(b"order 42".to_vec()));
}

#[test]
fn what_is_not_strictly_one_envelope_is_refused() {
    let kind = |text: &str| Envelope::from_base64(text).unwrap_err().kind();
    assert_eq!(kind(""), DecodeErrorKind::UnexpectedEnd);
    assert_eq!(kind("***"), DecodeErrorKind::Base64);
    assert_eq!(kind(&SIGNED[..100]), DecodeErrorKind::UnexpectedEnd);
    assert_eq!(
        kind(&format!("{WITH_MEMO}AAAA")),
        DecodeErrorKind::TrailingBytes
    );
    assert_eq!(kind(&format!(" {SIGNED}")), DecodeErrorKind::Base64);
    assert_eq!(kind(&format!("{SIGNED}\n")), DecodeErrorKind::Base64);
    assert_eq!(
        kind(FEE_BUMP.trim_end_matches('=')),
        DecodeErrorKind::Base64
    );
    assert_eq!(kind("AAAAAw=="), DecodeErrorKind::InvalidValue);
    let long = "AAAA".repeat(50_000);
    assert_eq!(kind(&long), DecodeErrorKind::TooLong { limit: 132_096 });
}

#[test]
fn classic_assets_have_their_contracts() {
    let contract = |network: &StellarNetwork, asset: &str| {
        let asset: ClassicAsset = asset.parse().unwrap();
        sac_contract_id(&network.network_id(), &asset).to_string()
    };
    assert_eq!(
        contract(
            &StellarNetwork::Pubnet,
            "USDC:GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN"
        ),
        "CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75"
    );
    assert_eq!(
        contract(&StellarNetwork::Pubnet, "native"),
        "CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA"
    );
    assert_eq!(
        "ABCDEFGHIJKLM:GAAA".parse::<ClassicAsset>(),
        Err(ParseAssetError::CodeLength { found: 13 })
    );
    assert_eq!(
        "USDC".parse::<ClassicAsset>(),
        Err(ParseAssetError::NoIssuer)
    );
    assert_eq!(
        "US-C:GAAA".parse::<ClassicAsset>(),
        Err(ParseAssetError::CodeCharacter { position: 2 })
    );
    assert!(matches!(
        "USDC:GAAA".parse::<ClassicAsset>(),
        Err(ParseAssetError::Issuer(_))
    ));
}

const UNSIGNED_ENTRY: &str = "\
    AAAAAQAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIln3cYvvUAtKnw1D0AAAAASZYC0gAAAAAAAAABAAAA\
    AAAAAAFQRc1ewHKado/VrQJQWFLfTwKNzoMOWsUiCbpISDsvAQAAAAh0cmFuc2ZlcgAAAAMAAAASAAAAAAAA\
    AABPTbeObq7uxcQ4XEFGanOJplnMAiWfdxi+9QC0qfDUPQAAABIAAAAAAAAAAM/Co57UW7+ddSZN+bbGa3Fk\
    KwdzcQsvJXygNXsUhRL3AAAACgAAAAAAAAAAAAAAAAABhqAAAAAA";

const SIGNED_ENTRY: &str = "\
    AAAAAQAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIln3cYvvUAtKnw1D0AAAAASZYC0gAPQnwAAAAQAAAA\
    AQAAAAEAAAARAAAAAQAAAAIAAAAPAAAACnB1YmxpY19rZXkAAAAAAA0AAAAgT023jm6u7sXEOFxBRmpziaZZ\
    zAIln3cYvvUAtKnw1D0AAAAPAAAACXNpZ25hdHVyZQAAAAAAAA0AAABAheVxchFyJ2L5oZwh84BIYvmftG1P\
    RFM4v79fBmaR3o/E9c9XwQyiQkkYWmi/du58ZD6MESTMnGsF/IM1po2QAwAAAAAAAAABUEXNXsBymnaP1a0C\
    UFhS308Cjc6DDlrFIgm6SEg7LwEAAAAIdHJhbnNmZXIAAAADAAAAEgAAAAAAAAAAT023jm6u7sXEOFxBRmpz\
    iaZZzAIln3cYvvUAtKnw1D0AAAASAAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAA\
    AAoAAAAAAAAAAAAAAAAAAYagAAAAAA==";

const PREIMAGE: &str = "\
    AAAACc7gMC1ZhE0yvcqRXIID3USzP7t+3BkFHqN6vt8o7NRyAAAAAEmWAtIAD0J8AAAAAAAAAAFQRc1ewHKa\
    do/VrQJQWFLfTwKNzoMOWsUiCbpISDsvAQAAAAh0cmFuc2ZlcgAAAAMAAAASAAAAAAAAAABPTbeObq7uxcQ4\
    XEFGanOJplnMAiWfdxi+9QC0qfDUPQAAABIAAAAAAAAAAM/Co57UW7+ddSZN+bbGa3FkKwdzcQsvJXygNXsU\
    hRL3AAAACgAAAAAAAAAAAAAAAAABhqAAAAAA";

const SPONSORED: &str = "\
    AAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABX/QAAAAAAAAAAQAAAAEAAAAAAAAA\
    AAAAAABpXPpsAAAAAAAAAAEAAAAAAAAAGAAAAAAAAAABUEXNXsBymnaP1a0CUFhS308Cjc6DDlrFIgm6SEg7\
    LwEAAAAIdHJhbnNmZXIAAAADAAAAEgAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIln3cYvvUAtKnw1D0A\
    AAASAAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAAAAoAAAAAAAAAAAAAAAAAAYag\
    AAAAAQAAAAEAAAAAAAAAAE9Nt45uru7FxDhcQUZqc4mmWcwCJZ93GL71ALSp8NQ9AAAAAAAAACoAD0KkAAAA\
    EAAAAAEAAAABAAAAEQAAAAEAAAACAAAADwAAAApwdWJsaWNfa2V5AAAAAAANAAAAIE9Nt45uru7FxDhcQUZq\
    c4mmWcwCJZ93GL71ALSp8NQ9AAAADwAAAAlzaWduYXR1cmUAAAAAAAANAAAAQBuoGPp/svexteYYAtZhz12J\
    7EvNOwpihoprVCfM0EUEAyNFFayvFpxu8KdSZK9jAnN3EUQlQLTjAy6oWdfVYQsAAAAAAAAAAVBFzV7Acpp2\
    j9WtAlBYUt9PAo3Ogw5axSIJukhIOy8BAAAACHRyYW5zZmVyAAAAAwAAABIAAAAAAAAAAE9Nt45uru7FxDhc\
    QUZqc4mmWcwCJZ93GL71ALSp8NQ9AAAAEgAAAAAAAAAAz8KjntRbv511Jk35tsZrcWQrB3NxCy8lfKA1exSF\
    EvcAAAAKAAAAAAAAAAAAAAAAAAGGoAAAAAAAAAABAAAAAAAAAAEAAAAGAAAAAVBFzV7Acpp2j9WtAlBYUt9P\
    Ao3Ogw5axSIJukhIOy8BAAAAFAAAAAEAAAACAAAAAAAAAABPTbeObq7uxcQ4XEFGanOJplnMAiWfdxi+9QC0\
    qfDUPQAAAAAAAAAAz8KjntRbv511Jk35tsZrcWQrB3NxCy8lfKA1exSFEvcAFuNgAAAH0AAAArwAAAAAAACv\
    yAAAAAA=";

const SIGNED: &str = "\
    AAAAAgAAAABPTbeObq7uxcQ4XEFGanOJplnMAiWfdxi+9QC0qfDUPQAAAGQAAAABAAAAAQAAAAEAAAAAAAAA\
    AAAAAABpXPpsAAAAAAAAAAEAAAAAAAAAGAAAAAAAAAABUEXNXsBymnaP1a0CUFhS308Cjc6DDlrFIgm6SEg7\
    LwEAAAAIdHJhbnNmZXIAAAADAAAAEgAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIln3cYvvUAtKnw1D0A\
    AAASAAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAAAAoAAAAAAAAAAAAAAAAAAYag\
    AAAAAAAAAAAAAAABqfDUPQAAAEBkK1klM4gfFBCp1lG8ZZGHpDV15bgEJ47qEtuTjElftYIlxRj0uqsAQIxL\
    1vKcRSGi/tcxY19cz7DqMPXDnXwH";

const FEE_BUMP: &str = "\
    AAAABQAAAAAI3jZnfULtk0CEIDDln2vzCoPllXpXufISMnKQPPCbMgAAAAAAAAGQAAAAAgAAAABPTbeObq7u\
    xcQ4XEFGanOJplnMAiWfdxi+9QC0qfDUPQAAAGQAAAABAAAAAQAAAAEAAAAAAAAAAAAAAABpXPpsAAAAAAAA\
    AAEAAAAAAAAAGAAAAAAAAAABUEXNXsBymnaP1a0CUFhS308Cjc6DDlrFIgm6SEg7LwEAAAAIdHJhbnNmZXIA\
    AAADAAAAEgAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIln3cYvvUAtKnw1D0AAAASAAAAAAAAAADPwqOe\
    1Fu/nXUmTfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAAAAoAAAAAAAAAAAAAAAAAAYagAAAAAAAAAAAAAAABqfDU\
    PQAAAEBkK1klM4gfFBCp1lG8ZZGHpDV15bgEJ47qEtuTjElftYIlxRj0uqsAQIxL1vKcRSGi/tcxY19cz7Dq\
    MPXDnXwHAAAAAAAAAAA=";

const SUB_INVOCATION: &str = "\
    AAAAAQAAAAAAAAAAz8KjntRbv511Jk35tsZrcWQrB3NxCy8lfKA1exSFEvcAAAAAAAACKwAB4kAAAAAQAAAA\
    AQAAAAEAAAARAAAAAQAAAAIAAAAPAAAACnB1YmxpY19rZXkAAAAAAA0AAAAgz8KjntRbv511Jk35tsZrcWQr\
    B3NxCy8lfKA1exSFEvcAAAAPAAAACXNpZ25hdHVyZQAAAAAAAA0AAABA8JxY5EX0lgOgArU+2YdE7wYx8PMC\
    CDMSbUHi+I9wyNoQ1QNkV0dyqiwHpfmpxlLZbAKxeyrW+P0hhaj1O6puCgAAAAAAAAABbKlUSrhO6InQ4DzD\
    rkcDCQfxTeNzfrJKXkmxZRPi780AAAADcGF5AAAAAAIAAAASAAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsH\
    c3ELLyV8oDV7FIUS9wAAAAoAAAAAAAAAAAAAAAAAAAAHAAAAAQAAAAAAAAABUEXNXsBymnaP1a0CUFhS308C\
    jc6DDlrFIgm6SEg7LwEAAAAIdHJhbnNmZXIAAAADAAAAEgAAAAAAAAAAz8KjntRbv511Jk35tsZrcWQrB3Nx\
    Cy8lfKA1exSFEvcAAAASAAAAAAAAAABPTbeObq7uxcQ4XEFGanOJplnMAiWfdxi+9QC0qfDUPQAAAAoAAAAA\
    AAAAAAAAAAAAAAAHAAAAAA==";

const SOURCE_ACCOUNT: &str = "\
    AAAAAAAAAAAAAAABUEXNXsBymnaP1a0CUFhS308Cjc6DDlrFIgm6SEg7LwEAAAAIdHJhbnNmZXIAAAADAAAA\
    EgAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIln3cYvvUAtKnw1D0AAAASAAAAAAAAAADPwqOe1Fu/nXUm\
    Tfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAAAAoAAAAAAAAAAAAAAAAAAAABAAAAAA==";

const WITH_MEMO: &str = "\
    AAAAAgAAAABPTbeObq7uxcQ4XEFGanOJplnMAiWfdxi+9QC0qfDUPQAAAGQAAAAAAAAACAAAAAEAAAAAAAAA\
    AAAAAABpXPpsAAAAAQAAAAhvcmRlciA0MgAAAAEAAAAAAAAAGAAAAAAAAAABUEXNXsBymnaP1a0CUFhS308C\
    jc6DDlrFIgm6SEg7LwEAAAAIdHJhbnNmZXIAAAADAAAAEgAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIl\
    n3cYvvUAtKnw1D0AAAASAAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAAAAoAAAAA\
    AAAAAAAAAAAAAYagAAAAAAAAAAAAAAAA";
