//! How a channel is opened: by its constructor, or through the factory.

use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;

use crate::{CallArgument, CommitmentPublicKey};

/// What a channel is opened with, for good: nothing but the deposit can be changed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenChannel {
    /// The token that is paid in.
    pub token: ContractId,
    /// Who deposits and gets back what is not paid: an account or a contract, not muxed.
    pub funder: Address,
    /// Whose signatures pay.
    pub commitment_key: CommitmentPublicKey,
    /// Who is paid: an account or a contract, not muxed.
    pub recipient: Address,
    /// The first deposit, in base units; may be nothing.
    pub deposit: BaseUnits,
    /// How many ledgers the recipient has after the funder began to close.
    pub refund_waiting_period: u32,
}

impl OpenChannel {
    /// The factory's function that opens a channel; its arguments are
    /// [`factory_arguments`](Self::factory_arguments).
    pub const FACTORY_FUNCTION: &'static str = "open";

    /// The function that runs once when the contract is deployed; its arguments are
    /// [`constructor_arguments`](Self::constructor_arguments).
    pub const CONSTRUCTOR: &'static str = "__constructor";

    /// `token, from, commitment_key, to, amount, refund_waiting_period`
    #[must_use]
    pub fn constructor_arguments(&self) -> Vec<CallArgument> {
        vec![
            CallArgument::Address(self.token.into()),
            CallArgument::Address(self.funder),
            CallArgument::Bytes(self.commitment_key.as_bytes().to_vec()),
            CallArgument::Address(self.recipient),
            CallArgument::I128(self.deposit.to_i128()),
            CallArgument::U32(self.refund_waiting_period),
        ]
    }

    /// `salt`, then the constructor's arguments.
    ///
    /// The salt decides the channel's id:
    /// [`channel_id_from_factory`](crate::channel_id_from_factory).
    #[must_use]
    pub fn factory_arguments(&self, salt: &[u8; 32]) -> Vec<CallArgument> {
        let mut arguments = vec![CallArgument::Bytes(salt.to_vec())];
        arguments.append(&mut self.constructor_arguments());
        arguments
    }
}
