//! What holds whatever happens.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        Admission, CallFlow, CallGuard, Cash, Level, MarketId, Permit, SafetySignals, Scope,
        WithdrawalGate,
    },
};
use proptest::prelude::*;

use crate::{mock::*, pallet::Levels, types::Reason};

#[derive(Clone, Debug)]
enum Step {
    Guardian(Scope, Level),
    Ratify(Scope),
    Mark(MarketId, i128),
    Status(MarketId, FeedStatus),
    Interest(MarketId, u64),
    Liquidated(MarketId, i128),
    Backlog(u32),
    Drawdown(MarketId, u32),
    Deficit(MarketId, i128),
    Admit(MarketId, i128),
    Cleared(MarketId, u64, u64),
    Withdraw(i128, bool),
    Release(i128),
    Time(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let market = || prop_oneof![Just(MARKET), Just(OTHER), Just(FAR)];
    let scope = || {
        prop_oneof![
            market().prop_map(Scope::Market),
            Just(Scope::Compartment(HOME)),
            Just(Scope::Chain)
        ]
    };
    let status = prop_oneof![
        3 => Just(FeedStatus::Live),
        1 => Just(FeedStatus::Guarded),
        1 => Just(FeedStatus::Stale),
        1 => Just(FeedStatus::Down),
    ];
    let level = proptest::sample::select(Level::ALL.to_vec());
    let step = prop_oneof![
        (scope(), level).prop_map(|(scope, level)| Step::Guardian(scope, level)),
        scope().prop_map(Step::Ratify),
        (market(), 900_000..1_100_000i128).prop_map(|(market, ppm)| Step::Mark(market, ppm)),
        (market(), status).prop_map(|(market, status)| Step::Status(market, status)),
        (market(), 0..500_000u64).prop_map(|(market, lots)| Step::Interest(market, lots)),
        (market(), 0..3_000_000i128).prop_map(|(market, cash)| Step::Liquidated(market, cash)),
        (0..1_000u32).prop_map(Step::Backlog),
        (market(), 0..1_000_000u32).prop_map(|(market, ppm)| Step::Drawdown(market, ppm)),
        (market(), 0..2i128).prop_map(|(market, open)| Step::Deficit(market, open)),
        (market(), 900_000..1_100_000i128).prop_map(|(market, ppm)| Step::Admit(market, ppm)),
        (market(), 0..1_000u64, 0..1_000u64)
            .prop_map(|(market, lots, bids)| Step::Cleared(market, lots, bids)),
        (0..1_500_000i128, any::<bool>()).prop_map(|(cash, wait)| Step::Withdraw(cash, wait)),
        (0..1_500_000i128).prop_map(Step::Release),
        prop_oneof![
            10 => 1..8u64,
            3 => 60..2_000u64,
            1 => 3_000..100_000u64,
        ]
        .prop_map(Step::Time),
    ];
    proptest::collection::vec(step, 1..120)
}

/// Does it; says how much left the compartment.
fn act(step: &Step) -> i128 {
    match *step {
        Step::Guardian(scope, level) => {
            let origin = RuntimeOrigin::signed(GUARDIAN);
            let _ = Breaker::raise(origin, scope, level, Reason::default());
        }
        Step::Ratify(scope) => {
            let _ = Breaker::ratify(RuntimeOrigin::root(), scope);
        }
        Step::Mark(market, ppm) => set_mark(market, ppm),
        Step::Status(market, status) => set_status(market, status),
        Step::Interest(market, lots) => change(market, |_, prices| prices.open_interest = lots),
        Step::Liquidated(market, cash) => Breaker::liquidated(market, Cash(cash * ONE)),
        Step::Backlog(accounts) => Breaker::backlog(accounts),
        Step::Drawdown(market, ppm) => Breaker::drawdown(HOME, market, Cash(1), ppm),
        Step::Deficit(market, open) => Breaker::deficit(HOME, market, Cash(open)),
        Step::Admit(market, ppm) => {
            <Breaker as CallGuard>::admit(market, price(ppm), 1);
        }
        Step::Cleared(market, lots, bid_lots) => {
            let flow = CallFlow {
                lots,
                bid_lots,
                ..Default::default()
            };
            Breaker::cleared(market, &flow);
        }
        Step::Withdraw(cash, wait) => {
            let amount = Cash(cash * ONE);
            let admission = <Breaker as WithdrawalGate>::admit(HOME, amount, wait);
            if admission == Ok(Admission::Now) {
                return amount.0;
            }
        }
        Step::Release(cash) => return Breaker::release(HOME, Cash(cash * ONE)).0,
        Step::Time(seconds) => drop(next_block_after(seconds * SECOND)),
    }
    0
}

fn levels() -> Vec<(Scope, Level)> {
    let level_of = |scope| {
        let all = Levels::<Test>::get();
        let one = all.iter().find(|one| one.scope == scope);
        (scope, one.map_or(Level::Open, |one| one.level))
    };
    [
        Scope::Market(MARKET),
        Scope::Market(OTHER),
        Scope::Market(FAR),
        Scope::Compartment(HOME),
        Scope::Chain,
    ]
    .map(level_of)
    .to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// SPEC 1.3: only a new block loosens, by one step in each scope, not twice within the shortest cool-down; what makes
    /// accounts safer is permitted throughout; outflow stays inside the buckets. The invariants of SPEC 10 hold after
    /// each step.
    #[test]
    fn breaker_should_keep_its_promises(steps in steps()) {
        new_test(|| {
            let start = now();
            let shortest = Breaker::terms().cool_downs.oracle_health_ms;
            let mut dropped: std::collections::BTreeMap<Scope, u64> = Default::default();
            let mut outflow = 0;
            for step in &steps {
                let before = levels();
                outflow += act(step);
                check();
                for ((scope, before), (_, after)) in before.into_iter().zip(levels()) {
                    prop_assert!(after >= before.loosened(), "{scope:?}: {step:?}");
                    if after < before {
                        prop_assert!(matches!(step, Step::Time(_)), "{step:?} loosened");
                        let last = dropped.insert(scope, now());
                        prop_assert!(last.is_none_or(|at| now() >= at + shortest));
                    }
                }
                for market in [MARKET, OTHER, FAR] {
                    let level = Breaker::level(market);
                    for permit in [Permit::Cancel, Permit::Deposit, Permit::Liquidate] {
                        prop_assert!(level.permits(permit));
                    }
                    prop_assert!(<Breaker as caisson_primitives::trading::MarginStress>::initial_margin_ppm(market) >= 1_000_000);
                }
            }
            // The hour's bucket and the small one, full at the start, and what drained since, of a million and a tenth.
            let hours = i128::from(now() - start);
            let capacity = 1_100_000 * ONE;
            prop_assert!(outflow <= capacity + capacity * hours / i128::from(HOUR));
            Ok(())
        })?;
    }
}
