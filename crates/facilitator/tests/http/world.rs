//! A local network, a facilitator on it, and payments.

use std::sync::atomic::{AtomicI64, Ordering};

use clap::Parser;
use coinslot_caip2_network::StellarNetwork;
use coinslot_facilitator::{FacilitatorConfig, Server, StartError};
use coinslot_local_stellar::{Builder, LocalStellar};
use coinslot_soroban_authorization::SecretKey;
use coinslot_stellar_address::Address;
use coinslot_stellar_ledger::{Ledger as _, RpcLedger, RpcOptions, Simulation};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_exact_stellar::plan;
use coinslot_x402_wire::{FacilitatorRequest, PaymentPayload, PaymentRequirements};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const PRICE: u64 = 10_000;

pub(crate) struct World {
    pub(crate) network: LocalStellar,
    pub(crate) payee: SecretKey,
    nonces: AtomicI64,
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    config: FacilitatorConfig,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(LocalStellar::builder()).await
    }

    pub(crate) async fn on(builder: Builder) -> Self {
        let network = builder.start().await.unwrap();
        let payee = network.create_usdc_account(BaseUnits::ZERO).await.unwrap();
        Self {
            network,
            payee,
            nonces: AtomicI64::new(1),
        }
    }

    /// The flags of a facilitator on this network, and some more.
    pub(crate) async fn flags(&self, more: &[&str]) -> Vec<String> {
        let sponsor = self
            .network
            .create_funded_account()
            .await
            .unwrap()
            .expose_secret();
        let mut flags = vec![
            "facilitator".to_owned(),
            "--sponsor-key".to_owned(),
            sponsor,
        ];
        flags.extend(["--rpc-url".to_owned(), self.network.rpc_url().to_owned()]);
        flags.extend(more.iter().map(|flag| (*flag).to_owned()));
        flags
    }

    pub(crate) async fn config(&self, more: &[&str]) -> FacilitatorConfig {
        let mut flags = self.flags(&["--store", "memory:"]).await;
        if !more.contains(&"--listen") {
            flags.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
        }
        flags.extend(more.iter().map(|flag| (*flag).to_owned()));
        Arguments::try_parse_from(flags).unwrap().config
    }

    pub(crate) async fn serve(&self, more: &[&str]) -> Result<Served, StartError> {
        let server = Server::start(&self.config(more).await).await?;
        let address = format!("http://{}", server.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Ok(Served {
            address,
            http: reqwest::Client::new(),
            stop,
            running,
        })
    }

    pub(crate) async fn payer(&self) -> SecretKey {
        self.network
            .create_usdc_account(BaseUnits::from_u64(100 * PRICE))
            .await
            .unwrap()
    }

    pub(crate) fn requirements(&self) -> PaymentRequirements {
        let chain = StellarNetwork::Testnet.chain_id().to_owned();
        let token = self.network.usdc_contract().to_string();
        let payee = self.payee.account_id().to_string();
        PaymentRequirements::new("exact", chain, BaseUnits::from_u64(PRICE), token, payee, 60)
            .with_extra("areFeesSponsored", true)
    }

    pub(crate) async fn payment(&self, payer: &SecretKey) -> FacilitatorRequest {
        let requirements = self.requirements();
        let plan = plan(&requirements, payer.account_id()).unwrap();
        let latest = self.network.latest_ledger().await.unwrap().sequence;
        let nonce = self.nonces.fetch_add(1, Ordering::SeqCst);
        let entry = plan
            .authorization(nonce, plan.expiration_ledger(latest, 5))
            .sign(payer, &self.network.network_id())
            .unwrap();
        let ledger = RpcLedger::new([self.network.rpc_url()], RpcOptions::default()).unwrap();
        let simulation = ledger.simulate(&plan.probe(&entry)).await.unwrap();
        let Simulation::Succeeded {
            resources,
            min_resource_fee,
            ..
        } = simulation
        else {
            panic!("{simulation:?}");
        };
        let payload = plan.payload(entry, resources, min_resource_fee);
        FacilitatorRequest::new(
            PaymentPayload::new(requirements.clone(), payload),
            requirements,
        )
    }

    pub(crate) async fn paid(&self) -> u128 {
        let payee = Address::Account(self.payee.account_id());
        self.network
            .balance_usdc(&payee)
            .await
            .unwrap()
            .unwrap()
            .as_u128()
    }
}

pub(crate) struct Served {
    pub(crate) address: String,
    pub(crate) http: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap().unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(format!("{}{path}", self.address))).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer::of(
            self.http
                .post(format!("{}{path}", self.address))
                .body(body.into()),
        )
        .await
    }

    /// Settles for a purchase that the caller calls so.
    pub(crate) async fn post_naming(&self, purchase: &str, body: &[u8]) -> Answer {
        let request = self
            .http
            .post(format!("{}/settle", self.address))
            .body(body.to_vec());
        Answer::of(request.header("idempotency-key", purchase)).await
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
