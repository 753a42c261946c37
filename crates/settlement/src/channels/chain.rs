//! Settling and closing: calls of the channel's contract, with vouchers from the store alone.
//!
//! Both may be sent twice: the contract pays the difference to what is withdrawn, so that a call
//! whose answer was lost costs a fee at worst.

use coinslot_channel_commitment::{CallArgument, ChannelCall, VerifiedVoucher};
use coinslot_mpp_channel_stellar::{ChannelState, Phase};
use coinslot_soroban_authorization::{Argument, ContractOperation, Invocation};
use coinslot_stellar_address::ContractId;
use tokio::time::Instant;

use super::watch::disputed;
use super::{Channel, ChannelError, ChannelEvent};
use crate::{CallOutcome, Outage};

impl Channel {
    /// Withdraws what the highest voucher brings; the channel goes on. Answers the transaction, or
    /// `None` when there is nothing to be had.
    ///
    /// # Errors
    /// [`Outage`]. What was sent may still land: what the chain says of the channel shows it.
    pub async fn settle(&self) -> Result<Option<String>, Outage> {
        let _one = self.held.calling.lock().await;
        let Some(voucher) = self.to_take(|state| !state.exposure().is_zero()).await else {
            return Ok(None);
        };
        let transaction = self.call(&ChannelCall::Settle(voucher)).await?;
        self.see().await?;
        self.keeper.observe(&ChannelEvent::Settled {
            channel: self.id(),
            withdrawn: self.facts().instance.withdrawn,
            transaction: &transaction,
        });
        Ok(Some(transaction))
    }

    /// Closes the channel: it takes no more vouchers from now on, the recipient gets what the
    /// highest one brings, and the funder the rest. Answers the transaction, or `None` when it is closed
    /// by one that is not known.
    ///
    /// That the channel is closing is durable before anything is sent.
    ///
    /// # Errors
    /// [`Outage`]; [`Outage::NoVoucher`] for a channel that no voucher was ever accepted for, which
    /// only its funder can close.
    pub async fn close(&self) -> Result<Option<String>, Outage> {
        {
            let mut live = self.live().await;
            loop {
                self.be_sure(&mut live).await?;
                if live.state.last().is_none() {
                    return Err(Outage::NoVoucher);
                }
                if live.state.phase() != Phase::Open {
                    break;
                }
                let next = live.state.close_by_seller(self.keeper.now());
                if self.write(&mut live, next).await? {
                    self.keeper
                        .observe(&ChannelEvent::Closing { channel: self.id() });
                    break;
                }
            }
        }
        self.close_on_chain().await
    }

    /// Closes on the chain what is closing already. Who comes while an attempt of somebody else has yet
    /// to begin shares what comes of it.
    pub(super) async fn close_on_chain(&self) -> Result<Option<String>, Outage> {
        let close = async || {
            let _one = self.held.calling.lock().await;
            self.close_now().await
        };
        self.held.closing.run(Instant::now(), close).await
    }

    async fn close_now(&self) -> Result<Option<String>, Outage> {
        if let Some(closed_by) = self.live().await.closed_by.clone() {
            return Ok(Some(closed_by));
        }
        if self.is_closed().await {
            return Ok(None);
        }
        let Some(voucher) = self.to_take(|state| state.phase() != Phase::Open).await else {
            return Err(Outage::NoVoucher);
        };
        let transaction = match self.call(&ChannelCall::Close(voucher)).await {
            Ok(transaction) => transaction,
            Err(outage) => {
                // Perhaps it is closed already: the chain says so.
                drop(self.see().await);
                return if self.is_closed().await {
                    Ok(None)
                } else {
                    Err(outage)
                };
            }
        };
        self.live().await.closed_by = Some(transaction.clone());
        self.see().await?;
        self.keeper.observe(&ChannelEvent::Closed {
            channel: self.id(),
            transaction: &transaction,
        });
        Ok(Some(transaction))
    }

    /// Asks the chain, and makes what it says durable.
    pub(super) async fn see(&self) -> Result<(), Outage> {
        match self.refresh().await {
            Ok(()) => self.take_note().await,
            Err(ChannelError::Unavailable(outage)) => Err(outage),
            Err(ChannelError::Refused(refusal)) => {
                tracing::error!(channel = %self.id(), why = refusal.why, "a channel is gone");
                Ok(())
            }
        }
    }

    /// Makes what the chain last said durable, where that changes what is done about the channel.
    pub(super) async fn take_note(&self) -> Result<(), Outage> {
        let mut live = self.live().await;
        loop {
            self.be_sure(&mut live).await?;
            let next = live.state.observe(&self.facts());
            let same =
                next.phase() == live.state.phase() && next.withdrawn() == live.state.withdrawn();
            // Of a channel that no voucher came from there is no record.
            if same || live.state.last().is_none() {
                live.state = next;
                return Ok(());
            }
            let disputed = disputed(live.state.phase(), next.phase(), &self.facts());
            if self.write(&mut live, next).await? {
                if let Some(effective_at_ledger) = disputed {
                    self.keeper.observe(&ChannelEvent::Disputed {
                        channel: self.id(),
                        effective_at_ledger,
                    });
                }
                return Ok(());
            }
        }
    }

    /// The voucher to take, if there is one and the state is so.
    async fn to_take(&self, holds: impl Fn(&ChannelState) -> bool) -> Option<VerifiedVoucher> {
        let live = self.live().await;
        let state = live.state.observe(&self.facts());
        state.voucher_to_take().filter(|_| holds(&state)).copied()
    }

    async fn call(&self, call: &ChannelCall) -> Result<String, Outage> {
        let operation = ContractOperation::Invoke(
            invocation(self.id(), call).map_err(|_| Outage::UnreadableRecord)?,
        );
        let signers = [std::sync::Arc::clone(&self.keeper.recipient)];
        match self.keeper.calls.call(operation, &signers).await {
            Ok(CallOutcome::Confirmed { transaction, .. }) => Ok(transaction.to_string()),
            Ok(CallOutcome::Failed { code, .. }) => Err(Outage::Rejected(code)),
            Err(error) => Err(error.into()),
        }
    }
}

/// A call of a channel's contract as a transaction has it.
///
/// # Errors
/// Never for the calls there are.
pub fn invocation(
    channel: ContractId,
    call: &ChannelCall,
) -> Result<Invocation, coinslot_soroban_authorization::InvocationError> {
    let invocation = Invocation::new(channel, call.function())?;
    Ok(call
        .arguments()
        .into_iter()
        .map(argument)
        .fold(invocation, Invocation::argument))
}

/// An argument as a transaction has it.
#[must_use]
pub fn argument(argument: CallArgument) -> Argument {
    match argument {
        CallArgument::Address(address) => Argument::Address(address),
        CallArgument::I128(value) => Argument::I128(value),
        CallArgument::Bytes(bytes) => Argument::Bytes(bytes),
        CallArgument::U32(value) => Argument::U32(value),
    }
}
