//! What the official JavaScript programs make: `@stellar/stellar-sdk` 15.1.0 and `@stellar/mpp` 0.7.0.

use coinslot_mpp_charge_stellar::{CheckedCharge, ClientPlan, Facts, Fault, Mode, identify, plan};
use coinslot_mpp_wire::Credential;
use coinslot_mpp_wire::stellar::ChargePayload;
use coinslot_soroban_authorization::{AuthEntry, Envelope, SecretKey, TransferEnvelope, fee_bump};

use crate::charge::*;

fn official_payer() -> SecretKey {
    let seed = "f47279eec7c7e7f7821513eeca16d8bb2a84f3f3d88d8410fd2ac0ba6afc51db";
    SecretKey::from_seed(hex::decode(seed).unwrap().try_into().unwrap())
}

/// The challenge's `expires` is the transaction's `maxTime`; the entry is valid for 60 ledgers more.
fn credential(route: &Route, transaction: &str) -> Credential {
    let payload = ChargePayload::Transaction {
        transaction: transaction.to_owned(),
    };
    let payer = official_payer().account_id();
    Credential::new(route.challenge(), &payload)
        .with_source(format_args!("did:pkh:stellar:testnet:{payer}"))
}

#[test]
fn a_sponsored_payment_is_accepted_and_ours_is_signed_alike() {
    let route = Route::new(&request(100_000, sponsored_details()).encode());
    let CheckedCharge::Sponsored(charge) = route.check(&credential(&route, SPONSORED)).unwrap()
    else {
        unreachable!("the route is sponsored")
    };
    let facts = Facts {
        latest_ledger: 1_000_040,
        ..facts_with(vec![transfer_event(official_payer().account_id(), 100_000)])
    };
    assert_eq!(charge.expiration_ledger(), 1_000_100);
    let charge = charge.verify(&facts).unwrap();

    let payer = official_payer();
    let plan = plan(&route.challenge(), payer.account_id(), Mode::Pull, b"", NOW).unwrap();
    let ClientPlan::Sponsored(plan) = plan else {
        unreachable!("the route is sponsored")
    };
    let until = plan.expiration_ledger(1_000_040, NOW).unwrap();
    let entry = plan
        .authorization(42, until)
        .sign(&payer, &network().network_id())
        .unwrap();
    assert_eq!(entry, *charge.checked().entry());

    // With what the simulation found, the transaction is the same but for its fee, in which the official program counts
    // the resources twice.
    let official = TransferEnvelope::from_base64(SPONSORED).unwrap();
    let ours = plan.credential(entry, official.resources.clone().unwrap(), 45_000);
    let ours = changed(&envelope_of(&ours), |transaction| {
        transaction.fee = official.fee
    });
    assert_eq!(ours.to_base64(), SPONSORED);
}

/// The recorded transaction was made without a simulation, so that it has no authorization entry; nothing else is wrong
/// with it, fee bump and signatures included.
#[test]
fn a_fee_bump_of_the_payers_own_is_read_and_known_by_its_inner_hash() {
    let route = Route::new(&request(100_000, unsponsored_details()).encode());
    assert_eq!(
        route.refuses(&credential(&route, FEE_BUMP)),
        Fault::EntryCount { found: 0 }
    );
    let bump = Envelope::from_base64(FEE_BUMP).unwrap();
    let inner = bump.inner().unwrap();
    let transfer = TransferEnvelope::recognise(&inner).unwrap().transfer;
    let entry = xdr_entry(&AuthEntry::by_source_account(&transfer));
    let inner = auth_changed(&inner, |auth| auth.push(entry));
    let inner = signed_by(inner, &official_payer());
    let bump = fee_bump(&inner, stranger().account_id(), 1_232_000);
    let bump = signed_by(bump.unwrap(), &stranger());
    let credential = credential(&route, &bump.to_base64());
    assert!(matches!(
        route.check(&credential),
        Ok(CheckedCharge::Unsponsored(_))
    ));
    let id = network().network_id();
    let hashes = identify(&credential.payload, &route.terms).unwrap().hashes;
    assert_eq!(hashes, [inner.hash(&id), bump.hash(&id)]);
}

const SPONSORED: &str = "AAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABX/QAAAAAAAAAAQAAAAEAAAAAAAAAAAAAAABpXPpsAAAA\
    AAAAAAEAAAAAAAAAGAAAAAAAAAABUEXNXsBymnaP1a0CUFhS308Cjc6DDlrFIgm6SEg7LwEAAAAIdHJhbnNmZXIAAAADAAAAEgAA\
    AAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIln3cYvvUAtKnw1D0AAAASAAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsHc3ELLyV8\
    oDV7FIUS9wAAAAoAAAAAAAAAAAAAAAAAAYagAAAAAQAAAAEAAAAAAAAAAE9Nt45uru7FxDhcQUZqc4mmWcwCJZ93GL71ALSp8NQ9\
    AAAAAAAAACoAD0KkAAAAEAAAAAEAAAABAAAAEQAAAAEAAAACAAAADwAAAApwdWJsaWNfa2V5AAAAAAANAAAAIE9Nt45uru7FxDhc\
    QUZqc4mmWcwCJZ93GL71ALSp8NQ9AAAADwAAAAlzaWduYXR1cmUAAAAAAAANAAAAQBuoGPp/svexteYYAtZhz12J7EvNOwpihopr\
    VCfM0EUEAyNFFayvFpxu8KdSZK9jAnN3EUQlQLTjAy6oWdfVYQsAAAAAAAAAAVBFzV7Acpp2j9WtAlBYUt9PAo3Ogw5axSIJukhI\
    Oy8BAAAACHRyYW5zZmVyAAAAAwAAABIAAAAAAAAAAE9Nt45uru7FxDhcQUZqc4mmWcwCJZ93GL71ALSp8NQ9AAAAEgAAAAAAAAAA\
    z8KjntRbv511Jk35tsZrcWQrB3NxCy8lfKA1exSFEvcAAAAKAAAAAAAAAAAAAAAAAAGGoAAAAAAAAAABAAAAAAAAAAEAAAAGAAAA\
    AVBFzV7Acpp2j9WtAlBYUt9PAo3Ogw5axSIJukhIOy8BAAAAFAAAAAEAAAACAAAAAAAAAABPTbeObq7uxcQ4XEFGanOJplnMAiWf\
    dxi+9QC0qfDUPQAAAAAAAAAAz8KjntRbv511Jk35tsZrcWQrB3NxCy8lfKA1exSFEvcAFuNgAAAH0AAAArwAAAAAAACvyAAAAAA=";

const FEE_BUMP: &str = "AAAABQAAAAAI3jZnfULtk0CEIDDln2vzCoPllXpXufISMnKQPPCbMgAAAAAAEsyAAAAAAgAAAABPTbeObq7uxcQ4XEFGanOJplnM\
    AiWfdxi+9QC0qfDUPQAA6sQAAAAAAAAAZAAAAAEAAAAAAAAAAAAAAABpXPpsAAAAAAAAAAEAAAAAAAAAGAAAAAAAAAABUEXNXsBy\
    mnaP1a0CUFhS308Cjc6DDlrFIgm6SEg7LwEAAAAIdHJhbnNmZXIAAAADAAAAEgAAAAAAAAAAT023jm6u7sXEOFxBRmpziaZZzAIl\
    n3cYvvUAtKnw1D0AAAASAAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAAAAoAAAAAAAAAAAAAAAAAAYag\
    AAAAAAAAAAEAAAAAAAAAAQAAAAYAAAABUEXNXsBymnaP1a0CUFhS308Cjc6DDlrFIgm6SEg7LwEAAAAUAAAAAQAAAAIAAAAAAAAA\
    AE9Nt45uru7FxDhcQUZqc4mmWcwCJZ93GL71ALSp8NQ9AAAAAAAAAADPwqOe1Fu/nXUmTfm2xmtxZCsHc3ELLyV8oDV7FIUS9wAN\
    u6AAAAfQAAACvAAAAAAAAHUwAAAAAanw1D0AAABAdJ5ADfztKpOqR+vL2wvkzvgzUcGL2HV1tQJrhf1/L3iosKC99iHVLYUtphml\
    EPmKzhIhcsPZMfpha+IeTvcbDAAAAAAAAAABPPCbMgAAAEC+WeYWfkpHsstSGQLwcntMvNYXu3PE3DBzx6L8WXfeJ1jf1glZB1JJ\
    HAhuRdYgM4xXLhylX33AxT1G0Cji08EE";
