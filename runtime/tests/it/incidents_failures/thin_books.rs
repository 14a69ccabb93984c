//! A large liquidation in a thin book.

use super::*;

/// Perp v1, May 2022: a large liquidation moved the price that all others were valued at, and they fell with it. Here it fills in
/// a thin book at one price, far below the mark; the mark is the index while the book has no narrow middle, and nobody else
/// falls short.
#[test]
fn liquidation_should_not_move_the_mark_when_the_book_is_thin() {
    let (drift, filled, lowest) = large_liquidation(false);
    println!("a large liquidation in a thin book: {filled} lots filled down to {lowest} ppm under the mark, which moved {drift} ppm");
    assert!(filled > 8_000 && lowest > 5_000);
    assert_eq!(drift, 0);
}

/// The same while somebody quotes the middle of the book lower: the mark follows no faster than `t / 151` of the cap of the basis
/// (2 % of the index), however much is liquidated.
#[test]
fn liquidation_should_move_the_mark_no_faster_than_the_basis_when_the_middle_is_quoted_lower() {
    let (drift, filled, lowest) = large_liquidation(true);
    let bound = 20_000 * SECONDS / 151;
    println!(
        "the same with a middle quoted lower: {filled} lots filled down to {lowest} ppm under the mark, which moved {drift} ppm \
         of at most {bound} in {SECONDS} s"
    );
    assert!(filled > 8_000 && drift <= bound);
}

/// For how long the mark is looked at.
const SECONDS: i128 = 60;

/// A whale of 40,000 lots falls short in a market of 800,000, in which bids are few and low. Returns how far the mark moved from
/// the index in parts per million, how many lots were filled, and the lowest fill under the mark, in parts per million.
fn large_liquidation(quotes: bool) -> (i128, u64, i128) {
    let mut stage = Stage::new();
    stage.fund(0, 500_000);
    let (bull, bear) = (
        stage.trader("bull", 0, 1_000_000),
        stage.trader("bear", 0, 1_000_000),
    );
    stage.trade(&bull, &bear, BTC_PERP, 800_000);
    let whale = stage.trader("whale", 0, 10_500);
    stage.trade(&whale, &bear, BTC_PERP, 40_000);
    // Neighbours who will have 2 % of their position more than they must, and less, down to 1 % or a quarter of that.
    let step = if quotes { 35 } else { 78 };
    let neighbours: Vec<Actor> = (0..12u64)
        .map(|number| {
            let one = stage.trader(&format!("neighbour//{number}"), 0, 1_000);
            stage.trade(&one, &bear, BTC_PERP, 2_600 + number * step);
            one
        })
        .collect();
    let maker = stage.trader("maker", 0, 200_000);
    // Slowly, so that calls stay short and the liquidation meets the book.
    stage.price(BTC, 49_400);
    stage.blocks(70);
    stage.price(BTC, 48_830);
    stage.blocks(1);
    assert!(stage.is_unsafe(&whale));
    assert!(neighbours.iter().all(|one| !stage.is_unsafe(one)));
    assert_eq!(stage.level(BTC_PERP), Level::Open);
    let index = stage.prices(BTC_PERP).index.0;
    stage.events.clear();
    let (mut drift, mut filled, mut lowest) = (0i128, 0u64, 0i128);
    for _ in 0..SECONDS {
        let mark = stage.mark(BTC_PERP);
        stage.block(|| {
            let _ = cancel_all(&maker, BTC_PERP);
            for step in 1..=8u32 {
                place(
                    &maker,
                    BTC_PERP,
                    Side::Long,
                    2_000,
                    mark - mark * step / 500,
                )
                .expect("a bid");
            }
            if quotes {
                place(&maker, BTC_PERP, Side::Short, 10, mark - mark / 1_000).expect("an offer");
            }
        });
        let marked = stage.prices(BTC_PERP).mark.0;
        drift = drift.max((index - marked).abs() * 1_000_000 / index);
        for event in stage.chain.events() {
            if let RuntimeEvent::Exchange(Exchanged::Filled {
                account,
                lots,
                price,
                ..
            }) = event
            {
                if account == whale.account {
                    filled += lots;
                    lowest = lowest.max((marked - price.0) * 1_000_000 / marked);
                }
            }
        }
    }
    for one in neighbours.iter().chain([&bull, &bear, &maker]) {
        assert!(!stage.is_unsafe(one), "{one:?}");
    }
    let touched: BTreeSet<_> = liquidated(&stage.events).into_iter().collect();
    assert_eq!(touched, BTreeSet::from([whale.account]));
    println!(
        "  the whale kept {} lots; level {:?}",
        stage.lots(&whale, BTC_PERP),
        stage.level(BTC_PERP)
    );
    (drift, filled, lowest)
}
