//! SPEC 6.1, 6.2, 6.6, 6.7: what the fund earns, and how it sells.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{LotPrice, Side},
};

use super::scene::*;
use crate::{mock::*, Event, Working};

/// The fund has taken over 100 lots at 94.
fn fund_with_inventory() -> Trader {
    endow(0, 10_000);
    thin_long(10_000);
    let maker = Trader::new(3, 1_000_000);
    set_mark(MARKET, 94);
    block();
    assert_eq!(inventory(), (100, 0));
    maker
}

/// What the fund offers in this block.
fn offered() -> Option<u64> {
    events().into_iter().find_map(|event| match event {
        Event::Unwinding { lots, .. } => Some(lots),
        _ => None,
    })
}

#[test]
fn fund_should_sell_a_tenth_of_what_others_bid_near_the_mark_in_each_block() {
    run(|| {
        let maker = fund_with_inventory();
        block();
        assert_eq!(offered(), None, "nobody bids");
        begin_block();
        // Half a percent below 94 is 93.53.
        maker.bids(150, 9_380);
        maker.bids(5_000, 9_352);
        end_block();
        block();
        assert!(events().contains(&Event::Unwinding {
            market: MARKET,
            side: Side::Short,
            lots: 15,
            limit: LotPrice(9_353 * TICK),
            inventory: 100,
        }));
        // It takes the price of the bid: 0.2 a lot less than it was taken over at.
        assert_eq!(inventory(), (85, -3 * ONE));
        assert_eq!(insurance(), 10_000 * ONE);
        block();
        // That is paid, and a tenth of 135 is next.
        assert_eq!(insurance(), 9_997 * ONE);
        assert_eq!(offered(), Some(13));
        assert_eq!(inventory(), (72, -26 * ONE / 10));
        for _ in 0..5 {
            let (held, _) = inventory();
            let depth = pallet_exchange::Book::<Test>::iter()
                .filter(|(key, _)| key.side == Side::Long && key.ticks >= 9_353)
                .map(|(_, order)| order.lots)
                .sum::<u64>();
            block();
            let sold = u64::try_from(held - inventory().0).unwrap();
            assert!(sold <= depth / 10, "{sold} of {depth}");
        }
    });
}

#[test]
fn fund_should_never_offer_more_than_it_holds_or_than_the_terms_allow() {
    run(|| {
        let maker = fund_with_inventory();
        change_terms(|terms| terms.unwind_at_most = wholes(1_000));
        maker.bids(5_000, 9_400);
        block();
        assert_eq!(offered(), Some(10), "1000 at 94");
        change_terms(|terms| terms.unwind_at_most = wholes(1_000_000));
        block();
        assert_eq!(offered(), Some(90));
        assert_eq!(inventory(), (0, 0), "all at mark");
        block();
        assert_eq!(offered(), None);
        assert!(Working::<Test>::get().is_empty());
    });
}

#[test]
fn fund_should_wait_when_the_price_is_not_live() {
    run(|| {
        let maker = fund_with_inventory();
        maker.bids(100, 9_400);
        for status in [
            FeedStatus::Guarded,
            FeedStatus::Uncertain,
            FeedStatus::Stale,
            FeedStatus::Down,
        ] {
            set_status(MARKET, status);
            block();
            assert_eq!(offered(), None, "{status:?}");
        }
        assert_eq!(inventory(), (100, 0));
    });
}

#[test]
fn fund_should_keep_what_it_earns_on_an_inventory() {
    run(|| {
        let maker = fund_with_inventory();
        set_mark(MARKET, 96);
        maker.bids(100, 9_600);
        block();
        assert_eq!(offered(), Some(10));
        assert_eq!(inventory(), (90, 20 * ONE));
        block();
        assert_eq!(insurance(), 10_020 * ONE);
    });
}

#[test]
fn short_inventory_should_be_bought_back() {
    run(|| {
        endow(0, 10_000);
        let (long, short) = (Trader::new(1, 10_000), Trader::new(2, 600));
        trade(long, short, 100, 100);
        let maker = Trader::new(3, 10_000);
        set_mark(MARKET, 106);
        block();
        assert_eq!(inventory(), (-100, 0));
        // Half a percent above 106 is 106.53.
        maker.asks(50, 10_653);
        maker.asks(50, 10_654);
        block();
        assert_eq!(offered(), Some(5));
        assert_eq!(inventory(), (-95, -53 * 5 * ONE / 100));
    });
}

#[test]
fn whole_inventory_should_go_when_the_fund_is_empty() {
    run(|| {
        let (_, short) = thin_long(10_000);
        set_mark(MARKET, 94);
        block();
        // Nothing was lost, but a fund of nothing carries nothing.
        assert_eq!(deleveraged(), [(short.index, 100)]);
        assert!(cuts().is_empty());
        assert_eq!(short.money(), 10_600 * ONE);
        assert!(Working::<Test>::get().is_empty());
    });
}
