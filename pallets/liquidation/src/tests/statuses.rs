//! SPEC 4.3, 5.1: what the status of a feed lets the engine do.

use caisson_primitives::oracle::FeedStatus;
use frame_support::dispatch::Pays;

use super::scene::*;
use crate::{mock::*, Error, InProgress, UnsafeAccounts};

#[test]
fn nobody_should_be_liquidated_and_nothing_counted_when_the_price_is_stale_or_down() {
    for status in [FeedStatus::Stale, FeedStatus::Down] {
        run(|| {
            let (long, _) = thin_long(10_000);
            Trader::new(3, 10_000).bids(100, 9_600);
            set_mark(MARKET, 93);
            set_status(MARKET, status);
            // Bankrupt, for longer than patience lasts.
            blocks(5);
            assert_eq!(events(), []);
            assert_eq!((long.lots(), long.money()), (100, 600 * ONE));
            assert_eq!(InProgress::<Test>::get(long.index), None);
            assert_eq!(UnsafeAccounts::<Test>::get(), 1);
            // Asking for it does nothing either, and is not free.
            let asked = Liquidation::liquidate(signed(9), long.index).unwrap();
            assert_eq!(asked.pays_fee, Pays::Yes);
            set_mark(MARKET, 96);
            set_status(MARKET, FeedStatus::Live);
            block();
            assert_eq!(InProgress::<Test>::get(long.index).unwrap().attempts, 1);
            assert_eq!(limits().len(), 1);
            let again = Liquidation::liquidate(signed(9), long.index).unwrap_err();
            assert_eq!(again.error, Error::<Test>::VisitedAlready.into());
        });
    }
}

#[test]
fn accounts_should_be_liquidated_when_the_price_is_guarded_or_uncertain() {
    for status in [FeedStatus::Guarded, FeedStatus::Uncertain] {
        run(|| {
            let (long, _) = thin_long(10_000);
            set_mark(MARKET, 96);
            set_status(MARKET, status);
            block();
            assert_eq!(limits().len(), 1);
            set_mark(MARKET, 94);
            block();
            assert_eq!(taken_over(), [long.index]);
        });
    }
}

#[test]
fn only_positions_with_a_trusted_price_should_be_offered_and_none_taken_over() {
    run(|| {
        add_market(OTHER, 0);
        let (long, short) = (Trader::new(1, 900), Trader::new(2, 10_000));
        trade(long, short, 100, 100);
        trade_in(OTHER, long, short, 50, 100);
        set_mark(MARKET, 92);
        set_status(OTHER, FeedStatus::Stale);
        // 100 of 426: under three tenths, but not all prices may be used.
        block();
        assert!(taken_over().is_empty());
        assert_eq!(limits().len(), 1);
        set_status(OTHER, FeedStatus::Live);
        block();
        assert_eq!(taken_over(), [long.index]);
        // Its 100 are all that the fund has: five times that is five lots.
        assert_eq!((inventory().0, inventory_of(OTHER)), (5, Some((5, 0))));
    });
}
