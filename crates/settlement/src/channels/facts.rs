//! What the chain says of channels, many of them in one call.

use coinslot_channel_commitment::{ChannelInstance, CommitmentVerifier, TokenBalance};
use coinslot_mpp_channel_stellar::{ChannelFacts, ChannelRefusal};
use coinslot_soroban_authorization::LedgerKey;
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::{LedgerEntries, LedgerEntry, MAX_ENTRY_KEYS};
use coinslot_usdc_amount::BaseUnits;

use super::{ChannelError, Keeper};
use crate::Outage;

impl Keeper {
    /// What the chain says of one channel.
    pub(super) async fn facts_of(&self, id: &ContractId) -> Result<ChannelFacts, ChannelError> {
        let mut read = self.read(std::slice::from_ref(id)).await?;
        read.pop()
            .unwrap_or(Err(ChannelRefusal::NotFound))
            .map_err(ChannelError::from)
    }

    /// What the chain says of channels, in their order.
    pub(super) async fn read(
        &self,
        ids: &[ContractId],
    ) -> Result<Vec<Result<ChannelFacts, ChannelRefusal>>, Outage> {
        let mut facts = Vec::with_capacity(ids.len());
        let codes = &self.policy.wasm_hashes;
        let at_once = MAX_ENTRY_KEYS.saturating_sub(codes.len()) / KEYS_OF_A_CHANNEL;
        for ids in ids.chunks(at_once.max(1)) {
            let of_channels = ids.iter().flat_map(|id| {
                [
                    ChannelInstance::key(id),
                    TokenBalance::key(&self.policy.token, id),
                ]
            });
            let of_codes = codes.iter().map(ChannelInstance::code_key);
            let keys: Vec<LedgerKey> = of_channels
                .chain(of_codes)
                .map(|key| LedgerKey::from_xdr(&key))
                .collect::<Result<_, _>>()
                .map_err(|_| Outage::UnreadableRecord)?;
            let entries = self.ledger.entries(&keys).await?;
            let read_at = self.now();
            let (channels, code) = entries.found.split_at(
                ids.len()
                    .saturating_mul(KEYS_OF_A_CHANNEL)
                    .min(entries.found.len()),
            );
            for found in channels.chunks(KEYS_OF_A_CHANNEL) {
                facts.push(self.facts_in(found, code, &entries, read_at));
            }
        }
        Ok(facts)
    }

    fn facts_in(
        &self,
        found: &[Option<LedgerEntry>],
        codes: &[Option<LedgerEntry>],
        entries: &LedgerEntries,
        read_at: u64,
    ) -> Result<ChannelFacts, ChannelRefusal> {
        let [Some(entry), balance] = found else {
            return Err(ChannelRefusal::NotFound);
        };
        let instance = ChannelInstance::from_xdr(&entry.data)?;
        let code = self
            .policy
            .wasm_hashes
            .iter()
            .zip(codes)
            .find(|(hash, _)| **hash == instance.wasm_hash)
            .and_then(|(_, code)| code.as_ref());
        let amount = match balance {
            Some(balance) => TokenBalance::from_xdr(&balance.data)?.amount,
            None => BaseUnits::ZERO,
        };
        let ends = [Some(entry), balance.as_ref(), code]
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.live_until_ledger);
        Ok(ChannelFacts {
            instance,
            balance: amount,
            live_until_ledger: ends.min().unwrap_or(0),
            ledger: entries.latest_ledger,
            read_at,
        })
    }

    /// The keys of the entries that a channel needs to live.
    pub(super) fn keys_of(&self, facts: &ChannelFacts) -> Result<Vec<LedgerKey>, Outage> {
        let instance = &facts.instance;
        let mut keys = vec![
            ChannelInstance::key(&instance.channel),
            ChannelInstance::code_key(&instance.wasm_hash),
        ];
        if !facts.balance.is_zero() {
            keys.push(TokenBalance::key(&instance.token, &instance.channel));
        }
        keys.into_iter()
            .map(|key| LedgerKey::from_xdr(&key).map_err(|_| Outage::UnreadableRecord))
            .collect()
    }

    pub(super) fn verifier(
        &self,
        id: &ContractId,
        facts: &ChannelFacts,
    ) -> Result<CommitmentVerifier, ChannelError> {
        CommitmentVerifier::new(&self.network_id, id, &facts.instance.commitment_key)
            .map_err(|error| ChannelRefusal::CommitmentKey(error).into())
    }
}

/// Its instance and its balance.
const KEYS_OF_A_CHANNEL: usize = 2;
