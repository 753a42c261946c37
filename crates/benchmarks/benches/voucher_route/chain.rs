//! A network that knows a number of channels and counts what it is asked. Made up: opening channels on a real one takes
//! longer than all of the measurement, which is to show that the network is not asked at all.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::{ChannelInstance, CommitmentKey, ONE_WAY_CHANNEL_CODE};
use coinslot_soroban_authorization::{ClassicAsset, Envelope, LedgerKey, TransactionHash};
use coinslot_stellar_address::{AccountId, Address, ContractId};
use coinslot_stellar_ledger::{
    AccountFacts, EventPage, EventsFrom, FeeStats, LandedTransfer, LatestLedger, Ledger,
    LedgerEntries, LedgerEntry, LedgerError, Simulation, Submission, TransactionStatus,
    TrustlineFacts,
};
use stellar_xdr as xdr;
use stellar_xdr::WriteXdr as _;

/// A channel of the made-up network.
pub(crate) struct Channel {
    pub(crate) id: ContractId,
    pub(crate) key: CommitmentKey,
}

pub(crate) struct MadeUp {
    pub(crate) asked: AtomicU64,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
}

impl MadeUp {
    /// Channels in this token for this recipient, each with as much as there can be.
    pub(crate) fn new(channels: &[Channel], token: ContractId, recipient: AccountId) -> Self {
        let mut entries = vec![(ChannelInstance::code_key(&ONE_WAY_CHANNEL_CODE), Vec::new())];
        for channel in channels {
            entries.push((
                ChannelInstance::key(&channel.id),
                bytes(&instance(channel, token, recipient)),
            ));
            entries.push((
                coinslot_channel_commitment::TokenBalance::key(&token, &channel.id),
                bytes(&balance(channel.id, token)),
            ));
        }
        Self {
            asked: AtomicU64::new(0),
            entries,
        }
    }
}

fn bytes(data: &xdr::LedgerEntryData) -> Vec<u8> {
    let limits = xdr::Limits {
        depth: 100,
        len: 100_000,
    };
    data.to_xdr(limits).expect("a small entry")
}

fn instance(channel: &Channel, token: ContractId, recipient: AccountId) -> xdr::LedgerEntryData {
    let name = |name: &str| {
        let name = xdr::ScSymbol(name.try_into().expect("a short name"));
        let list = vec![xdr::ScVal::Symbol(name)];
        xdr::ScVal::Vec(Some(xdr::ScVec(list.try_into().expect("one"))))
    };
    let contract = |id: ContractId| {
        xdr::ScVal::Address(xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash(
            *id.as_bytes(),
        ))))
    };
    let key = xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(*recipient.as_bytes()));
    let account = xdr::ScVal::Address(xdr::ScAddress::Account(xdr::AccountId(key)));
    let key = channel.key.public_key().as_bytes().to_vec();
    let key = xdr::ScVal::Bytes(xdr::ScBytes(key.try_into().expect("32 bytes")));
    let mut storage: Vec<xdr::ScMapEntry> = [
        ("CommitmentKey", key),
        ("From", contract(ContractId::from_bytes([2; 32]))),
        ("RefundWaitingPeriod", xdr::ScVal::U32(100_000)),
        ("To", account),
        ("Token", contract(token)),
    ]
    .into_iter()
    .map(|(key, val)| xdr::ScMapEntry {
        key: name(key),
        val,
    })
    .collect();
    storage.sort_by(|one, other| one.key.cmp(&other.key));
    data(
        channel.id,
        xdr::ScVal::LedgerKeyContractInstance,
        xdr::ScVal::ContractInstance(xdr::ScContractInstance {
            executable: xdr::ContractExecutable::Wasm(xdr::Hash(ONE_WAY_CHANNEL_CODE)),
            storage: Some(xdr::ScMap(storage.try_into().expect("a few"))),
        }),
    )
}

fn balance(holder: ContractId, token: ContractId) -> xdr::LedgerEntryData {
    let symbol = |name: &str| xdr::ScVal::Symbol(xdr::ScSymbol(name.try_into().expect("short")));
    let holder = xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash(*holder.as_bytes())));
    let key = vec![symbol("Balance"), xdr::ScVal::Address(holder)];
    let entry = |name, val| xdr::ScMapEntry {
        key: symbol(name),
        val,
    };
    let amount = xdr::Int128Parts {
        hi: 0,
        lo: u64::MAX,
    };
    let value = vec![
        entry("amount", xdr::ScVal::I128(amount)),
        entry("authorized", xdr::ScVal::Bool(true)),
        entry("clawback", xdr::ScVal::Bool(false)),
    ];
    data(
        token,
        xdr::ScVal::Vec(Some(xdr::ScVec(key.try_into().expect("two")))),
        xdr::ScVal::Map(Some(xdr::ScMap(value.try_into().expect("three")))),
    )
}

fn data(contract: ContractId, key: xdr::ScVal, val: xdr::ScVal) -> xdr::LedgerEntryData {
    xdr::LedgerEntryData::ContractData(xdr::ContractDataEntry {
        ext: xdr::ExtensionPoint::V0,
        contract: xdr::ScAddress::Contract(xdr::ContractId(xdr::Hash(*contract.as_bytes()))),
        key,
        durability: xdr::ContractDataDurability::Persistent,
        val,
    })
}

#[async_trait]
impl Ledger for MadeUp {
    async fn network(&self) -> Result<NetworkId, LedgerError> {
        Ok(StellarNetwork::Testnet.network_id())
    }

    async fn entries(&self, keys: &[LedgerKey]) -> Result<LedgerEntries, LedgerError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let find = |key: &LedgerKey| {
            let found = self.entries.iter().find(|(of, _)| of == key.as_xdr())?;
            Some(LedgerEntry {
                data: found.1.clone(),
                live_until_ledger: Some(1_000_000),
            })
        };
        Ok(LedgerEntries {
            latest_ledger: 1_000,
            found: keys.iter().map(find).collect(),
        })
    }

    async fn latest_ledger(&self) -> Result<LatestLedger, LedgerError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(LatestLedger {
            sequence: 1_000,
            protocol_version: 25,
            close_time: None,
        })
    }

    async fn close_time_seconds(&self) -> Result<u32, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn account(&self, _: &AccountId) -> Result<Option<AccountFacts>, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn trustline(
        &self,
        _: &AccountId,
        _: &ClassicAsset,
    ) -> Result<Option<TrustlineFacts>, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn nonce_used(&self, _: &Address, _: i64) -> Result<bool, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn simulate(&self, _: &Envelope) -> Result<Simulation, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn submit(&self, _: &Envelope) -> Result<Submission, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn transaction(&self, _: &TransactionHash) -> Result<TransactionStatus, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn transfers(
        &self,
        _: &ContractId,
        _: &Address,
        _: &Address,
        _: u32,
    ) -> Result<Vec<LandedTransfer>, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }

    async fn events(&self, _: &[ContractId], _: &EventsFrom) -> Result<EventPage, LedgerError> {
        unreachable!("the watcher sleeps")
    }

    async fn fee_stats(&self) -> Result<FeeStats, LedgerError> {
        unreachable!("nothing is paid on the chain")
    }
}
