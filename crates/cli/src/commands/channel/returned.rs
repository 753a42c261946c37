//! What went back to a channel's funder. The ledger forgets it: the channel's events tell, as long as the RPC has them.

use coinslot_channel_commitment::ChannelEvent;
use coinslot_mpp_channel_stellar::ChannelFacts;
use coinslot_stellar_ledger::{EventsFrom, LandedEvent};
use coinslot_usdc_amount::BaseUnits;

use crate::network::Selected;

/// How much, up to the ledger as of which the facts are; `None` when that cannot be learned any more.
pub(super) async fn to_funder(selected: &Selected, facts: &ChannelFacts) -> Option<BaseUnits> {
    let end = facts.close_effective_at_ledger();
    // Nothing goes back before the end.
    let Some(end) = end.filter(|end| *end <= facts.ledger) else {
        return Some(BaseUnits::ZERO);
    };
    let contracts = [facts.instance.channel];
    let (mut from, mut returned) = (EventsFrom::Ledger(end), BaseUnits::ZERO);
    for _ in 0..MOST_PAGES {
        let page = selected.ledger.events(&contracts, &from).await.ok()?;
        let events = page.events.iter();
        for refund in events.filter_map(|event| refund(event, facts)) {
            returned = returned.checked_add(refund)?;
        }
        if page.is_last {
            return (page.latest_ledger >= facts.ledger).then_some(returned);
        }
        from = EventsFrom::Cursor(page.cursor?);
    }
    None
}

/// What this event tells to have gone back.
fn refund(landed: &LandedEvent, facts: &ChannelFacts) -> Option<BaseUnits> {
    let is_seen = landed.ledger <= facts.ledger;
    match ChannelEvent::from_xdr(landed.event.as_xdr()) {
        Ok(Some((channel, ChannelEvent::Refund { amount, .. })))
            if is_seen && channel == facts.instance.channel =>
        {
            Some(amount)
        }
        _ => None,
    }
}

/// More than a channel tells after its end.
const MOST_PAGES: usize = 50;
