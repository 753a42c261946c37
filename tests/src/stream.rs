//! A seller whose answer is paid for as it is produced, and a buyer who listens and pays by hand.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};
use std::time::Duration;

use axum::{Router, extract::Query, http::StatusCode, response::IntoResponse, routing::get};
use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_wire::stellar::{NEED_VOUCHER_EVENT, NeedVoucher, PAYMENT_STREAM, RECEIPT_EVENT};
use coinslot_mpp_wire::{Challenge, Receipt};
use coinslot_payment_store::PaymentStore;
use coinslot_server::{Gate, mpp, stream::SseEvent};
use coinslot_server_axum::{Metered, paid};
use coinslot_settlement::Channels;
use futures_util::stream::unfold;
use reqwest::{Method, Response, header::AUTHORIZATION};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::channel::{Funded, receipt};
use crate::programs::{SECRET, Served};

/// What a unit costs, in base units.
pub const UNIT: u64 = 1_000;

/// A seller of `/count?to=…`, whose events are numbers, each for one unit. There are none up to zero: 404.
#[derive(Debug)]
pub struct Counter {
    served: Served,
    at_work: Arc<AtWork>,
}

/// What its handler has done, and may do.
#[derive(Debug)]
struct AtWork {
    runs: AtomicU64,
    /// How many events it was asked for.
    asked: AtomicU64,
    /// How many more it may produce.
    leave: Semaphore,
}

/// What is asked of it.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Ask {
    /// The last number.
    to: u64,
    /// How many bytes to send with each number.
    #[serde(default)]
    weight: usize,
    /// How many units each number costs; one if nothing is said.
    cost: Option<u64>,
    /// How many units are charged before there is an answer.
    ahead: Option<u64>,
}

impl Counter {
    /// Opens it, with leave to produce everything at once.
    pub async fn open(store: Arc<dyn PaymentStore>, channels: Channels) -> Self {
        let counter = Self::open_with(store, channels, offer(), None).await;
        counter.leave(Semaphore::MAX_PERMITS);
        counter
    }

    /// Opens it with such an offer, and with leave to produce nothing yet; with the address of another one, it passes
    /// for that.
    pub async fn open_with(
        store: Arc<dyn PaymentStore>,
        channels: Channels,
        offer: mpp::ChannelOffer,
        base: Option<&str>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let own = format!("http://{}", listener.local_addr().expect("an address"));
        let gate = Gate::builder()
            .offer(offer)
            .channels(channels)
            .bind_body(true)
            // It brings vouchers all the same.
            .free_methods([Method::HEAD])
            .secret(SECRET)
            .store(store)
            .resource_base(base.unwrap_or(&own))
            .build()
            .await
            .expect("a gate");
        let at_work = Arc::new(AtWork {
            runs: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            leave: Semaphore::new(0),
        });
        let state = Arc::clone(&at_work);
        let count = async move |Metered(meter): Metered, Query(ask): Query<Ask>| {
            state.runs.fetch_add(1, SeqCst);
            if ask.to == 0 {
                return StatusCode::NOT_FOUND.into_response();
            }
            if let Some(units) = ask.ahead {
                let meter = meter.clone();
                tokio::spawn(async move { meter.charge(units).await });
                sleep(Duration::from_millis(100)).await;
            }
            let state = Arc::clone(&state);
            let numbers = unfold(1, move |number| next(Arc::clone(&state), ask, number));
            meter.events(numbers).into_response()
        };
        let app =
            |_: &str| Router::new().route("/count", paid(gate, get(count.clone()).post(count)));
        Self {
            served: Served::start_on(listener, app),
            at_work,
        }
    }

    /// Gives leave to produce so many more.
    pub fn leave(&self, events: usize) {
        self.at_work.leave.add_permits(events);
    }

    /// How often the handler ran.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.at_work.runs.load(SeqCst)
    }

    /// How many events the handler was asked for.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.at_work.asked.load(SeqCst)
    }

    /// Its address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.served.url
    }

    /// The address of so many numbers.
    #[must_use]
    pub fn url(&self, to: u64) -> String {
        format!("{}/count?to={to}", self.served.url)
    }
}

async fn next(at_work: Arc<AtWork>, ask: Ask, number: u64) -> Option<(SseEvent, u64)> {
    if number > ask.to {
        return None;
    }
    at_work.asked.fetch_add(1, SeqCst);
    at_work
        .leave
        .acquire()
        .await
        .expect("it is never closed")
        .forget();
    let data = format!("{number}{}", " ".repeat(ask.weight));
    let event = SseEvent::new(data).name("number").expect("a name");
    Some((event.units(ask.cost.unwrap_or(1)), number + 1))
}

/// $0.0001 a number.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn offer() -> mpp::ChannelOffer {
    mpp::channel("$0.0001")
        .expect("an offer")
        .network(StellarNetwork::Testnet)
        .per_unit("number")
}

/// What a stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A number that is paid for.
    Number(String),
    /// More is to be paid.
    Need(NeedVoucher),
    /// It has ended.
    Receipt(Receipt),
    /// A comment.
    Comment,
}

/// A buyer who listens to a stream.
#[derive(Debug)]
pub struct Listening {
    /// The stream's name.
    pub id: String,
    /// The receipt that it began with.
    pub began: Receipt,
    response: Response,
    heard: String,
}

impl Listening {
    /// Listens to an answer.
    ///
    /// # Panics
    ///
    /// When it is no stream.
    #[must_use]
    pub fn to(response: Response) -> Self {
        assert_eq!(response.status(), 200, "{response:?}");
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-store");
        let id = headers[PAYMENT_STREAM].to_str().expect("ASCII").to_owned();
        assert_eq!(id.len(), 32, "{id}");
        Self {
            id,
            began: receipt(&response),
            response,
            heard: String::new(),
        }
    }

    /// The next thing that it says, within so long.
    ///
    /// # Panics
    ///
    /// When there is silence, or something that is not understood.
    pub async fn next_within(&mut self, time: Duration) -> Option<Heard> {
        loop {
            if let Some((block, rest)) = self.heard.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.heard = rest;
                return Some(understood(&block));
            }
            let chunk = timeout(time, self.response.chunk()).await;
            let chunk = chunk
                .expect("no silence")
                .expect("a body that does not break off")?;
            self.heard
                .push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// The next thing that it says soon.
    pub async fn next(&mut self) -> Option<Heard> {
        self.next_within(Duration::from_secs(10)).await
    }

    /// Hears these numbers.
    pub async fn numbers(&mut self, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            assert_eq!(self.next().await, Some(Heard::Number(number.to_string())));
        }
    }

    /// Hears that more is to be paid.
    ///
    /// # Panics
    ///
    /// When it hears something else.
    pub async fn need(&mut self) -> NeedVoucher {
        match self.next().await {
            Some(Heard::Need(need)) => need,
            other => panic!("no need of a voucher: {other:?}"),
        }
    }

    /// Hears the receipt, and nothing after it.
    ///
    /// # Panics
    ///
    /// When it hears something else.
    pub async fn end(&mut self) -> Receipt {
        match self.next().await {
            Some(Heard::Receipt(receipt)) => {
                assert_eq!(self.next().await, None);
                receipt
            }
            other => panic!("no receipt: {other:?}"),
        }
    }

    /// Whether there is silence for so long.
    pub async fn is_silent_for(&mut self, time: Duration) -> bool {
        self.heard.is_empty() && timeout(time, self.response.chunk()).await.is_err()
    }
}

impl Funded {
    /// Begins a stream.
    pub async fn listen(&self, url: &str, challenge: &Challenge, amount: u64) -> Listening {
        Listening::to(self.pay(url, challenge, amount).await)
    }

    /// Sends a voucher for a stream.
    pub async fn top_up(
        &self,
        url: &str,
        challenge: &Challenge,
        id: &str,
        amount: u64,
    ) -> Response {
        add(Method::HEAD, url, id, &self.answer(challenge, amount)).await
    }
}

/// Sends a credential for a stream.
pub async fn add(method: Method, url: &str, id: &str, credential: &str) -> Response {
    let request = reqwest::Client::new().request(method, url);
    let request = request
        .header(PAYMENT_STREAM, id)
        .header(AUTHORIZATION, credential);
    request.send().await.expect("an answer")
}

fn understood(block: &str) -> Heard {
    let (mut name, mut data) = ("", Vec::new());
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("event", value)) => name = value,
            Some(("data", value)) => data.push(value),
            _ if line.starts_with(':') => return Heard::Comment,
            _ => panic!("not understood: {block:?}"),
        }
    }
    let data = data.join("\n");
    let json = || serde_json::from_str(&data);
    match name {
        "number" => Heard::Number(data.trim_end().to_owned()),
        NEED_VOUCHER_EVENT => Heard::Need(json().expect("a need")),
        RECEIPT_EVENT => Heard::Receipt(serde_json::from_str(&data).expect("a receipt")),
        other => panic!("an event named {other}"),
    }
}
