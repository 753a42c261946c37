//! Random lives of a channel, held against a model of a few lines, with a chain and a watcher beside it.

#![allow(clippy::unwrap_used, reason = "a helper of a test may panic")]

#[path = "support/channel.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod channel;
#[path = "support/model.rs"]
mod model;

use channel::*;
use coinslot_mpp_channel_stellar::client::{BuyerRefusal, BuyerState, Caps, Purchase};
use coinslot_mpp_channel_stellar::{
    ChannelState, CloseJudgement, Denied, Duty, Judgement, Meter, Phase, Price,
};
use model::{Chain, Expected, Model};
use proptest::prelude::*;

/// What can happen to a channel.
#[derive(Clone, Debug)]
enum Step {
    Voucher {
        amount: u64,
        price: u64,
        request: u8,
    },
    /// The buyer signs exactly what the next request needs.
    Next {
        price: u64,
        request: u8,
    },
    Repeat,
    Answer,
    Stream {
        amount: u64,
        price: u64,
        request: u8,
    },
    Charge(u64),
    TopUpStream(u64),
    Finish,
    Close {
        amount: u64,
        price: u64,
        request: u8,
    },
    CloseStart,
    Deposit(u64),
    /// Somebody settles with a voucher that we know.
    Settle,
    /// The process dies, and another reads what it has written.
    Crash,
    /// So many ledgers and seconds pass, and the watcher looks.
    Watch(u32),
    /// Nobody looks: the funder takes back what it can.
    Refund,
}

fn step() -> impl Strategy<Value = Step> {
    let (amount, price, request) = (0..150_u64, 0..20_u64, 0..4_u8);
    let paid = (amount.clone(), price.clone(), request.clone());
    prop_oneof![
        4 => paid.clone().prop_map(|(amount, price, request)| Step::Voucher { amount, price, request }),
        6 => (price, request).prop_map(|(price, request)| Step::Next { price, request }),
        3 => Just(Step::Repeat),
        3 => Just(Step::Answer),
        2 => paid.clone().prop_map(|(amount, price, request)| Step::Stream { amount, price, request }),
        2 => (0..4_u64).prop_map(Step::Charge),
        2 => amount.clone().prop_map(Step::TopUpStream),
        2 => Just(Step::Finish),
        1 => paid.prop_map(|(amount, price, request)| Step::Close { amount, price, request }),
        1 => Just(Step::CloseStart),
        1 => (0..100_u64).prop_map(Step::Deposit),
        2 => Just(Step::Settle),
        2 => Just(Step::Crash),
        3 => (1..6_000_u32).prop_map(Step::Watch),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..60)
}

/// A channel's life.
struct Life {
    chain: Chain,
    model: Model,
    state: ChannelState,
    meter: Option<(Meter, u64)>,
    last: Option<Try>,
    owner: u8,
    served: Vec<(u64, u8)>,
}

impl Life {
    fn new() -> Self {
        let chain = Chain::new(100);
        Self {
            state: chain.register(),
            chain,
            model: Model::default(),
            meter: None,
            last: None,
            owner: 0,
            served: Vec::new(),
        }
    }

    fn tried(&self, amount: u64, price: Price, request: u8) -> Try {
        Try {
            amount,
            price,
            request,
            owner: self.owner(),
            now: self.chain.now,
        }
    }

    fn owner(&self) -> coinslot_mpp_channel_stellar::Owner {
        coinslot_mpp_channel_stellar::Owner::from_bytes([self.owner; 16])
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Voucher {
                amount,
                price,
                request,
            } => self.pay(amount, Price::Once(units(price)), request),
            Step::Next { price, request } => {
                let amount = self.model.committed() + price;
                self.pay(amount, Price::Once(units(price)), request);
            }
            Step::Stream {
                amount,
                price,
                request,
            } => self.pay(amount, Price::PerUnit(units(price)), request),
            Step::Repeat => {
                if let Some(last) = self.last {
                    self.pay(last.amount, last.price, last.request);
                }
            }
            Step::Answer => {
                if let Some(last) = self.last.filter(|_| self.meter.is_none())
                    && let Some(next) = self.state.answered(units(last.amount), self.owner())
                {
                    self.state = next;
                    self.model.answered = true;
                }
            }
            Step::Charge(units) => {
                let deposited = self.chain.facts().deposited();
                if let Some((meter, price)) = &mut self.meter {
                    let before = meter.used();
                    match meter.charge(units, deposited) {
                        Ok(()) => assert!(meter.used() <= meter.reserve()),
                        Err(need) => {
                            assert_eq!(meter.used(), before);
                            assert!(need.required > need.accepted);
                        }
                    }
                    assert_eq!(meter.used().as_u128() % u128::from((*price).max(1)), 0);
                }
            }
            Step::TopUpStream(amount) => self.top_up(amount),
            Step::Finish => {
                if let Some((meter, _)) = self.meter.take()
                    && let Some(next) = self.state.finish(&meter)
                {
                    self.model
                        .finish(u64::try_from(meter.used().as_u128()).unwrap());
                    self.state = next;
                }
            }
            Step::Close {
                amount,
                price,
                request,
            } => self.close(amount, price, request),
            Step::CloseStart => self.chain.close_start(),
            Step::Deposit(amount) => self.chain.deposit(amount),
            Step::Settle => {
                if let Some(voucher) = self.state.voucher_to_take() {
                    self.chain
                        .settle(u64::try_from(voucher.amount().as_u128()).unwrap());
                }
            }
            Step::Crash => {
                self.meter = None;
                self.owner = self.owner.wrapping_add(1);
            }
            Step::Watch(ledgers) => {
                self.chain.pass(ledgers);
                self.watch();
            }
            Step::Refund => self.chain.refund(),
        }
        self.check();
    }

    fn pay(&mut self, amount: u64, price: Price, request: u8) {
        let tried = self.tried(amount, price, request);
        let facts = self.chain.facts();
        let expected = self.model.expect(&tried, &self.chain);
        match (tried.judge(&self.state, &facts), expected) {
            (Ok(Judgement::Accept(next)), Expected::Accept) => {
                assert!(!self.served.contains(&(amount, request)), "paid twice");
                self.served.push((amount, request));
                self.model.accept(&tried, &self.chain);
                self.serve(*next, tried);
            }
            (Ok(Judgement::Resume(next)), Expected::Resume) => {
                assert_eq!(next.cumulative(), self.state.observe(&facts).cumulative());
                assert_eq!(next.spent(), self.state.observe(&facts).spent());
                self.model.lease_until = tried.now + LEASE;
                self.serve(*next, tried);
            }
            (Ok(Judgement::Again), Expected::Again)
            | (Err(Denied::Busy { .. }), Expected::Busy)
            | (Err(Denied::Refuse(_)), Expected::Refuse) => {}
            (judged, expected) => panic!("{judged:?}, but {expected:?}"),
        }
    }

    fn serve(&mut self, next: ChannelState, tried: Try) {
        self.meter = next
            .meter(self.owner(), tried.price.least())
            .map(|meter| (meter, u64::try_from(tried.price.least().as_u128()).unwrap()));
        self.state = next;
        self.last = Some(tried);
    }

    fn top_up(&mut self, amount: u64) {
        let Some((meter, price)) = &mut self.meter else {
            return;
        };
        let last = self.last.unwrap();
        let tried = Try {
            amount,
            price: Price::PerUnit(units(*price)),
            now: self.chain.now,
            ..last
        };
        let facts = self.chain.facts();
        if let Ok(Some(next)) = tried.top_up(&self.state, &facts) {
            assert_eq!(next.phase(), Phase::Open);
            assert!(u128::from(amount) > self.state.cumulative().as_u128());
            assert!(next.cumulative() <= facts.deposited());
            assert!(next.meter(last.owner, units(*price)).is_some());
            assert!(meter.top_up(&next));
            self.model.top_up(amount, &self.chain);
            self.state = next;
            self.last = Some(tried);
            self.served.push((amount, last.request));
        }
    }

    fn close(&mut self, amount: u64, price: u64, request: u8) {
        let tried = self.tried(amount, Price::Once(units(price)), request);
        let facts = self.chain.facts();
        let before = self.state.observe(&facts);
        match tried.close(&self.state, &facts) {
            Ok(CloseJudgement::Close(next)) => {
                let committed = before.spent().checked_add(before.reserved()).unwrap();
                let closes_with = next.voucher_to_take().unwrap().amount();
                assert_eq!(closes_with, units(amount));
                assert!(
                    closes_with >= committed
                        && closes_with >= before.withdrawn().min(units(self.chain.deposited()))
                );
                assert_eq!(next.spent(), before.spent());
                assert!(matches!(next.phase(), Phase::Closing { .. }));
                self.state = *next;
                self.model.close(&self.chain);
            }
            Ok(CloseJudgement::ServeAndClose(next)) => {
                assert_eq!(self.model.expect(&tried, &self.chain), Expected::Accept);
                assert!(matches!(next.phase(), Phase::Closing { .. }));
                self.model.accept(&tried, &self.chain);
                self.model.close(&self.chain);
                self.served.push((amount, request));
                self.serve(*next, tried);
            }
            Ok(CloseJudgement::Resume(next)) => {
                self.model.lease_until = tried.now + LEASE;
                self.serve(*next, tried);
            }
            Ok(CloseJudgement::Again | CloseJudgement::Closed) | Err(_) => {}
        }
    }

    /// Does what is to be done, as long as there is something.
    fn watch(&mut self) {
        for _ in 0..4 {
            let facts = self.chain.facts();
            self.state = self.state.observe(&facts);
            self.model.observe(&self.chain);
            let duty = self.state.duty(&facts, &policy(), self.chain.now);
            let voucher = self.state.voucher_to_take().map(|voucher| voucher.amount());
            match duty {
                Duty::Nothing | Duty::Closed | Duty::Lost { .. } => return,
                Duty::ExtendTtl => self.chain.extend(policy().extend_ttl_to),
                Duty::Settle => self
                    .chain
                    .settle(u64::try_from(voucher.unwrap().as_u128()).unwrap()),
                Duty::RestoreThenClose => {
                    self.chain.extend(policy().extend_ttl_to);
                    self.chain
                        .close(u64::try_from(voucher.unwrap().as_u128()).unwrap());
                }
                Duty::Close { .. } => {
                    self.chain
                        .close(u64::try_from(voucher.unwrap().as_u128()).unwrap());
                }
            }
        }
        panic!("the watcher never ends");
    }

    /// What always holds.
    fn check(&self) {
        let facts = self.chain.facts();
        let state = &self.state;
        let committed = state.spent().checked_add(state.reserved()).unwrap();
        assert!(committed <= state.cumulative());
        if let Some(last) = state.last() {
            assert!(
                u128::from(self.model.prices) <= last.amount().max(state.withdrawn()).as_u128()
            );
        }
        assert_eq!(
            ChannelState::from_bytes(&state.to_bytes(), &verifier()),
            Ok(state.clone())
        );
        let seen = state.observe(&facts);
        assert_eq!(seen.last(), state.last());
        assert!(seen.exposure() <= facts.balance || self.chain.refunded);
        let closing = facts.close_effective_at_ledger();
        if let Some(effective) =
            closing.filter(|_| !seen.exposure().is_zero() && !self.chain.refunded)
        {
            let margin = policy().margin(WAITING_PERIOD);
            match state.duty(&facts, &policy(), self.chain.now) {
                Duty::Close { before_ledger } => assert!(before_ledger <= effective - margin),
                Duty::RestoreThenClose => assert!(facts.is_archived()),
                other => panic!("{other:?}"),
            }
        }
    }
}

proptest! {
    /// Whatever buyers, funders and crashes do: with a watcher that looks once in a third of the waiting period, all that
    /// was accepted is taken, and the model agrees at each step.
    #[test]
    fn a_seller_who_watches_loses_nothing(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            life.step(step);
            assert!(!matches!(life.state.duty(&life.chain.facts(), &policy(), life.chain.now), Duty::Lost { .. }));
        }
        life.step(&Step::CloseStart);
        life.step(&Step::Watch(1));
        life.step(&Step::Watch(WAITING_PERIOD));
        life.step(&Step::Refund);
        life.step(&Step::Watch(1));
        prop_assert!(life.state.exposure().is_zero());
        prop_assert!(u128::from(life.chain.withdrawn) >= life.state.spent().as_u128());
        assert!(matches!(life.state.phase(), Phase::Closed { .. }), "{:?}", life.state.phase());
        // Nothing is accepted any more.
        for amount in 0..150 {
            let tried = life.tried(amount, Price::Once(units(1)), 9);
            prop_assert!(matches!(tried.judge(&life.state, &life.chain.facts()), Err(Denied::Refuse(_))));
            prop_assert!(!matches!(
                tried.close(&life.state, &life.chain.facts()),
                Ok(CloseJudgement::Close(_) | CloseJudgement::ServeAndClose(_))
            ));
        }
    }

    /// Without one, what is lost is known, and is what the highest voucher would have brought.
    #[test]
    fn what_is_lost_is_known(steps in steps()) {
        let mut life = Life::new();
        for step in &steps {
            life.step(step);
        }
        life.chain.close_start();
        life.chain.pass(WAITING_PERIOD);
        life.step(&Step::Refund);
        let facts = life.chain.facts();
        let state = life.state.observe(&facts);
        let expected = if state.exposure().is_zero() {
            Duty::Closed
        } else {
            Duty::Lost { amount: state.exposure() }
        };
        prop_assert_eq!(state.duty(&facts, &policy(), life.chain.now), expected);
    }

    /// From one state, every order of the same events ends in the same figures of the chain.
    #[test]
    fn news_from_the_chain_can_come_late_and_twice(steps in steps(), ledgers in proptest::collection::vec(1..50_u32, 1..8)) {
        let mut life = Life::new();
        for step in &steps {
            life.step(step);
        }
        let mut news = vec![life.chain.facts()];
        for ledgers in ledgers {
            life.chain.pass(ledgers);
            life.chain.deposit(1);
            news.push(life.chain.facts());
        }
        let latest = life.state.observe(news.last().unwrap());
        let mut late = life.state.clone();
        for facts in news.iter().chain(news.iter().rev()) {
            late = late.observe(facts);
        }
        prop_assert_eq!(latest.withdrawn(), late.withdrawn());
        prop_assert_eq!(latest.last(), late.last());
        prop_assert_eq!(latest.as_of_ledger(), late.as_of_ledger());
        prop_assert_eq!(late.observe(news.last().unwrap()), late.clone());
    }

    #[test]
    fn a_changed_byte_is_refused(steps in steps(), at: prop::sample::Index, byte: u8) {
        let mut life = Life::new();
        for step in &steps {
            life.step(step);
        }
        let mut bytes = life.state.to_bytes();
        let at = at.index(bytes.len());
        let before = bytes[at];
        bytes[at] = byte;
        let read = ChannelState::from_bytes(&bytes, &verifier());
        prop_assert_eq!(read.is_ok(), byte == before);
    }

    /// A buyer against a server that says what it wants: caps hold, amounts rise, and one request costs one price.
    #[test]
    fn a_buyer_never_signs_above_its_caps(
        events in proptest::collection::vec((0..60_u64, 0..4_u8, 0..8_u8), 1..60),
        per_channel in 0..300_u64, per_request in 0..60_u64, deposited in proptest::option::of(0..400_u64),
    ) {
        let caps = Caps { per_channel: units(per_channel), per_request: units(per_request) };
        let mut buyer = BuyerState::new(network(), channel());
        if let Some(deposited) = deposited {
            buyer = buyer.with_deposit(units(deposited));
        }
        let mut highest_signed = 0;
        for (figure, number, what) in events {
            let before = buyer.clone();
            match what {
                0..4 => {
                    let purchase = Purchase {
                        price: units(figure), request: request(number), host: "a", is_metered: what == 3,
                    };
                    match buyer.next(&purchase, &caps) {
                        Ok(sign) => {
                            let amount = u64::try_from(sign.amount.as_u128()).unwrap();
                            prop_assert!(amount <= per_channel && figure <= per_request);
                            prop_assert!(deposited.is_none_or(|deposited| amount <= deposited));
                            let above = sign.amount.checked_sub(before.acknowledged()).unwrap();
                            prop_assert!(above <= caps.per_request);
                            if let Some(pending) = before.pending() {
                                if pending.request() == request(number) {
                                    prop_assert_eq!(sign.amount, pending.amount());
                                } else {
                                    prop_assert!(pending.is_taken() && sign.amount > pending.amount());
                                }
                            } else {
                                prop_assert!(!above.is_zero());
                            }
                            highest_signed = highest_signed.max(amount);
                            buyer = sign.next;
                        }
                        Err(refusal) => prop_assert!(!matches!(refusal, BuyerRefusal::NotPending | BuyerRefusal::AnotherChannel)),
                    }
                }
                4 => if let Ok(next) = buyer.acknowledge(units(figure)) { buyer = next; },
                5 => if let Some(pending) = buyer.pending() { buyer = buyer.acknowledge(pending.amount()).unwrap(); },
                // The server has what was signed to it, and shows what it likes of that.
                6 => {
                    let shown = figure.min(highest_signed);
                    buyer = buyer.reconcile((shown > 0).then(|| voucher(shown)).as_ref()).unwrap();
                }
                _ => buyer = buyer.stream_ended(units(figure)),
            }
            prop_assert!(buyer.acknowledged() >= before.acknowledged());
            prop_assert!(buyer.acknowledged() <= units(highest_signed));
            prop_assert!(buyer.close_amount() <= buyer.acknowledged());
            prop_assert_eq!(buyer.signed(), units(highest_signed));
            prop_assert_eq!(BuyerState::from_bytes(&buyer.to_bytes(), &network(), &channel()), Ok(buyer.clone()));
        }
    }
}
