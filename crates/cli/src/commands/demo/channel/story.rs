//! What happened with the channels, for people and for machines.

use std::fmt;

use coinslot_usdc_amount::{BaseUnits, Decimals};
use serde::{Serialize, Serializer};

/// Both channels.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::commands::demo) struct ChannelStory {
    pub(super) session: Session,
    pub(super) dispute: Dispute,
}

/// A channel that was used and closed. Balances are pairs of before and after, in base units of USDC.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::commands::demo) struct Session {
    pub(super) channel: String,
    pub(super) requests: u16,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(super) deposited: BaseUnits,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    pub(super) paid: BaseUnits,
    #[serde(serialize_with = "pair")]
    pub(super) funder: (BaseUnits, BaseUnits),
    #[serde(serialize_with = "pair")]
    pub(super) seller: (BaseUnits, BaseUnits),
    pub(super) settled_by: Option<String>,
    pub(super) seconds: f64,
}

/// A channel whose funder began to close it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::commands::demo) struct Dispute {
    pub(super) channel: String,
    pub(super) requests: u16,
    #[serde(serialize_with = "pair")]
    pub(super) seller: (BaseUnits, BaseUnits),
    pub(super) effective_at_ledger: Option<u32>,
    pub(super) closed_at_ledger: u32,
}

impl ChannelStory {
    /// What the seller got is what the requests cost, and what the funder had before the deposit less that is what it has again.
    pub(in crate::commands::demo) fn adds_up(&self, price: BaseUnits) -> bool {
        let (session, dispute) = (&self.session, &self.dispute);
        let cost = |requests: u16| price.checked_mul(requests.into());
        let got = |(before, after): (BaseUnits, BaseUnits)| after.checked_sub(before);
        let back = session.deposited.checked_sub(session.paid);
        got(session.seller) == cost(session.requests)
            && got(session.seller) == Some(session.paid)
            && got(session.funder) == back
            && session.settled_by.is_some()
            && got(dispute.seller) == cost(dispute.requests)
    }
}

impl fmt::Display for ChannelStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (session, dispute) = (&self.session, &self.dispute);
        writeln!(
            f,
            "{:<22}{:>16}{:>16}",
            "channel", "while it is open", "closed"
        )?;
        for (who, (before, after)) in [
            ("funder, USDC", session.funder),
            ("seller, USDC", session.seller),
        ] {
            writeln!(f, "{who:<22}{:>16}{:>16}", usdc(before), usdc(after))?;
        }
        writeln!(
            f,
            "{} requests for {} USDC out of {} USDC deposited, {:.2} s, opened, settled once and closed: three transactions for all of them",
            session.requests,
            usdc(session.paid),
            usdc(session.deposited),
            session.seconds
        )?;
        let gained = dispute.seller.1.checked_sub(dispute.seller.0);
        write!(
            f,
            "in the dispute the seller closed in ledger {}{} and got its {} USDC",
            dispute.closed_at_ledger,
            dispute
                .effective_at_ledger
                .map(|ledger| format!(", before ledger {ledger},"))
                .unwrap_or_default(),
            gained.map(usdc).unwrap_or_default()
        )
    }
}

fn usdc(units: BaseUnits) -> String {
    units.to_decimal(Decimals::USDC_STELLAR).to_string()
}

fn pair<S: Serializer>(
    (before, after): &(BaseUnits, BaseUnits),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    [before.to_string(), after.to_string()].serialize(serializer)
}
