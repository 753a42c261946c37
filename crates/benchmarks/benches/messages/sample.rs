//! One payment, made with fixed keys, as a buyer would send it.

use coinslot_caip2_network::StellarNetwork;
use coinslot_soroban_authorization::{
    Envelope, SecretKey, SorobanResources, Transfer, TransferTransaction, UnsignedAuthEntry,
};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_usdc_amount::{BaseUnits, usdc_on};
use coinslot_x402_wire::{PaymentPayload, PaymentRequirements, ResourceInfo};

pub(crate) const NETWORK: StellarNetwork = StellarNetwork::Testnet;
pub(crate) const EXPIRATION_LEDGER: u32 = 1_000_012;
pub(crate) const AMOUNT: u64 = 10_000;

pub(crate) struct Sample {
    pub(crate) requirements: PaymentRequirements,
    pub(crate) payload: PaymentPayload,
    pub(crate) envelope: Envelope,
}

pub(crate) fn payment() -> Sample {
    let payer = SecretKey::from_seed([7; 32]);
    let payee = SecretKey::from_seed([9; 32]).account_id();
    let usdc = usdc_on(NETWORK.chain_id().as_str())
        .expect("USDC is on testnet")
        .contract;
    let transfer = Transfer {
        token: usdc.parse::<ContractId>().expect("the SAC is an address"),
        from: Address::Account(payer.account_id()),
        to: Address::Account(payee),
        amount: i128::from(AMOUNT),
    };
    let entry =
        UnsignedAuthEntry::for_transfer(&transfer, 0x1234_5678_9abc_def0, EXPIRATION_LEDGER)
            .sign(&payer, &NETWORK.network_id())
            .expect("the key signs");
    let envelope = TransferTransaction {
        source: AccountId::ALL_ZEROS,
        sequence: 1,
        fee: 40_100,
        max_time: Some(1_900_000_000),
        transfer,
        auth: vec![entry],
        resources: Some(SorobanResources::from_base64(RESOURCES).expect("the resources decode")),
    }
    .to_envelope();
    let requirements = PaymentRequirements::new(
        "exact",
        NETWORK.chain_id().to_owned(),
        BaseUnits::from_u64(AMOUNT),
        usdc,
        payee.to_string(),
        60,
    )
    .with_extra("areFeesSponsored", true);
    let inner =
        serde_json::Map::from_iter([("transaction".to_owned(), envelope.to_base64().into())]);
    let payload = PaymentPayload::new(requirements.clone(), inner).with_resource(
        ResourceInfo::new("https://api.example.com/weather")
            .with_description("The weather")
            .with_mime_type("application/json"),
    );
    Sample {
        requirements,
        payload,
        envelope,
    }
}

const RESOURCES: &str = "AAAAAAAAAAEAAAAGAAAAAVBFzV7Acpp2j9WtAlBYUt9PAo3Ogw5axSIJukhIOy8BAAAAFAAAAAEAAAACAAAAAAAAAABPTbeObq7uxcQ4XEFGanOJplnMAiWfdxi+9QC0qfDUPQAAAAAAAAAAz8KjntRbv511Jk35tsZrcWQrB3NxCy8lfKA1exSFEvcAFuNgAAAH0AAAArwAAAAAAACvyA==";
