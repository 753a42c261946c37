//! What is to be opened, as the options say.

use coinslot_channel_commitment::{
    ONE_WAY_CHANNEL_CODE, OpenChannel, channel_id_from_account, channel_id_from_factory,
};
use coinslot_mpp_channel_stellar::ChannelFacts;
use coinslot_settlement::argument;
use coinslot_soroban_authorization::{Argument, ContractOperation, Invocation, SecretKey};
use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;

use super::super::commitment_key::KeySource;
use super::super::money::usdc_contract;
use super::super::{contract, keys, money};
use crate::arguments::Open;
use crate::exit::{Failure, Kind};
use crate::inspect::Money;
use crate::network::Selected;

/// What is to be opened.
pub(super) struct Plan {
    pub(super) funder: SecretKey,
    pub(super) recipient: Address,
    pub(super) token: ContractId,
    pub(super) deposit: BaseUnits,
    pub(super) waiting_period: u32,
    pub(super) key: KeySource,
    pub(super) way: Way,
    pub(super) salt: [u8; 32],
    pub(super) channel: ContractId,
}

/// Who makes the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The funder does.
    Direct,
    /// A factory does.
    Factory(ContractId),
}

impl Plan {
    pub(super) fn read(arguments: &Open, selected: &Selected) -> Result<Self, Failure> {
        let funder = keys::secret_key(arguments.funder.secret_key.as_ref(), keys::FUNDER)?;
        let recipient = recipient(&arguments.recipient)?;
        let token = match &arguments.token {
            Some(token) => contract(token, "--token")?,
            None => usdc_contract(&selected.network).ok_or_else(|| {
                Failure::configuration(format!(
                    "no USDC is known on {}: name the token with --token",
                    selected.network
                ))
            })?,
        };
        let way = match &arguments.factory {
            Some(factory) => Way::Factory(contract(factory, "--factory")?),
            None => Way::Direct,
        };
        let salt = salt(arguments.salt.as_deref())?;
        let network = selected.network.network_id();
        let channel = match &way {
            Way::Direct => channel_id_from_account(&network, &funder.account_id(), &salt),
            Way::Factory(factory) => channel_id_from_factory(&network, factory, &salt),
        };
        Ok(Self {
            recipient,
            deposit: money::amount(&arguments.deposit, "--deposit", &token, &selected.network)?,
            token,
            waiting_period: arguments.waiting_period.count(),
            key: KeySource::read(arguments)?,
            way,
            salt,
            channel,
            funder,
        })
    }

    /// The terms; a key that is to be made is made now.
    pub(super) fn terms(&self) -> Result<OpenChannel, Failure> {
        Ok(OpenChannel {
            token: self.token,
            funder: self.funder.account_id().into(),
            commitment_key: self.key.public_key()?,
            recipient: self.recipient,
            deposit: self.deposit,
            refund_waiting_period: self.waiting_period,
        })
    }

    pub(super) fn operation(&self, terms: &OpenChannel) -> Result<ContractOperation, Failure> {
        Ok(match self.way {
            Way::Direct => ContractOperation::Create {
                deployer: terms.funder,
                salt: self.salt,
                wasm_hash: ONE_WAY_CHANNEL_CODE,
                arguments: arguments(terms.constructor_arguments()),
            },
            Way::Factory(factory) => {
                let call = Invocation::new(factory, OpenChannel::FACTORY_FUNCTION)
                    .map_err(|error| Failure::unexpected(&error))?;
                let given = arguments(terms.factory_arguments(&self.salt));
                ContractOperation::Invoke(given.into_iter().fold(call, Invocation::argument))
            }
        })
    }

    /// The names of the terms in which a channel differs from these.
    pub(super) fn is_as_asked(
        &self,
        facts: &ChannelFacts,
        terms: &OpenChannel,
    ) -> Vec<&'static str> {
        let is = &facts.instance;
        let code_differs = self.way == Way::Direct && is.wasm_hash != ONE_WAY_CHANNEL_CODE;
        [
            ("code", code_differs),
            ("token", is.token != terms.token),
            ("funder", is.funder != terms.funder),
            ("recipient", is.recipient != terms.recipient),
            ("commitment key", is.commitment_key != terms.commitment_key),
            (
                "waiting period",
                is.refund_waiting_period != terms.refund_waiting_period,
            ),
            ("deposit", facts.deposited() < terms.deposit),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }

    /// The channel that an earlier attempt with this salt opened.
    pub(super) fn was_opened_before(&self, facts: ChannelFacts) -> Result<ChannelFacts, Failure> {
        if let Some(file) = self.key.file() {
            return Err(Failure::configuration(format!(
                "channel {} with this salt is open already, with the key of that attempt: nothing is written to {}",
                self.channel,
                file.display()
            )));
        }
        let differences = self.is_as_asked(&facts, &self.terms()?);
        if differences.is_empty() {
            return Ok(facts);
        }
        Err(Failure::configuration(format!(
            "channel {} with this salt is open already, and its {} is another; take another salt",
            self.channel,
            differences.join(", its ")
        )))
    }

    pub(super) fn deposit_in_words(&self) -> String {
        Money::new(self.deposit, &self.token.to_string()).short()
    }

    /// What is to be done about a channel that was not opened, or that may have been. A new key that no channel has is removed again.
    pub(super) fn not_opened(&self, failure: &Failure) -> Failure {
        if failure.is(Kind::Unknown) {
            let key = self.key.file().map_or_else(String::new, |file| {
                format!(
                    ", and COINSLOT_COMMITMENT_KEY=$(cat {}) instead of --generate-key",
                    file.display()
                )
            });
            return failure.with(&format!(
                "; the channel is {} then. To try again without opening a second one, run the same command with --salt {}{key}",
                self.channel,
                hex::encode(self.salt)
            ));
        }
        if let Some(file) = self.key.file()
            && let Err(error) = std::fs::remove_file(file)
        {
            tracing::warn!(%error, file = %file.display(), "the unused commitment key stays in its file");
        }
        failure.with("; no channel was opened")
    }
}

fn arguments(given: Vec<coinslot_channel_commitment::CallArgument>) -> Vec<Argument> {
    given.into_iter().map(argument).collect()
}

fn recipient(text: &str) -> Result<Address, Failure> {
    let address: Address = text.trim().parse().map_err(|error| {
        Failure::configuration(format!("STELLAR_RECIPIENT (--recipient): {error}"))
    })?;
    match address {
        Address::Muxed(_) => Err(Failure::configuration(
            "STELLAR_RECIPIENT (--recipient): a channel pays an account (G…) or a contract (C…), not a muxed address (M…)",
        )),
        address => Ok(address),
    }
}

fn salt(given: Option<&str>) -> Result<[u8; 32], Failure> {
    let mut salt = [0; 32];
    match given {
        Some(text) => hex::decode_to_slice(text.trim(), &mut salt)
            .map_err(|_| Failure::new(Kind::Usage, "--salt: a salt has 64 hexadecimal digits"))?,
        None => getrandom::fill(&mut salt).map_err(|error| Failure::unexpected(&error))?,
    }
    Ok(salt)
}

#[cfg(test)]
mod tests;
