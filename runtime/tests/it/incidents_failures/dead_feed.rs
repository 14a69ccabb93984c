//! A market whose feed dies.

use super::wrong_prices::stripped;
use super::*;

/// dYdX v4, 10 October 2025: an isolated market's collateral pool ran dry, the chain halted for eight hours, and on its return
/// it traded on stale prices. Here a market whose feed is dead is quarantined: nobody is liquidated, nobody adds risk, all other
/// markets and the chain go on, and it comes back with one long call.
#[test]
fn market_should_be_quarantined_when_its_feed_dies_while_accounts_are_under_water() {
    let mut stage = Stage::new();
    stage.fund(0, 50_000);
    let (long, short) = (
        stage.trader("long", 0, 1_000),
        stage.trader("short", 0, 50_000),
    );
    let (a, b) = (stage.trader("a", 1, 10_000), stage.trader("b", 1, 10_000));
    stage.trade(&long, &short, BTC_PERP, 3_800);
    // In the block after this one the long has less than it must hold; there is no bid for it.
    stage.price(BTC, 48_600);
    stage.blocks(1);
    assert!(stage.is_unsafe(&long) && stage.lots(&long, BTC_PERP) == 3_800);
    assert_eq!(liquidated(&stage.events), vec![long.account]);
    let before = stage.chain.run(|| Margin::load(long.account));
    let mark = stage.mark(BTC_PERP);

    stage.events.clear();
    // The world sells off, and the chain does not see it.
    stage.price(BTC, 40_000);
    for second in 0..90u32 {
        stage.status(
            BTC,
            if second < 30 {
                FeedStatus::Stale
            } else {
                FeedStatus::Down
            },
        );
        let (refused, out) = (second % 10 == 5, second % 10 == 6);
        stage.block(|| {
            if refused {
                assert!(place(&short, BTC_PERP, Side::Short, 10, mark).is_err());
                assert!(place(&short, BTC_PERP, Side::Long, 10, mark).is_err());
                let bid = OrderRequest::limit(Side::Long, 10, mark);
                assert_ok!(order(&short, BTC_PERP, bid.immediate().reduce_only()));
            }
            if out {
                let frozen = pallet_margin::Error::<Runtime>::PriceNotTrusted.into();
                assert_eq!(withdraw(&short, 1).map_err(stripped), Err(frozen));
                assert_ok!(deposit(&short, 1));
            }
        });
        if second % 10 == 7 {
            let (buyer, seller) = if second % 20 == 7 { (&a, &b) } else { (&b, &a) };
            stage.trade(buyer, seller, ETH_PERP_B, 100 + u64::from(second));
        }
        let level = stage.level(BTC_PERP);
        let least = if second < 30 {
            Level::ReduceOnly
        } else {
            Level::CancelOnly
        };
        assert!(level >= least, "second {second}: {level:?}");
        assert_eq!(stage.mark(BTC_PERP), mark);
        assert_eq!(stage.level(ETH_PERP_B), Level::Open);
    }
    let fills = |stage: &Stage, wanted: MarketId| {
        stage.find(|event| match event {
            RuntimeEvent::Exchange(Exchanged::Filled { market, .. }) if *market == wanted => {
                Some(())
            }
            _ => None,
        })
    };
    assert!(liquidated(&stage.events).is_empty());
    assert_eq!(fills(&stage, BTC_PERP).len(), 0);
    let elsewhere = fills(&stage, ETH_PERP_B).len();
    assert_eq!(elsewhere, 18);
    let after = stage.chain.run(|| Margin::load(long.account));
    assert_eq!(after, before, "it waits as it was");

    // The quorum is back. The engine goes on in that block; trading resumes with a call.
    stage.events.clear();
    stage.price(BTC, 48_200);
    stage.status(BTC, FeedStatus::Live);
    stage.blocks(1);
    assert_eq!(liquidated(&stage.events), vec![long.account]);
    assert!(stage.level(BTC_PERP) >= Level::CancelOnly, "not at once");
    let (buyer, seller) = (
        stage.trader("buyer", 0, 5_000),
        stage.trader("seller", 0, 5_000),
    );
    let waited = stage.until(1_000, |stage| stage.level(BTC_PERP) <= Level::LongCalls);
    stage.events.clear();
    let mark = stage.mark(BTC_PERP);
    stage.block(|| {
        place(&buyer, BTC_PERP, Side::Long, 10, mark).expect("taken in");
        place(&seller, BTC_PERP, Side::Short, 10, mark).expect("taken in");
    });
    assert_eq!(fills(&stage, BTC_PERP).len(), 0, "the call goes on");
    let call = stage.until(200, |stage| stage.lots(&buyer, BTC_PERP) == 10);
    println!(
        "quarantine: 90 blocks without a feed, none liquidated, {elsewhere} fills elsewhere; {waited} blocks to long calls, a \
         call of {call} blocks"
    );
    assert!((50..=60).contains(&call), "{call}");
}
