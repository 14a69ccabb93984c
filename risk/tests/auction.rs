//! Clearing price against brute force over whole books.

mod common;

use caisson_risk::auction::{clearing_interval, clearing_price, Margin};
use caisson_risk::LotPrice;
use common::config;
use proptest::collection::vec;
use proptest::prelude::*;

type Book = Vec<(i128, i128)>;

/// Lots that trade at one price: the lesser of demand and supply.
fn volume(bids: &Book, asks: &Book, price: i128) -> i128 {
    let demand: i128 = bids
        .iter()
        .filter(|(limit, _)| *limit >= price)
        .map(|(_, lots)| lots)
        .sum();
    let supply: i128 = asks
        .iter()
        .filter(|(limit, _)| *limit <= price)
        .map(|(_, lots)| lots)
        .sum();
    demand.min(supply)
}

/// Two-pointer matching, best against best, while they cross: matched lots and where it stopped.
fn matching(bids: &Book, asks: &Book) -> Option<(i128, Margin)> {
    let (mut bids, mut asks) = (bids.clone(), asks.clone());
    bids.sort_by_key(|(price, _)| -price);
    asks.sort_by_key(|(price, _)| *price);
    let (mut i, mut j, mut total, mut last) = (0, 0, 0, None);
    while i < bids.len() && j < asks.len() && bids[i].0 >= asks[j].0 {
        let lots = bids[i].1.min(asks[j].1);
        last = Some((bids[i].0, asks[j].0));
        total += lots;
        bids[i].1 -= lots;
        asks[j].1 -= lots;
        i += usize::from(bids[i].1 == 0);
        j += usize::from(asks[j].1 == 0);
    }
    let (last_bid, last_ask) = last?;
    let next = |book: &Book, at: usize| book.get(at).map(|(price, _)| *price);
    Some((
        total,
        Margin {
            last_bid,
            last_ask,
            next_bid: next(&bids, i),
            next_ask: next(&asks, j),
        },
    ))
}

fn book() -> impl Strategy<Value = Book> {
    vec((1i128..40, 1i128..20), 0..12)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn interval_should_be_the_prices_of_maximal_volume(bids in book(), asks in book()) {
        let most = (0..=41).map(|price| volume(&bids, &asks, price)).max().unwrap();
        let Some((total, margin)) = matching(&bids, &asks) else {
            prop_assert_eq!(most, 0);
            return Ok(());
        };
        prop_assert_eq!(total, most, "matching by price is maximal");
        let (low, high) = clearing_interval(&margin).unwrap();
        for price in low..=high {
            prop_assert_eq!(volume(&bids, &asks, price), most, "at {}", price);
        }
    }

    #[test]
    fn price_should_not_move_by_volume_at_the_margin(
        bids in book(), asks in book(), mark in 1i128..400, more in 1i128..50,
    ) {
        let Some((_, margin)) = matching(&bids, &asks) else { return Ok(()) };
        let price = |margin: &Margin| clearing_price(margin, &LotPrice(mark), &LotPrice(10)).unwrap();
        let before = price(&margin);
        // An order behind the clearing price on either side trades nothing and moves nothing.
        let (mut more_bids, mut more_asks) = (bids.clone(), asks.clone());
        more_bids.push((before - 1, more));
        more_asks.push((before + 1, more));
        let (_, other) = matching(&more_bids, &more_asks).unwrap();
        let after = price(&other);
        prop_assert_eq!(after, before);
    }
}
