//! The paying client that the arguments describe: keys, budget, network, channel, and the file that remembers.

use std::sync::Arc;

use coinslot_client::{Budget, ChannelUse, Mode, PayingClient, Protocol};
use coinslot_soroban_authorization::{SecretKey, Signer};

use super::progress::Progress;
use crate::arguments::{Answering, Fetch};
use crate::commands::channel::BuyersChannel;
use crate::dollars;
use crate::exit::{Failure, Kind};
use crate::network::{self, Selected};
use crate::wallet;

pub(super) async fn open(
    arguments: &Fetch,
    progress: &Arc<Progress>,
) -> Result<PayingClient, Failure> {
    must_agree(arguments)?;
    let selected = network::select(&arguments.network)?;
    let account = account(arguments)?;
    let host = arguments
        .url
        .host_str()
        .ok_or_else(|| Failure::configuration("the URL names no host"))?;
    let budget = budget(arguments, host)?;
    let channel = channel(arguments, &selected).await?;
    let store = wallet::open(arguments.wallet.as_deref()).await?;
    let progress = Arc::clone(progress);
    let signer: Arc<dyn Signer> = match (account, &channel) {
        (Some(key), _) => Arc::new(key),
        (None, Some(channel)) => channel.keyless_funder(),
        (None, None) => Arc::new(SecretKey::from_seed([0; 32])),
    };
    let mut client = PayingClient::builder_with_shared(signer)
        .budget(budget)
        .store(store)
        .network(selected.network)
        .rpc(selected.ledger)
        .charge_modes(arguments.mode.iter().copied().map(Mode::from))
        .on_event(move |event| progress.show(event));
    if let Some(channel) = channel {
        let funds = channel.funds(&arguments.from.channel_cap, &arguments.max_payment, host)?;
        client = client.channel(funds);
        if pays_from_channel_only(arguments) {
            client = client.channel_use(ChannelUse::Only);
        }
    }
    let client = match arguments.protocol {
        Answering::Auto | Answering::Channel => client,
        Answering::X402 => client.only(Protocol::X402),
        Answering::Mpp => client.only(Protocol::Mpp),
    };
    client
        .build()
        .map_err(|error| Failure::configuration(crate::exit::sentence_of(&error)))
}

/// Whether the options about channels belong together.
fn must_agree(arguments: &Fetch) -> Result<(), Failure> {
    let wrong = |why: &str| Err(Failure::new(Kind::Usage, why));
    let is_given = arguments.from.channel.is_some();
    match arguments.protocol {
        Answering::X402 if is_given => {
            wrong("a channel pays by MPP: leave out --channel, or --protocol x402")
        }
        Answering::Channel if !is_given => {
            wrong("--protocol channel needs the channel to pay from: --channel C…")
        }
        _ if arguments.from.key.commitment_key_file.is_some() && !is_given => {
            wrong("--commitment-key-file is the key of a channel: name it with --channel C…")
        }
        _ => Ok(()),
    }
}

/// The channel that may be paid from, as the ledger has it.
async fn channel(arguments: &Fetch, selected: &Selected) -> Result<Option<BuyersChannel>, Failure> {
    let Some(id) = &arguments.from.channel else {
        return Ok(None);
    };
    let channel = BuyersChannel::find(selected, id, &arguments.from.key, arguments.dry_run).await?;
    channel.must_be_open()?;
    Ok(Some(channel))
}

/// Without an account's key, only a channel can pay.
fn pays_from_channel_only(arguments: &Fetch) -> bool {
    let is_keyless = arguments.from.channel.is_some() && arguments.secret_key.is_none();
    arguments.protocol == Answering::Channel || is_keyless
}

/// The key of the account that pays. A dry run signs nothing and does without, and so does who pays from a channel only.
fn account(arguments: &Fetch) -> Result<Option<SecretKey>, Failure> {
    if pays_from_channel_only(arguments) || arguments.dry_run && arguments.secret_key.is_none() {
        return Ok(None);
    }
    let text = arguments.secret_key.as_deref().ok_or_else(|| {
        Failure::configuration(
            "no key to pay with: set STELLAR_SECRET_KEY (S…) in the environment or in a .env file; \
             `coinslot local --env-file .env` makes one for a local network; a channel pays without, with --channel",
        )
    })?;
    text.parse()
        .map(Some)
        .map_err(|error| Failure::configuration(format!("STELLAR_SECRET_KEY: {error}")))
}

fn budget(arguments: &Fetch, host: &str) -> Result<Budget, Failure> {
    let per_host = arguments
        .max_per_host
        .as_deref()
        .unwrap_or(&arguments.max_per_day);
    let wrong = |name: &str, error: &dyn std::error::Error, amount: &str| {
        Failure::configuration(format!("{name}: {error}{}", dollars::hint(amount)))
    };
    let Fetch {
        max_payment,
        max_per_day,
        ..
    } = arguments;
    let budget = Budget::per_payment(max_payment)
        .map_err(|error| wrong("--max-payment", &error, max_payment))?
        .per_day(max_per_day)
        .map_err(|error| wrong("--max-per-day", &error, max_per_day))?
        .per_host_per_day(per_host)
        .map_err(|error| wrong("--max-per-host", &error, per_host))?
        .hosts([host])
        .map_err(|error| Failure::configuration(format!("the URL's host: {error}")))?;
    match &arguments.pay_to {
        None => Ok(budget),
        Some(payee) => budget
            .pin_payee(host, payee)
            .map_err(|error| Failure::configuration(format!("--pay-to: {error}"))),
    }
}
