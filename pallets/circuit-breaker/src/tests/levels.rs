//! SPEC 2: which level holds where.

use caisson_primitives::trading::{CallGuard, Level, MarginStress, Scope};
use frame_support::assert_ok;

use crate::{
    machine::{Cause, Raise},
    mock::*,
    pallet::Levels,
    trips,
};

fn trip(scope: Scope, level: Level, hold: u32) {
    let raise = Raise {
        hold,
        ..Raise::new(Cause::InsuranceDrawdown, level, 2, 1)
    };
    trips::raise::<Test>(scope, &raise);
}

fn levels() -> [Level; 3] {
    [MARKET, OTHER, FAR].map(<Breaker as CallGuard>::level)
}

#[test]
fn level_should_be_the_strictest_of_market_compartment_and_chain() {
    new_test(|| {
        use Level::{CancelOnly, LongCalls, Open, ReduceOnly};
        assert_eq!(levels(), [Open; 3]);
        trip(Scope::Market(MARKET), LongCalls, 0);
        assert_eq!(levels(), [LongCalls, Open, Open]);
        trip(Scope::Compartment(HOME), ReduceOnly, 0);
        assert_eq!(levels(), [ReduceOnly, ReduceOnly, Open]);
        trip(Scope::Chain, CancelOnly, 0);
        assert_eq!(levels(), [CancelOnly; 3]);
        let scopes: Vec<_> = Levels::<Test>::get().iter().map(|one| one.scope).collect();
        assert_eq!(
            scopes,
            [scope(), Scope::Compartment(HOME), Scope::Chain],
            "in their order"
        );
        assert_ok!(Breaker::lower(RuntimeOrigin::root(), Scope::Chain, Open));
        assert_ok!(Breaker::lower(
            RuntimeOrigin::root(),
            Scope::Compartment(HOME),
            Open
        ));
        assert_eq!(levels(), [LongCalls, Open, Open]);
    });
}

#[test]
fn calls_should_last_as_long_as_level_and_hold_say() {
    new_test(|| {
        let end = |since| <Breaker as CallGuard>::earliest_end(MARKET, since);
        let long = Breaker::terms().long_call_blocks;
        assert_eq!(end(500), 500);
        trip(scope(), Level::LongCalls, 0);
        assert_eq!(end(500), 500 + long);
        trip(Scope::Chain, Level::LongCalls, 900);
        assert_eq!(end(500), 900);
        assert_eq!(end(890), 890 + long);
        trip(Scope::Compartment(HOME), Level::CancelOnly, 0);
        assert_eq!(end(890), 890 + long);
        trip(Scope::Compartment(HOME), Level::Halted, 0);
        assert_eq!(end(890), u32::MAX);
    });
}

#[test]
fn quiet_chain_should_store_no_levels_and_stress_nothing() {
    new_test(|| {
        run_for(MINUTE);
        assert!(!Levels::<Test>::exists());
        assert_eq!(Breaker::initial_margin_ppm(MARKET), 1_000_000);
        assert!(events().is_empty());
        assert_eq!(world(|world| world.asked), 0, "nobody asks for volatility");
    });
}
