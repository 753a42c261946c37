//! How far channels are used, for whoever watches over the wallet.

use coinslot_payment_store::UnixMillis;
use coinslot_stellar_address::ContractId;

use super::own::{OwnChannel, Ticket};
use super::record::ChannelRecord;
use crate::amount::Amount;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::logical_request::RequestId;
use crate::open_payment::OpenPayment;
use crate::standing::Standing;

/// How far a channel is used, as its record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelUsage {
    /// The channel.
    pub channel: ContractId,
    /// What was spent: what a close would pay.
    pub spent: Amount,
    /// The highest amount that was ever signed: what the channel costs at most, whatever anybody does.
    pub signed: Amount,
    /// The most that is signed.
    pub cap: Amount,
    /// What is known to be deposited.
    pub deposited: Option<Amount>,
    /// Whether it is closed, or its close was asked for.
    pub is_closed: bool,
}

impl Engine {
    pub(crate) async fn channel_usage(&self) -> Result<Vec<ChannelUsage>, PaymentError> {
        let mut usage = Vec::new();
        for channel in self.channels.all() {
            let record = self.channels.records.find(channel).await?;
            let record = record.unwrap_or_else(|| ChannelRecord::new(channel));
            let unit = channel.asset.unit;
            usage.push(ChannelUsage {
                channel: channel.id,
                spent: unit.amount(record.state.close_amount()),
                signed: unit.amount(record.state.signed()),
                cap: unit.amount(channel.caps.per_channel),
                deposited: channel.deposited.map(|deposited| unit.amount(deposited)),
                is_closed: record.close.is_some(),
            });
        }
        Ok(usage)
    }

    /// The vouchers that were sent and whose answer is not had.
    pub(crate) async fn open_vouchers(&self) -> Result<Vec<OpenPayment>, PaymentError> {
        let mut open = Vec::new();
        for channel in self.channels.all() {
            let record = self.channels.records.find(channel).await?;
            open.extend(record.and_then(|record| open_voucher(channel, &record)));
        }
        Ok(open)
    }

    /// Counts the pending voucher of a request as taken and spent.
    pub(crate) async fn write_off_voucher(
        &self,
        request: &RequestId,
    ) -> Result<bool, PaymentError> {
        for channel in self.channels.all() {
            let _ticket = Ticket::draw(channel);
            let _turn = channel.turn().await;
            let Some(record) = self.channels.records.find(channel).await? else {
                continue;
            };
            let pending = record.state.pending();
            if pending.is_some_and(|pending| pending.request() == request.fingerprint()) {
                let record = ChannelRecord {
                    state: record.state.give_up(),
                    reservation: None,
                    lease: None,
                    ..record
                };
                self.channels.records.write(channel, record).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The pending voucher of a channel, if there is one.
pub(super) fn open_voucher(channel: &OwnChannel, record: &ChannelRecord) -> Option<OpenPayment> {
    let pending = record.state.pending()?;
    let cumulative = pending.amount();
    let reserved = record.reservation.as_ref();
    let amount = reserved.map_or(cumulative, |reservation| reservation.amount);
    Some(OpenPayment {
        request: RequestId::of_fingerprint(pending.request()),
        host: pending.host().to_owned(),
        amount: channel.asset.unit.amount(amount),
        pay_to: channel.pay_to(),
        signed_at: UnixMillis::new(record.signed_at_millis),
        standing: if pending.is_taken() {
            Standing::VoucherTaken { cumulative }
        } else {
            Standing::Voucher { cumulative }
        },
    })
}
