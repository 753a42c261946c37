//! One channel, its seller and its buyer.

use coinslot_caip2_network::{NetworkId, StellarNetwork};
use coinslot_channel_commitment::{
    ChannelInstance, CommitmentKey, CommitmentTemplate, CommitmentVerifier, VerifiedVoucher,
};
use coinslot_mpp_channel_stellar::{
    ChannelFacts, ChannelPolicy, ChannelState, CloseJudgement, Denied, Judgement, Owner, Presented,
    Price, Refusal, RequestFingerprint, register,
};
use coinslot_stellar_address::{Address, ContractId};
use coinslot_usdc_amount::BaseUnits;

/// 2026-01-06T12:00:00Z, in milliseconds.
pub(crate) const NOW: u64 = 1_767_700_800_000;
pub(crate) const LEDGER: u32 = 1_000;
pub(crate) const LEASE: u64 = 30_000;
pub(crate) const WAITING_PERIOD: u32 = 17_280;
pub(crate) const DEPOSIT: u64 = 1_000;
pub(crate) const US: Owner = Owner::from_bytes([1; 16]);
pub(crate) const THEM: Owner = Owner::from_bytes([2; 16]);

pub(crate) fn network() -> NetworkId {
    StellarNetwork::Testnet.network_id()
}

pub(crate) fn channel() -> ContractId {
    "CAG6RI5Q5DXW7DTDQFWEJAQUARGJMCT6X52XAIDGJ2OKT63SYYQBZB3V"
        .parse()
        .unwrap()
}

pub(crate) fn other_channel() -> ContractId {
    ContractId::from_bytes([9; 32])
}

pub(crate) fn token() -> ContractId {
    "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA"
        .parse()
        .unwrap()
}

pub(crate) fn recipient() -> Address {
    "GDH4FI462RN37HLVEZG7TNWGNNYWIKYHONYQWLZFPSQDK6YUQUJPO5IN"
        .parse()
        .unwrap()
}

pub(crate) fn key() -> CommitmentKey {
    CommitmentKey::from_seed([7; 32])
}

pub(crate) fn verifier() -> CommitmentVerifier {
    CommitmentVerifier::new(&network(), &channel(), &key().public_key()).unwrap()
}

pub(crate) fn units(amount: u64) -> BaseUnits {
    amount.into()
}

pub(crate) fn request(number: u8) -> RequestFingerprint {
    RequestFingerprint::from_bytes([number; 32])
}

pub(crate) fn voucher(amount: u64) -> VerifiedVoucher {
    voucher_of(&channel(), amount)
}

pub(crate) fn voucher_of(channel: &ContractId, amount: u64) -> VerifiedVoucher {
    let template = CommitmentTemplate::new(&network(), channel);
    let verifier = CommitmentVerifier::new(&network(), channel, &key().public_key()).unwrap();
    verifier
        .verify(key().sign_amount(&template, units(amount)))
        .unwrap()
}

pub(crate) fn instance() -> ChannelInstance {
    ChannelInstance {
        channel: channel(),
        wasm_hash: [1; 32],
        token: token(),
        funder: token().into(),
        recipient: recipient(),
        commitment_key: key().public_key(),
        refund_waiting_period: WAITING_PERIOD,
        withdrawn: BaseUnits::ZERO,
        close_effective_at_ledger: None,
    }
}

pub(crate) fn facts() -> ChannelFacts {
    ChannelFacts {
        instance: instance(),
        balance: units(DEPOSIT),
        live_until_ledger: 600_000,
        ledger: LEDGER,
        read_at: NOW,
    }
}

/// So much of the deposit is withdrawn.
pub(crate) fn withdrawn(amount: u64) -> ChannelFacts {
    let mut facts = facts();
    facts.instance.withdrawn = units(amount);
    facts.balance = units(DEPOSIT.saturating_sub(amount));
    facts
}

pub(crate) fn closing_at(ledger: u32) -> ChannelFacts {
    let mut facts = facts();
    facts.instance.close_effective_at_ledger = Some(ledger);
    facts
}

pub(crate) fn policy() -> ChannelPolicy {
    ChannelPolicy {
        dust: BaseUnits::ZERO,
        ..ChannelPolicy::new(vec![[1; 32]], recipient(), token())
    }
}

pub(crate) fn first() -> ChannelState {
    register(channel(), &network(), &facts(), &policy())
        .unwrap()
        .first_state()
}

/// A voucher of so much for a request at a price, both from `US` and at `NOW`.
#[derive(Clone, Copy)]
pub(crate) struct Try {
    pub(crate) amount: u64,
    pub(crate) price: Price,
    pub(crate) request: u8,
    pub(crate) owner: Owner,
    pub(crate) now: u64,
}

pub(crate) fn pay(amount: u64, price: u64, request: u8) -> Try {
    Try {
        amount,
        price: Price::Once(units(price)),
        request,
        owner: US,
        now: NOW,
    }
}

pub(crate) fn stream(amount: u64, unit_price: u64, request: u8) -> Try {
    Try {
        price: Price::PerUnit(units(unit_price)),
        ..pay(amount, 1, request)
    }
}

impl Try {
    pub(crate) fn by(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    pub(crate) fn at(self, now: u64) -> Self {
        Self { now, ..self }
    }

    pub(crate) fn with<T>(&self, judge: impl FnOnce(&Presented<'_>) -> T) -> T {
        let voucher = voucher(self.amount);
        judge(&Presented {
            voucher: &voucher,
            price: self.price,
            request: request(self.request),
            owner: self.owner,
            now: self.now,
            lease_until: self.now + LEASE,
        })
    }

    pub(crate) fn judge(
        &self,
        state: &ChannelState,
        facts: &ChannelFacts,
    ) -> Result<Judgement, Denied> {
        self.with(|presented| state.judge(presented, facts, &policy()))
    }

    pub(crate) fn close(
        &self,
        state: &ChannelState,
        facts: &ChannelFacts,
    ) -> Result<CloseJudgement, Denied> {
        self.with(|presented| state.judge_close(presented, facts, &policy()))
    }

    pub(crate) fn top_up(
        &self,
        state: &ChannelState,
        facts: &ChannelFacts,
    ) -> Result<Option<ChannelState>, Denied> {
        self.with(|presented| state.judge_top_up(presented, facts, &policy()))
    }

    /// The state in which it is accepted.
    pub(crate) fn accepted(&self, state: &ChannelState) -> ChannelState {
        match self.judge(state, &facts()) {
            Ok(Judgement::Accept(next)) => *next,
            other => unreachable!("not accepted: {other:?}"),
        }
    }

    pub(crate) fn refused(&self, state: &ChannelState, facts: &ChannelFacts) -> Refusal {
        match self.judge(state, facts) {
            Err(Denied::Refuse(refusal)) => refusal,
            other => unreachable!("not refused: {other:?}"),
        }
    }

    pub(crate) fn close_refused(&self, state: &ChannelState, facts: &ChannelFacts) -> Refusal {
        match self.close(state, facts) {
            Err(Denied::Refuse(refusal)) => refusal,
            other => unreachable!("not refused: {other:?}"),
        }
    }
}
