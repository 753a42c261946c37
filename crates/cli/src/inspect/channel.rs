//! What channels are paid with: commitments, and the header in which a buyer names its channel.

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::{Commitment, DecodeCommitmentError};
use coinslot_mpp_wire::Timestamp;
use coinslot_mpp_wire::stellar::{ChannelStanding, NamedChannel, PaymentChannelError};
use coinslot_stellar_address::ContractId;
use serde::Serialize;

use super::moment::Moment;
use super::sheet::Sheet;

/// The 192 bytes that a channel's key signs.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedCommitment {
    channel: String,
    /// In base units of the channel's token, all payments together.
    amount: String,
    /// The network, where its name is known.
    network: Option<String>,
    network_id: String,
}

/// The header `Payment-Channel`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedPaymentChannel {
    /// `buyer` or `seller`.
    said_by: &'static str,
    channel: String,
    /// When the buyer proved that it holds the channel's key; whether it did, only who reads the channel can tell.
    proved: Option<Moment>,
    /// The amount of the highest voucher, in base units.
    cumulative: Option<String>,
    problems: Vec<String>,
}

/// Whether this can only have been meant as a commitment.
pub(crate) fn looks_like_a_commitment(input: &str) -> bool {
    input.len() == 2 * Commitment::LENGTH && input.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(crate) fn explain_commitment(
    input: &str,
) -> Result<ExplainedCommitment, DecodeCommitmentError> {
    // It has digits alone: what does not decode is of another length.
    let bytes = hex::decode(input).unwrap_or_default();
    let commitment = Commitment::decode(&bytes)?;
    Ok(ExplainedCommitment {
        channel: commitment.channel.to_string(),
        amount: commitment.amount.to_string(),
        network: name_of(commitment.network),
        network_id: hex::encode(commitment.network.as_bytes()),
    })
}

fn name_of(network: NetworkId) -> Option<String> {
    [StellarNetwork::Pubnet, StellarNetwork::Testnet]
        .into_iter()
        .find(|known| known.network_id() == network)
        .map(|known| known.to_string())
}

/// Reads the header, in a request or in an answer.
pub(crate) fn explain_header(
    value: &str,
    now: u64,
) -> Result<ExplainedPaymentChannel, PaymentChannelError> {
    if let Ok(standing) = value.parse::<ChannelStanding>() {
        return Ok(ExplainedPaymentChannel {
            said_by: "seller",
            problems: problem_of(&standing.channel).into_iter().collect(),
            channel: standing.channel,
            proved: None,
            cumulative: Some(standing.cumulative.to_string()),
        });
    }
    let named: NamedChannel = value.parse()?;
    let at = named
        .proof
        .and_then(|proof| Timestamp::from_unix_seconds(proof.at).ok());
    let proved = at.map(|at| Moment::new(&at, now));
    let mut problems: Vec<String> = problem_of(&named.channel).into_iter().collect();
    let far = |moment: &Moment| moment.seconds_from_now().unsigned_abs() > PROOF_SECONDS;
    if proved.as_ref().is_some_and(far) {
        problems
            .push("its proof is not of this minute, so a seller tells nothing for it".to_owned());
    }
    Ok(ExplainedPaymentChannel {
        said_by: "buyer",
        channel: named.channel,
        proved,
        cumulative: None,
        problems,
    })
}

/// What is wrong with a channel's address.
pub(crate) fn problem_of(channel: &str) -> Option<String> {
    let error = channel.parse::<ContractId>().err()?;
    Some(format!("its channel is no contract's address: {error}"))
}

impl ExplainedCommitment {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say("A commitment: what a channel's key signs, 192 bytes without the signature");
        sheet.line("channel", &self.channel);
        sheet.line("all payments together, in base units", &self.amount);
        match &self.network {
            Some(network) => sheet.line("network", network),
            None => sheet.line(
                "network",
                format_args!("with the id {}, none of the public ones", self.network_id),
            ),
        }
    }
}

impl ExplainedPaymentChannel {
    pub(crate) fn write(&self, sheet: &mut Sheet) {
        sheet.say(match self.said_by {
            "seller" => "A seller says how far a channel is used (Payment-Channel)",
            _ => "A buyer names the channel that it pays from (Payment-Channel)",
        });
        sheet.quote("channel", Some(&self.channel));
        sheet.maybe("the buyer proved its key", self.proved.as_ref());
        sheet.maybe(
            "amount of the highest voucher, in base units",
            self.cumulative.as_ref(),
        );
        for problem in &self.problems {
            sheet.line("PROBLEM", problem);
        }
    }
}

/// For how long a proof is fresh.
const PROOF_SECONDS: u64 = 60;

#[cfg(test)]
mod tests;
