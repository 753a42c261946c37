//! A seller that is paid from channels, by the rules of the server's side: what it minted, what came, what it took.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::response::Response;
use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{
    ChannelProof, CommitmentKey, CommitmentTemplate, CommitmentVerifier, Voucher,
};
use coinslot_client::{ChannelFunds, PayingClient, PayingClientBuilder};
use coinslot_mpp_wire::stellar::{
    ChannelAction, ChannelDetails, ChannelPayload, ChannelRequest, ChannelStanding, NamedChannel,
};
use coinslot_mpp_wire::{
    BodyDigest, Challenge, Credential, IntentName, MethodName, ProblemKind, Receipt, Timestamp,
};
use coinslot_payment_store::PaymentStore;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use crate::ledger::ModelLedger;
use crate::seller::{Call, answer};
use crate::shop::{budget, builder};
use crate::till::now;

/// What every request costs here.
pub(crate) const PRICE: u64 = 10_000;

pub(crate) fn id(number: u8) -> ContractId {
    ContractId::from_bytes([number; 32])
}

pub(crate) fn key(number: u8) -> CommitmentKey {
    CommitmentKey::from_seed([number; 32])
}

/// Ten cents in all, one cent for a request, at this machine.
pub(crate) fn funds(number: u8) -> ChannelFunds {
    let caps = ChannelFunds::of(id(number), key(number)).per_channel("$0.1");
    let funds = caps.unwrap().per_request("$0.01").unwrap();
    funds.hosts(["127.0.0.1"]).unwrap()
}

pub(crate) fn with_channels(
    ledger: &Arc<ModelLedger>,
    store: &Arc<dyn PaymentStore>,
    numbers: impl IntoIterator<Item = u8>,
) -> PayingClientBuilder {
    let client = builder(ledger, store, budget());
    numbers
        .into_iter()
        .fold(client, |client, number| client.channel(funds(number)))
}

pub(crate) fn buyer(ledger: &Arc<ModelLedger>, store: &Arc<dyn PaymentStore>) -> PayingClient {
    with_channels(ledger, store, [1]).build().unwrap()
}

/// The voucher of a channel of ours.
pub(crate) fn voucher(number: u8, signer: &CommitmentKey, amount: u64) -> Voucher {
    let network = StellarNetwork::Testnet.network_id();
    let template = CommitmentTemplate::new(&network, &id(number));
    signer.sign_amount(&template, BaseUnits::from_u64(amount))
}

/// What shows it in an answer.
pub(crate) fn standing(number: u8, voucher: &Voucher) -> String {
    let standing = ChannelStanding {
        channel: id(number).to_string(),
        cumulative: voucher.amount(),
        signature: *voucher.signature(),
    };
    standing.to_string()
}

/// A voucher as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) channel: u8,
    pub(crate) action: ChannelAction,
    pub(crate) amount: u64,
    pub(crate) path: String,
    pub(crate) challenge: String,
}

/// What it has taken last for a channel.
#[derive(Clone)]
struct Taken {
    voucher: Voucher,
    path: String,
}

#[derive(Default)]
struct Books {
    minted: HashMap<String, u64>,
    came: Vec<Came>,
    taken: HashMap<u8, Taken>,
    closed: Vec<(u8, u64)>,
}

/// The seller.
#[derive(Clone, Default)]
pub(crate) struct Booth {
    books: Arc<Mutex<Books>>,
    count: Arc<AtomicU64>,
    /// How many requests were served.
    pub(crate) served: Arc<AtomicUsize>,
    /// How many proofs came.
    pub(crate) proofs: Arc<AtomicUsize>,
    /// Takes each challenge once, as the official SDK does.
    burns: bool,
    /// Tells everyone how far the channel is used, and shows no voucher, as the official SDK does.
    announces: bool,
}

impl Booth {
    /// One that behaves as the official SDK does.
    pub(crate) fn official() -> Self {
        Self {
            burns: true,
            announces: true,
            ..Self::default()
        }
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.books.lock().unwrap().came.clone()
    }

    /// The amounts that came, in their order.
    pub(crate) fn amounts(&self) -> Vec<u64> {
        self.came().iter().map(|came| came.amount).collect()
    }

    pub(crate) fn closed(&self) -> Vec<(u8, u64)> {
        self.books.lock().unwrap().closed.clone()
    }

    /// The value of a `WWW-Authenticate` header.
    pub(crate) fn mint(&self, number: u8, edit: impl FnOnce(&mut Terms)) -> String {
        let mut terms = Terms {
            channel: id(number).to_string(),
            price: PRICE,
            expires: now() + 120,
            network: StellarNetwork::Testnet,
            claimed: None,
            digest: None,
            unit: None,
        };
        edit(&mut terms);
        let details = ChannelDetails {
            cumulative_amount: terms.claimed.map(BaseUnits::from_u64),
            network: Some(terms.network.chain_id().to_owned()),
            reference: None,
        };
        let price = BaseUnits::from_u64(terms.price);
        let request = ChannelRequest {
            unit_type: terms.unit.map(str::to_owned),
            ..ChannelRequest::new(price, terms.channel, details)
        };
        let name = format!("c{}", self.count.fetch_add(1, Ordering::SeqCst));
        let (method, intent) = (MethodName::stellar(), IntentName::channel());
        let mut challenge =
            Challenge::new(name.clone(), "a realm", method, intent, request.encode()).unwrap();
        challenge = challenge.with_expires(Timestamp::from_unix_seconds(terms.expires).unwrap());
        if let Some(digest) = terms.digest {
            challenge = challenge.with_digest(digest);
        }
        let mut books = self.books.lock().unwrap();
        books.minted.insert(name, terms.price);
        challenge.to_header()
    }

    /// The answer of an honest seller.
    pub(crate) fn sell(&self, call: &Call) -> Response {
        self.sell_for(call, |_| {})
    }

    /// The same with other terms.
    pub(crate) fn sell_for(&self, call: &Call, edit: impl Fn(&mut Terms)) -> Response {
        let Some(header) = &call.payment else {
            return self.ask(call, edit);
        };
        let (came, voucher) = self.note(header, call);
        let number = came.channel;
        let mut books = self.books.lock().unwrap();
        let Some(price) = books.minted.get(&came.challenge).copied() else {
            drop(books);
            return self.refuse(number, ProblemKind::InvalidChallenge, edit);
        };
        if self.burns {
            books.minted.remove(&came.challenge);
        }
        let before = books.taken.get(&number).cloned();
        let last = before
            .as_ref()
            .map_or(0, |taken| units(taken.voucher.amount()));
        if came.action == ChannelAction::Close {
            books.closed.push((number, came.amount));
            return answer(204, &[("payment-receipt", &receipt(&came, Some("ab")))], "");
        }
        match before {
            Some(taken) if last == came.amount && taken.path == came.path => {}
            _ if came.amount >= last + price => {
                let path = came.path.clone();
                books.taken.insert(number, Taken { voucher, path });
                self.served.fetch_add(1, Ordering::SeqCst);
            }
            _ => {
                drop(books);
                return self.refuse(number, ProblemKind::DeltaTooSmall, edit);
            }
        }
        answer(200, &[("payment-receipt", &receipt(&came, None))], "sunny")
    }

    /// The channel that a credential pays from.
    pub(crate) fn channel_in(header: &str) -> u8 {
        let credential = Credential::from_header(header).unwrap();
        let request: ChannelRequest = credential.challenge.request().read().unwrap();
        number_of(&request.channel)
    }

    /// Notes a voucher, whose signature must hold.
    pub(crate) fn note(&self, header: &str, call: &Call) -> (Came, Voucher) {
        let credential = Credential::from_header(header).unwrap();
        let payload: ChannelPayload = credential.payload.read().unwrap();
        let request: ChannelRequest = credential.challenge.request().read().unwrap();
        let number = number_of(&request.channel);
        let voucher = Voucher::new(payload.amount, payload.signature);
        verifier(number).verify(voucher).unwrap();
        let came = Came {
            channel: number,
            action: payload.action,
            amount: units(payload.amount),
            path: format!("{} {}", call.method, call.uri),
            challenge: credential.challenge.id().to_owned(),
        };
        self.books.lock().unwrap().came.push(came.clone());
        (came, voucher)
    }

    fn ask(&self, call: &Call, edit: impl Fn(&mut Terms)) -> Response {
        let named = call.headers.get("payment-channel");
        let named: Option<NamedChannel> = named.map(|it| it.to_str().unwrap().parse().unwrap());
        let Some(named) = named else {
            let header = self.mint(1, edit);
            return answer(402, &[("www-authenticate", &header)], "{}");
        };
        let number = number_of(&named.channel);
        let highest = self.books.lock().unwrap().taken.get(&number).cloned();
        let proved = named.proof.is_some_and(|proof| {
            let proof = ChannelProof::new(proof.at, proof.signature);
            proof.at().abs_diff(now()) <= 60 && verifier(number).verify_proof(proof).is_ok()
        });
        if proved {
            self.proofs.fetch_add(1, Ordering::SeqCst);
        }
        let used = highest
            .as_ref()
            .map_or(0, |taken| units(taken.voucher.amount()));
        let header = self.mint(number, |terms| {
            terms.claimed = self.announces.then_some(used);
            edit(terms);
        });
        let mut headers = vec![("www-authenticate", header)];
        if let Some(taken) = highest.filter(|_| proved && !self.announces) {
            headers.push(("payment-channel", standing(number, &taken.voucher)));
        }
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, it)| (*name, it.as_str()))
            .collect();
        answer(402, &headers, "{}")
    }

    /// A 402 with a problem and a fresh challenge.
    pub(crate) fn refuse(
        &self,
        number: u8,
        kind: ProblemKind,
        edit: impl FnOnce(&mut Terms),
    ) -> Response {
        let header = self.mint(number, edit);
        let headers = [
            ("www-authenticate", header.as_str()),
            ("content-type", "application/problem+json"),
        ];
        answer(402, &headers, kind.problem().to_json())
    }

    /// Every voucher that came is above all that came before for its channel, or the same for the same request.
    pub(crate) fn amounts_rise(&self) {
        let mut highest: HashMap<u8, (u64, String)> = HashMap::new();
        for came in self.came() {
            let (last, path) = highest.entry(came.channel).or_default();
            assert!(
                came.amount > *last || (came.amount == *last && came.path == *path),
                "{came:?} after {last}"
            );
            (*last, *path) = (came.amount, came.path);
        }
    }
}

/// What a challenge says.
pub(crate) struct Terms {
    pub(crate) channel: String,
    pub(crate) price: u64,
    pub(crate) expires: u64,
    pub(crate) network: StellarNetwork,
    pub(crate) claimed: Option<u64>,
    pub(crate) digest: Option<BodyDigest>,
    /// What the price is that of, when the answer is paid for as it is produced.
    pub(crate) unit: Option<&'static str>,
}

pub(crate) fn receipt(came: &Came, transaction: Option<&str>) -> String {
    let at = Timestamp::from_unix_seconds(now()).unwrap();
    let mut receipt = Receipt::new("stellar", came.challenge.clone(), at);
    let mut say = |name: &str, value: String| {
        receipt.extensions.insert(name.to_owned(), value.into());
    };
    say("channelId", id(came.channel).to_string());
    say("acceptedCumulative", came.amount.to_string());
    if let Some(byte) = transaction {
        say("txHash", byte.repeat(32));
    }
    receipt.to_header()
}

fn verifier(number: u8) -> CommitmentVerifier {
    let network = StellarNetwork::Testnet.network_id();
    CommitmentVerifier::new(&network, &id(number), &key(number).public_key()).unwrap()
}

fn number_of(channel: &str) -> u8 {
    let channel: ContractId = channel.parse().unwrap();
    channel.as_bytes()[0]
}

fn units(amount: BaseUnits) -> u64 {
    amount.as_u128().try_into().unwrap()
}

/// The status of the answer to a request that may be paid for.
pub(crate) async fn status(client: &PayingClient, url: String) -> http::StatusCode {
    client.get(url).send().await.unwrap().status()
}

/// A 402 with a problem, and nothing to pay.
pub(crate) fn refusal(kind: ProblemKind) -> Response {
    let headers = [("content-type", "application/problem+json")];
    answer(402, &headers, kind.problem().to_json())
}
