//! SPEC 4: which reports get in.

use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::DispatchClass, dispatch::GetDispatchInfo};
use sp_runtime::{
    traits::Dispatchable,
    transaction_validity::{InvalidTransaction, TransactionSource},
    DispatchError,
};

use super::common::*;
use crate::{mock::*, reporting::*, types::*, Event, LatestReports};

const ALL: [TransactionSource; 3] = [
    TransactionSource::InBlock,
    TransactionSource::Local,
    TransactionSource::External,
];

fn refused(call: &RuntimeCall, why: InvalidTransaction) {
    for source in ALL {
        assert_eq!(validate(call, source), Err(why.into()), "{source:?}");
    }
}

#[test]
fn honest_report_should_be_valid_from_anywhere_and_outrank_users() {
    chain(&[10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        let call = call(2, report(2, &[(feed, 100 * ONE)]));
        for source in ALL {
            let valid = validate(&call, source).unwrap();
            assert!(valid.priority >= REPORT_PRIORITY);
            assert!(valid.propagate);
            assert_eq!(valid.longevity, MAX_DELAY_SLOTS);
        }
        let info = call.get_dispatch_info();
        assert_eq!(info.class, DispatchClass::Operational);
        assert_eq!(info.pays_fee, frame_support::dispatch::Pays::No);
        assert_ok!(call.dispatch(frame_system::RawOrigin::Authorized.into()));
        assert_eq!(
            LatestReports::<Test>::get(2)
                .unwrap()
                .of(feed)
                .unwrap()
                .price,
            100 * ONE
        );
    });
}

#[test]
fn one_validator_should_have_two_places_in_the_pool_and_its_later_reports_win_them() {
    chain(&[10, 10, 10], || {
        let slot = world(|world| world.slot);
        let valid = |validator, round| {
            let report = report_for(5, round, validator, &[(0, ONE)]);
            validate(&call(validator, report), TransactionSource::External).unwrap()
        };
        let (earlier, next, later) = (valid(1, slot), valid(1, slot + 1), valid(1, slot + 2));
        assert_eq!(earlier.provides, later.provides);
        assert!(later.priority > next.priority && next.priority > earlier.priority);
        // The block that has the earlier must not drive the next out of the pool.
        assert_ne!(earlier.provides, next.provides);
        assert_eq!(next.provides, valid(1, slot + 1_000_001).provides);
        assert_ne!(earlier.provides, valid(2, slot).provides);
    });
}

#[test]
fn report_should_be_refused_when_the_session_is_another() {
    chain(&[10, 10, 10], || {
        let slot = world(|world| world.slot);
        let of = |session| call(1, report_for(session, slot, 1, &[(0, ONE)]));
        refused(&of(6), InvalidTransaction::Future);
        refused(&of(3), InvalidTransaction::Stale);
        refused(&of(0), InvalidTransaction::Stale);
        // The last one is taken, so that the block that rotates the session refuses nobody.
        assert_ok!(validate(&of(4), TransactionSource::InBlock));
    });
}

#[test]
fn report_should_be_refused_when_its_round_is_old_used_or_ahead() {
    chain(&[10, 10, 10], || {
        let slot = world(|world| world.slot);
        let of = |round| call(1, report_for(5, round, 1, &[(0, ONE)]));
        refused(&of(slot - MAX_DELAY_SLOTS - 1), InvalidTransaction::Stale);
        assert_ok!(validate(
            &of(slot - MAX_DELAY_SLOTS),
            TransactionSource::InBlock
        ));
        assert_ok!(validate(
            &of(slot + MAX_AHEAD_SLOTS),
            TransactionSource::InBlock
        ));
        let ahead = of(slot + MAX_AHEAD_SLOTS + 1);
        assert_eq!(
            validate(&ahead, TransactionSource::InBlock),
            Err(InvalidTransaction::Future.into())
        );
        // After a pause of the chain the pool can't know better.
        assert_ok!(validate(&of(slot + 600), TransactionSource::External));

        submit(1, &[(0, ONE)]);
        refused(&of(slot), InvalidTransaction::Stale);
        refused(&of(slot - 1), InvalidTransaction::Stale);
        assert_ok!(validate(&of(slot + 1), TransactionSource::InBlock));
    });
}

#[test]
fn report_should_be_refused_when_the_signature_is_anothers_or_of_something_else() {
    chain(&[10, 10, 10], || {
        let honest = report(1, &[(0, ONE)]);
        // Another validator's key.
        let signature = sign(2, &honest);
        refused(
            &crate::Call::report {
                report: honest.clone(),
                signature,
            }
            .into(),
            InvalidTransaction::BadProof,
        );
        // Nobody's key.
        let signature = sign(77, &honest);
        refused(
            &crate::Call::report {
                report: honest.clone(),
                signature,
            }
            .into(),
            InvalidTransaction::BadProof,
        );
        // Another price than was signed.
        let signature = sign(1, &honest);
        let mut forged = honest.clone();
        forged.prices[0].price = 2 * ONE;
        refused(
            &crate::Call::report {
                report: forged,
                signature: signature.clone(),
            }
            .into(),
            InvalidTransaction::BadProof,
        );
        // Another place than was signed for.
        let mut moved = honest.clone();
        moved.authority = 1;
        refused(
            &crate::Call::report {
                report: moved,
                signature,
            }
            .into(),
            InvalidTransaction::BadProof,
        );
        // Signed without what binds it to this use and chain.
        let bare = sp_core::Pair::sign(&pair(1), &honest.encode());
        refused(
            &crate::Call::report {
                report: honest,
                signature: bare,
            }
            .into(),
            InvalidTransaction::BadProof,
        );
    });
}

#[test]
fn report_should_be_refused_when_nobody_has_that_place() {
    chain(&[10, 10, 10], || {
        for place in [3, 99, u16::MAX] {
            let mut report = report(1, &[(0, ONE)]);
            report.authority = place;
            refused(&call(1, report), InvalidTransaction::BadSigner);
        }
    });
}

#[test]
fn report_should_be_refused_when_it_has_no_prices_or_a_feed_twice() {
    chain(&[10, 10, 10], || {
        refused(&call(1, report(1, &[])), InvalidTransaction::Call);
        refused(
            &call(1, report(1, &[(0, ONE), (0, ONE)])),
            InvalidTransaction::Call,
        );
        refused(
            &call(1, report(1, &[(1, ONE), (0, ONE)])),
            InvalidTransaction::Call,
        );
    });
}

#[test]
fn report_should_not_decode_when_it_has_more_prices_than_there_can_be_feeds() {
    use codec::Decode;
    let price = ReportedPrice {
        feed: 0,
        price: 1,
        confidence: 0,
    };
    let encode = |count: usize| (5u32, 0u16, 1u64, alloc::vec![price; count]).encode();
    assert!(Report::decode(&mut &encode(64)[..]).is_ok());
    assert!(Report::decode(&mut &encode(65)[..]).is_err());
    // And one of full size is small.
    assert!(encode(64).len() < 2_400, "{}", encode(64).len());
}

#[test]
fn report_should_only_be_dispatched_when_it_was_authorized() {
    chain(&[10, 10, 10], || {
        let call = call(1, report(1, &[(0, ONE)]));
        for origin in [
            RuntimeOrigin::none(),
            RuntimeOrigin::root(),
            RuntimeOrigin::signed(1),
        ] {
            assert_noop!(call.clone().dispatch(origin), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn prices_beyond_the_bounds_should_never_enter_and_count_as_outliers() {
    chain(&[10, 10, 10], || {
        let parameters = parameters();
        let (low, high) = (parameters.lowest, parameters.highest);
        let feeds: alloc::vec::Vec<_> = ["A/B", "C/D", "E/F", "G/H"]
            .map(|symbol| register(symbol, parameters))
            .to_vec();
        submit(
            1,
            &[
                (feeds[0], 0),
                (feeds[1], low - 1),
                (feeds[2], high + 1),
                (feeds[3], low),
            ],
        );
        let latest = LatestReports::<Test>::get(1).unwrap();
        let entered: alloc::vec::Vec<_> = latest.observations.iter().map(|o| o.feed).collect();
        assert_eq!(entered, [feeds[3]]);
        assert_eq!(crate::Performances::<Test>::get()[0].outliers, 3);
        assert!(events().contains(&Event::InsanePrices {
            validator: 1,
            prices: 3
        }));
    });
}

#[test]
fn prices_of_unknown_feeds_should_be_left_out() {
    chain(&[10, 10, 10], || {
        let feed = register("BTC/USD", parameters());
        submit(1, &[(feed, ONE), (9, ONE), (200, ONE)]);
        assert_eq!(LatestReports::<Test>::get(1).unwrap().observations.len(), 1);
        assert_eq!(crate::Performances::<Test>::get()[0].outliers, 0);
    });
}
