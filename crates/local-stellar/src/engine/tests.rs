//! The engine without its thread: what must hold whatever is submitted.

use std::sync::Arc;

use coinslot_soroban_authorization::SecretKey;
use proptest::prelude::*;
use stellar_xdr::{
    Asset, CreateAccountOp, LedgerEntryData, Memo, MuxedAccount, Operation, OperationBody,
    PaymentOp, Preconditions, SequenceNumber, SetOptionsOp, Signer, SignerKey, Transaction,
    TransactionEnvelope, TransactionExt, TransactionV1Envelope, Uint256,
};

use super::close::TOTAL_COINS;
use super::frame::Frame;
use super::genesis::account_id;
use super::history::Retention;
use super::pace::CloseMode;
use super::submit::Submission;
use super::treasury::usdc;
use super::{Engine, EngineOptions, classic};
use crate::clock::ManualLedgerClock;
use crate::settings::FeeSettings;

fn engine(retention: Retention) -> Engine {
    Engine::new(EngineOptions {
        passphrase: "a network of tests".to_owned(),
        fees: FeeSettings::Low,
        close: CloseMode::Manual,
        retention,
        clock: Arc::new(ManualLedgerClock::new(1_700_000_000)),
    })
    .unwrap()
}

const PLENTY: Retention = Retention {
    ledgers: 100,
    transactions: 100,
};

/// What a stranger may try, with figures of any size.
#[derive(Clone, Debug)]
enum Attempt {
    Pay { from: u8, to: u8, amount: i64 },
    PayUsdc { from: u8, to: u8, amount: i64 },
    Create { from: u8, to: u8, amount: i64 },
    AddSigner { from: u8, weight: u32 },
    Close,
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let account = 0..4_u8;
    let amount = prop_oneof![-5..5_i64, 0..200_000_000_000_i64, any::<i64>()];
    let attempt = prop_oneof![
        4 => (account.clone(), account.clone(), amount.clone())
            .prop_map(|(from, to, amount)| Attempt::Pay { from, to, amount }),
        2 => (account.clone(), account.clone(), amount.clone())
            .prop_map(|(from, to, amount)| Attempt::PayUsdc { from, to, amount }),
        2 => (account.clone(), 0..8_u8, amount)
            .prop_map(|(from, to, amount)| Attempt::Create { from, to, amount }),
        1 => (account, any::<u32>()).prop_map(|(from, weight)| Attempt::AddSigner { from, weight }),
        1 => Just(Attempt::Close),
    ];
    proptest::collection::vec(attempt, 1..40)
}

fn key(n: u8) -> SecretKey {
    SecretKey::from_seed([n.wrapping_add(1); 32])
}

fn id(n: u8) -> stellar_xdr::AccountId {
    account_id(*key(n).account_id().as_bytes())
}

fn frame(engine: &Engine, from: u8, body: OperationBody, sequence: i64) -> Frame {
    let tx = Transaction {
        source_account: MuxedAccount::from(id(from)),
        fee: 100,
        seq_num: SequenceNumber(sequence),
        cond: Preconditions::None,
        memo: Memo::None,
        operations: vec![Operation {
            source_account: None,
            body,
        }]
        .try_into()
        .unwrap(),
        ext: TransactionExt::V0,
    };
    let hash = tx.hash(engine.network_id()).unwrap();
    let signature = stellar_xdr::DecoratedSignature {
        hint: stellar_xdr::SignatureHint(
            key(from).account_id().as_bytes()[28..].try_into().unwrap(),
        ),
        signature: stellar_xdr::Signature(key(from).sign(&hash).to_vec().try_into().unwrap()),
    };
    let envelope = TransactionEnvelope::Tx(TransactionV1Envelope {
        tx,
        signatures: vec![signature].try_into().unwrap(),
    });
    Frame::new(&envelope, engine.network_id()).unwrap()
}

fn body(attempt: &Attempt) -> Option<(u8, OperationBody)> {
    Some(match attempt {
        Attempt::Pay { from, to, amount } => (
            *from,
            OperationBody::Payment(PaymentOp {
                destination: MuxedAccount::from(id(*to)),
                asset: Asset::Native,
                amount: *amount,
            }),
        ),
        Attempt::PayUsdc { from, to, amount } => (
            *from,
            OperationBody::Payment(PaymentOp {
                destination: MuxedAccount::from(id(*to)),
                asset: usdc(),
                amount: *amount,
            }),
        ),
        Attempt::Create { from, to, amount } => (
            *from,
            OperationBody::CreateAccount(CreateAccountOp {
                destination: id(*to),
                starting_balance: *amount,
            }),
        ),
        Attempt::AddSigner { from, weight } => (
            *from,
            OperationBody::SetOptions(SetOptionsOp {
                inflation_dest: None,
                clear_flags: None,
                set_flags: None,
                master_weight: None,
                low_threshold: None,
                med_threshold: None,
                high_threshold: None,
                home_domain: None,
                signer: Some(Signer {
                    key: SignerKey::Ed25519(Uint256(
                        weight.to_be_bytes().repeat(8).try_into().unwrap(),
                    )),
                    weight: weight % 300,
                }),
            }),
        ),
        Attempt::Close => return None,
    })
}

/// All lumens, all USDC, and whether every account is within its own rules.
fn audit(engine: &Engine) -> (i128, i128, bool) {
    let (mut lumens, mut dollars, mut sound) = (0_i128, 0_i128, true);
    for (_, stored) in engine.state().entries().iter() {
        match &stored.entry.data {
            LedgerEntryData::Account(account) => {
                lumens += i128::from(account.balance);
                let owned = usize::try_from(account.num_sub_entries).unwrap();
                sound &= account.balance >= 0 && owned >= account.signers.len();
            }
            LedgerEntryData::Trustline(line) => {
                dollars += i128::from(line.balance);
                sound &= (0..=line.limit).contains(&line.balance);
            }
            _ => {}
        }
    }
    let pool = i128::from(engine.latest().header.fee_pool);
    (lumens + pool, dollars, sound)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Lumens only move, between accounts and to the fee pool; USDC only moves; a submission that was accepted takes
    /// its account's sequence number one further and its fee.
    #[test]
    fn nothing_is_made_and_nothing_is_lost(attempts in attempts()) {
        let mut engine = engine(PLENTY);
        for n in 0..4 {
            engine.fund(&id(n), 50_000_000_000).unwrap();
            engine.trust_usdc(&key(n)).unwrap();
        }
        engine.give_usdc(&id(0), 1_000).unwrap();
        let mut waiting = [0_i64; 4];
        for attempt in &attempts {
            let Some((from, body)) = body(attempt) else {
                engine.close_ledger().unwrap();
                waiting = [0; 4];
                continue;
            };
            let index = usize::from(from);
            let sequence = engine.account(&id(from)).unwrap().seq_num.0 + waiting[index] + 1;
            let sent = frame(&engine, from, body, sequence);
            if let Submission::Pending = engine.submit(sent).unwrap() {
                waiting[index] += 1;
            }
        }
        let before: Vec<_> = (0..4).map(|n| engine.account(&id(n)).unwrap().seq_num.0).collect();
        engine.close_ledger().unwrap();
        for n in 0..4_u8 {
            let index = usize::from(n);
            let account = engine.account(&id(n)).unwrap();
            prop_assert_eq!(account.seq_num.0, before[index] + waiting[index]);
            prop_assert!(classic::minimum_balance(&account) > 0);
        }
        let (lumens, dollars, sound) = audit(&engine);
        prop_assert_eq!(lumens, i128::from(TOTAL_COINS));
        prop_assert_eq!(dollars, 1_000);
        prop_assert!(sound);
    }
}

#[test]
fn the_past_is_forgotten_in_whole_ledgers() {
    let mut engine = engine(Retention {
        ledgers: 10,
        transactions: 4,
    });
    let mut hashes = Vec::new();
    for n in 0..12 {
        hashes.push(engine.fund(&id(n), 50_000_000_000).unwrap());
    }
    let known = |engine: &Engine| {
        hashes
            .iter()
            .filter(|hash| engine.history().transaction(hash).is_some())
            .count()
    };
    assert_eq!(known(&engine), 4);
    let oldest = engine.oldest().sequence();
    assert!(
        engine
            .history()
            .transactions()
            .all(|record| record.ledger >= oldest)
    );
    for _ in 0..20 {
        engine.close_ledger().unwrap();
    }
    assert_eq!(engine.history().ledgers().count(), 10);
    assert_eq!(known(&engine), 0);
    assert_eq!(engine.latest().sequence() - engine.oldest().sequence(), 9);
}

#[test]
fn an_account_without_lumens_is_sponsored() {
    let mut engine = engine(PLENTY);
    engine.create_without_lumens(&id(0));
    engine.give_usdc(&id(0), 7).unwrap();
    let account = engine.account(&id(0)).unwrap();
    assert_eq!(
        (account.balance, classic::minimum_balance(&account)),
        (0, 0)
    );
    let (lumens, dollars, sound) = audit(&engine);
    assert_eq!((lumens, dollars, sound), (i128::from(TOTAL_COINS), 7, true));
    let still_sponsored = engine
        .state()
        .entries()
        .load(&super::overlay::trustline_key(
            &id(0),
            &classic::trustline_asset(&usdc()),
        ))
        .is_some_and(|line| line.entry.ext != stellar_xdr::LedgerEntryExt::V0);
    assert!(still_sponsored, "also after the line was written to");
}
