//! A thin book that is swept, so that the mark goes with it.

use super::*;

/// XPL, August 2025: a thin book swept to more than three times the price elsewhere, the mark went with it, and shorts were
/// liquidated at what the sweeper asked. Here a sweep makes the call longer instead of clearing far away; if it lasts, the mark
/// stays near the index, and shorts stay.
#[test]
fn shorts_should_stay_when_a_thin_book_is_swept() {
    let mut stage = Stage::new();
    let maker = stage.trader("maker", 0, 1_000_000);
    let (sweeper, accomplice) = (
        stage.trader("sweeper", 0, 500_000),
        stage.trader("accomplice", 0, 500_000),
    );
    let shorts: Vec<Actor> = (0..5)
        .map(|number| stage.trader(&format!("short//{number}"), 0, 1_500))
        .collect();
    // Some seventeen times their money: a mark 2.8 % higher liquidates them.
    for short in &shorts {
        stage.trade(&maker, short, ETH_PERP, 10_000);
    }
    let at = |ppm: i64| Ticks::try_from(250_000 + 250_000 * ppm / 1_000_000).expect("a price");
    let thin = |lots| {
        for step in 1..=9 {
            assert_ok!(place(
                &maker,
                ETH_PERP,
                Side::Short,
                lots,
                at(step * 10_000)
            ));
        }
    };
    stage.block(|| thin(500));
    stage.events.clear();

    // One sweep. Sellers see the call, which goes on, and come in.
    stage.block(|| {
        assert_ok!(order(
            &sweeper,
            ETH_PERP,
            OrderRequest::limit(Side::Long, 4_500, at(95_000)).immediate()
        ));
    });
    let extended = |stage: &Stage| {
        stage.find(|event| match event {
            RuntimeEvent::Exchange(Exchanged::CallExtended {
                market: ETH_PERP,
                price,
                lots,
                ..
            }) => Some((price.0, *lots)),
            _ => None,
        })
    };
    let cleared = |stage: &Stage| {
        stage.find(|event| match event {
            RuntimeEvent::Exchange(Exchanged::Cleared {
                market: ETH_PERP,
                price,
                lots,
                ..
            }) => Some((price.0, *lots)),
            _ => None,
        })
    };
    let index = stage.prices(ETH_PERP).index.0;
    assert_eq!(extended(&stage), [(index * 109 / 100, 4_500)]);
    assert_eq!(cleared(&stage), []);
    assert_eq!(stage.level(ETH_PERP), Level::LongCalls);
    stage.block(|| {
        assert_ok!(place(&maker, ETH_PERP, Side::Short, 5_000, at(4_000)));
    });
    let waited = stage.until(200, |stage| !cleared(stage).is_empty());
    let first = cleared(&stage);
    println!("a sweep to +9 %: extended at {:?}, then {waited} blocks later cleared at {first:?}, index {index}", extended(&stage));
    assert_eq!(first, [(index * 1_004 / 1_000, 4_500)], "where others sell");

    // It goes on for twenty minutes, against the last of the book and an own account, with quotes far away.
    stage.events.clear();
    stage.block(|| {
        assert_ok!(cancel_all(&maker, ETH_PERP));
    });
    let highest = Cell::new(0);
    for second in 0..1_200u32 {
        stage.block(|| {
            if second % 20 == 0 {
                let _ = cancel_all(&sweeper, ETH_PERP);
                let _ = cancel_all(&accomplice, ETH_PERP);
                // What trades, and what only shows.
                let _ = place(&sweeper, ETH_PERP, Side::Long, 300, at(90_000));
                let _ = place(&accomplice, ETH_PERP, Side::Short, 200, at(90_000));
                let _ = place(&accomplice, ETH_PERP, Side::Short, 500, at(92_000));
            }
        });
        let prices = stage.prices(ETH_PERP);
        highest.set(highest.get().max(prices.mark.0));
        assert!(prices.mark.0 <= index + index / 20, "the band");
        assert!(prices.mark.0 <= index + index / 50, "the cap of the basis");
    }
    let through = stage.find(|event| match event {
        RuntimeEvent::CircuitBreaker(Breaker::LetThrough {
            market: ETH_PERP,
            price,
            ..
        }) => Some(price.0),
        _ => None,
    });
    println!(
        "twenty minutes of it: {} extensions, {} clearings, {} let through at {through:?}; the highest mark is {} ppm of the index",
        extended(&stage).len(), cleared(&stage).len(), through.len(), highest.get() * 1_000_000 / index,
    );
    assert!(extended(&stage).len() >= 10);
    assert!(
        stage
            .find(|event| match event {
                RuntimeEvent::CircuitBreaker(Breaker::Raised {
                    scope,
                    cause: Cause::PriceBand,
                    ..
                }) => {
                    (*scope == Scope::Market(ETH_PERP)).then_some(())
                }
                _ => None,
            })
            .len()
            <= 3,
        "it is renewed, not raised again"
    );
    assert!(highest.get() > index, "the sweeper does move it a little");
    assert!(shorts.iter().all(|short| !stage.is_unsafe(short)));
    assert!(shorts
        .iter()
        .all(|short| stage.lots(short, ETH_PERP) == -10_000));
    assert_eq!(stage.unsafe_accounts(), 0);
}
