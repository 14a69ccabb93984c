//! SPEC 2, 3: what governance can set, and what it can't.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use super::common::*;
use crate::{mock::*, types::*, Error, Event};

fn set(change: impl FnOnce(&mut FeedParameters)) -> sp_runtime::DispatchResult {
    let mut parameters = parameters();
    change(&mut parameters);
    Oracle::set_parameters(RuntimeOrigin::root(), 0, parameters)
}

#[test]
fn feeds_should_be_registered_removed_and_their_identifiers_given_again() {
    chain(&[10], || {
        for symbol in ["BTC/USD", "ETH/USD", "SOL/USD"] {
            let call =
                Oracle::register_feed(RuntimeOrigin::root(), info(symbol), parameters(), sources());
            assert_ok!(call);
        }
        submit(1, &[(0, 7 * ONE), (1, 8 * ONE)]);
        next_block();
        assert!(price(1).is_some());
        assert_ok!(Oracle::remove_feed(RuntimeOrigin::root(), 1));
        assert_eq!(price(1), None);
        assert!(events().contains(&Event::FeedRemoved {
            feed: 1,
            symbol: text("ETH/USD")
        }));
        assert_noop!(
            Oracle::remove_feed(RuntimeOrigin::root(), 1),
            Error::<Test>::NoSuchFeed
        );
        next_block();
        assert_eq!(register("DOT/USD", parameters()), 1);
        next_block();
        assert_eq!(price(1), None, "nothing is left of the one before");
        assert_eq!(price(0), Some(7 * ONE));
    });
}

#[test]
fn feeds_should_not_be_registered_twice_or_without_end() {
    chain(&[10], || {
        register("BTC/USD", parameters());
        let again = crate::feeds::register::<Test>(info("BTC/USD"), parameters(), sources());
        assert_eq!(again, Err(Error::<Test>::SymbolTaken.into()));
        for symbol in [
            "",
            "BTC",
            "BTC/",
            "/USD",
            "BTC/US D",
            "BTC/USD/X",
            "BÜC/USD",
        ] {
            let refused = crate::feeds::register::<Test>(info(symbol), parameters(), sources());
            assert_eq!(refused, Err(Error::<Test>::BadSymbol.into()), "{symbol}");
        }
        for n in 1..64 {
            register(&alloc::format!("T{n}/USD"), parameters());
        }
        let one_more = crate::feeds::register::<Test>(info("X/USD"), parameters(), sources());
        assert_eq!(one_more, Err(Error::<Test>::TooManyFeeds.into()));
    });
}

#[test]
fn feed_should_not_be_removed_when_something_depends_on_it() {
    chain(&[10], || {
        register("BTC/USD", parameters());
        world(|world| world.in_use.push(0));
        assert_noop!(
            Oracle::remove_feed(RuntimeOrigin::root(), 0),
            Error::<Test>::FeedInUse
        );
    });
}

#[test]
fn parameters_should_be_refused_when_they_make_no_sense() {
    chain(&[10], || {
        assert_noop!(set(|_| ()), Error::<Test>::NoSuchFeed);
        register("BTC/USD", parameters());
        assert_ok!(set(|_| ()));
        let bounds: [fn(&mut FeedParameters); 4] = [
            |p| p.lowest = 0,
            |p| p.lowest = p.highest + 1,
            |p| p.highest = 1 << 84,
            |p| (p.lowest, p.max_step_ppm) = (1_000, 999),
        ];
        for change in bounds {
            assert_noop!(set(change), Error::<Test>::BadBounds);
        }
        let times: [fn(&mut FeedParameters); 2] =
            [|p| p.heartbeat_ms = 999, |p| p.max_age_ms = p.heartbeat_ms];
        for change in times {
            assert_noop!(set(change), Error::<Test>::BadTimes);
        }
        let shares: [fn(&mut FeedParameters); 4] = [
            |p| p.deviation_ppm = 1_000_000,
            |p| p.max_step_ppm = 1_000_000,
            |p| p.max_confidence_ppm = 0,
            |p| p.max_confidence_ppm = 1_000_000,
        ];
        for change in shares {
            assert_noop!(set(change), Error::<Test>::BadShares);
        }
        let tolerance: [fn(&mut FeedParameters); 2] = [
            |p| p.outlier_factor_ppm = 999_999,
            |p| p.tolerance_floor_ppm = p.deviation_ppm - 1,
        ];
        for change in tolerance {
            assert_noop!(set(change), Error::<Test>::BadTolerance);
        }
        assert_noop!(set(|p| p.min_sources = 0), Error::<Test>::BadSourceCount);
        assert_noop!(set(|p| p.min_sources = 3), Error::<Test>::BadSourceCount);
        assert_noop!(
            set(|p| p.variance_time_constant_ms = 0),
            Error::<Test>::BadTimeConstant
        );
    });
}

#[test]
fn new_parameters_should_count_at_once() {
    use caisson_primitives::oracle::FeedStatus;
    chain(&[10], || {
        register("BTC/USD", parameters());
        submit(1, &[(0, ONE)]);
        (0..6).for_each(|_| next_block());
        assert_eq!(aggregate(0).unwrap().status, FeedStatus::Live);
        assert_ok!(set(|p| (p.heartbeat_ms, p.max_age_ms) = (1_000, 2_000)));
        assert_eq!(aggregate(0).unwrap().status, FeedStatus::Stale);
    });
}

#[test]
fn sources_should_be_refused_when_they_can_not_be_asked() {
    chain(&[10], || {
        register("BTC/USD", parameters());
        let set = |change: fn(&mut Source)| {
            let mut source = source("https://a.example/x");
            change(&mut source);
            Oracle::set_sources(
                RuntimeOrigin::root(),
                0,
                alloc::vec![source].try_into().unwrap(),
            )
        };
        assert_ok!(set(|_| ()));
        assert_noop!(
            set(|s| s.url = text("http://a.example/x")),
            Error::<Test>::BadUrl
        );
        assert_noop!(set(|s| s.url = text("https://a b")), Error::<Test>::BadUrl);
        assert_noop!(
            set(|s| s.pointer = text("price")),
            Error::<Test>::BadPointer
        );
        assert_noop!(set(|s| s.pointer = text("/a~2")), Error::<Test>::BadPointer);
        assert_noop!(
            set(|s| s.time.as_mut().unwrap().pointer = text("at")),
            Error::<Test>::BadPointer
        );
        assert_noop!(set(|s| s.weight = 0), Error::<Test>::BadSource);
        assert_noop!(
            set(|s| s.time.as_mut().unwrap().max_age_ms = 0),
            Error::<Test>::BadSource
        );
        let none = Oracle::set_sources(RuntimeOrigin::root(), 0, Default::default());
        assert_noop!(none, Error::<Test>::BadSourceCount);
        let elsewhere = Oracle::set_sources(RuntimeOrigin::root(), 1, sources());
        assert_noop!(elsewhere, Error::<Test>::NoSuchFeed);
    });
}

#[test]
fn only_governance_should_set_anything() {
    chain(&[10], || {
        register("BTC/USD", parameters());
        let who = || RuntimeOrigin::signed(1);
        let calls = [
            Oracle::register_feed(who(), info("A/B"), parameters(), sources()),
            Oracle::set_parameters(who(), 0, parameters()),
            Oracle::set_sources(who(), 0, sources()),
            Oracle::remove_feed(who(), 0),
        ];
        assert!(calls
            .iter()
            .all(|result| *result == Err(DispatchError::BadOrigin)));
    });
}
