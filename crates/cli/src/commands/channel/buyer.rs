//! The buyer's side: a channel and the key that pays from it.

use std::path::Path;
use std::sync::Arc;

use coinslot_channel_commitment::CommitmentKey;
use coinslot_client::ChannelFunds;
use coinslot_mpp_channel_stellar::ChannelFacts;
use coinslot_soroban_authorization::{SignError, SignErrorKind, Signer};
use coinslot_stellar_address::{AccountId, ContractId};

use super::{contract, money, reading};
use crate::arguments::ChannelKey;
use crate::dollars;
use crate::exit::{Failure, Kind};
use crate::network::Selected;

/// A channel as the ledger has it, and its key.
pub(crate) struct BuyersChannel {
    facts: ChannelFacts,
    key: CommitmentKey,
}

impl BuyersChannel {
    /// Reads the channel and its key, which must belong together. What signs nothing can do without the key.
    pub(crate) async fn find(
        selected: &Selected,
        channel: &str,
        key: &ChannelKey,
        signs_nothing: bool,
    ) -> Result<Self, Failure> {
        let channel = contract(channel, "--channel")?;
        let given = secret(key)?;
        if given.is_none() && !signs_nothing {
            return Err(Failure::configuration(
                "no key to sign vouchers with: name the file of the channel's commitment key with --commitment-key-file, or set COINSLOT_COMMITMENT_KEY to its 64 hex digits",
            ));
        }
        let facts = reading::channel(selected, &channel).await?;
        let instance = &facts.instance;
        if let Some((key, setting)) = &given
            && key.public_key() != instance.commitment_key
        {
            return Err(Failure::configuration(format!(
                "{setting} is the key of another channel: {channel} takes vouchers of {}, and this is {}",
                instance.commitment_key,
                key.public_key()
            )));
        }
        if money::usdc_contract(&selected.network) != Some(instance.token) {
            return Err(Failure::configuration(format!(
                "the channel {channel} pays in {}, and this command pays in USDC only",
                instance.token
            )));
        }
        let key = given.map_or_else(|| CommitmentKey::from_seed([0; 32]), |(key, _)| key);
        Ok(Self { facts, key })
    }

    /// Its contract.
    pub(crate) const fn id(&self) -> ContractId {
        self.facts.instance.channel
    }

    /// What the ledger says of it.
    pub(super) const fn facts(&self) -> &ChannelFacts {
        &self.facts
    }

    /// A voucher of a channel that closes may be worth nothing to the seller, who refuses it.
    pub(crate) fn must_be_open(&self) -> Result<(), Failure> {
        if self.facts.close_effective_at_ledger().is_none() {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Policy,
            format!(
                "the channel {} is closed, or is being closed; nothing was signed: open another one, or pay without --channel",
                self.id()
            ),
        ))
    }

    /// What may be paid from it, at this host.
    pub(crate) fn funds(
        &self,
        cap: &str,
        per_request: &str,
        host: &str,
    ) -> Result<ChannelFunds, Failure> {
        let wrong = |name: &str, error: &dyn std::error::Error, amount: &str| {
            Failure::configuration(format!("{name}: {error}{}", dollars::hint(amount)))
        };
        let funds = ChannelFunds::of(self.id(), self.key.clone())
            .per_channel(cap)
            .map_err(|error| wrong("--channel-cap", &error, cap))?
            .per_request(per_request)
            .map_err(|error| wrong("--max-payment", &error, per_request))?
            .hosts([host])
            .map_err(|error| Failure::configuration(format!("the URL's host: {error}")))?;
        Ok(funds
            .recipient(self.facts.instance.recipient)
            .deposited(self.facts.deposited()))
    }

    /// The client asks for an account even where only a channel pays. It is the one that the channel's money comes from, so that vouchers
    /// count in the same budget with its key and without, and it refuses to sign.
    pub(crate) fn keyless_funder(&self) -> Arc<dyn Signer> {
        let funder = self.facts.instance.funder.account_key();
        Arc::new(Keyless(funder.unwrap_or(AccountId::ALL_ZEROS)))
    }
}

/// An account whose key is not here.
struct Keyless(AccountId);

impl Signer for Keyless {
    fn account_id(&self) -> AccountId {
        self.0
    }

    fn sign(&self, _: &[u8; 32]) -> Result<[u8; 64], SignError> {
        Err(SignError::new(SignErrorKind::Refused))
    }
}

/// The key that was given, and by what.
fn secret(options: &ChannelKey) -> Result<Option<(CommitmentKey, String)>, Failure> {
    if let Some(path) = &options.commitment_key_file {
        let (text, name) = (read(path)?, path.display().to_string());
        return Ok(Some((parse(&text, &name)?, name)));
    }
    let Some(text) = &options.commitment_secret else {
        return Ok(None);
    };
    let name = "COINSLOT_COMMITMENT_KEY".to_owned();
    Ok(Some((parse(text.expose(), &name)?, name)))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::configuration(format!("{} cannot be read: {error}", path.display()))
    })
}

fn parse(text: &str, name: &str) -> Result<CommitmentKey, Failure> {
    text.trim()
        .parse()
        .map_err(|error| Failure::configuration(format!("{name}: {error}")))
}
