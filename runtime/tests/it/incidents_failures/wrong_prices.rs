//! Prices that are wrong: a thousandfold, zero, absurd.

use super::*;

/// An error as it compares: without the message that metadata carries.
pub(super) fn stripped(error: DispatchError) -> DispatchError {
    error.stripped()
}

/// Who became unsafe in the last block.
fn became_unsafe(chain: &mut Chain) -> usize {
    let is_unsafe =
        |event: &RuntimeEvent| matches!(event, RuntimeEvent::Margin(Booked::BecameUnsafe { .. }));
    chain
        .events()
        .iter()
        .filter(|event| is_unsafe(event))
        .count()
}

/// A chain of four validators, with a long and a short of eighteen times their money at 60,000.
fn leveraged_chain() -> Chain {
    let mut chain = Chain::from_preset("local_testnet");
    block_of_reports(&mut chain, &VALIDATORS, 60_000 * ONE);
    chain.next_block();
    let mut pair = traders(&mut chain, "leveraged", 2, 0, 1_000);
    chain.commit();
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let orders = pair
        .iter_mut()
        .zip([Side::Long, Side::Short])
        .map(|(trader, side)| {
            let order = OrderRequest::limit(side, 3_000, mark);
            let call = trading::place(trader.account, BTC_PERP, order);
            trader.sign(&mut chain, call)
        })
        .collect();
    assert_eq!(chain.next_block_with(orders), [Ok(Ok(())); 2]);
    let interest = chain.query(|| pallet_margin::OpenInterest::<Runtime>::get(BTC_PERP));
    assert_eq!(interest, 3_000);
    chain
}

/// A block with a report of each of these validators, of that bitcoin price.
fn block_of(chain: &mut Chain, said: &[(&str, u128)]) {
    let reports = said
        .iter()
        .map(|(validator, price)| {
            signed_report(chain, validator, &[(trading::BTC, *price), (1, price / 20)])
        })
        .collect();
    let results = chain.next_block_with(reports);
    assert_eq!(results, vec![Ok(Ok(())); said.len()]);
}

/// Synthetix, June 2019: one source said a thousand times the price of the won while another was down, and the average of the
/// two was traded on. Here the median of a quorum is the price; without a quorum the feed freezes, and is never an average.
#[test]
fn feed_should_freeze_and_never_average_when_one_source_says_a_thousandfold() {
    let mut chain = leveraged_chain();
    let honest = 60_000 * ONE;
    let mark = market(&mut chain, BTC_PERP).1.mark;
    // With a quorum of honest ones a liar moves nothing, inside the feed's bounds (a hundredfold) or beyond.
    for times in [100, 1_000] {
        let said = [
            ("Alice", honest),
            ("Bob", honest),
            ("Charlie", honest),
            ("Dave", times * honest),
        ];
        block_of(&mut chain, &said);
        chain.next_block();
        assert_eq!(feeds(&mut chain)[0].price, Some(honest));
        assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Live);
    }
    // Two sources are down: one honest is left, and the liar.
    let mut frozen_after = None;
    for block in 0..200u32 {
        let times = if block % 2 == 0 { 100 } else { 1_000 };
        block_of(&mut chain, &[("Alice", honest), ("Dave", times * honest)]);
        let feed = feeds(&mut chain).remove(0);
        assert_eq!(feed.price, Some(honest), "block {block}");
        assert_eq!(became_unsafe(&mut chain), 0);
        let prices = market(&mut chain, BTC_PERP).1;
        assert_eq!((prices.mark, prices.index), (mark, mark));
        if feed.status != FeedStatus::Live && frozen_after.is_none() {
            frozen_after = Some(block);
            assert_eq!(feed.status, FeedStatus::Stale);
            assert_eq!(prices.status, FeedStatus::Stale);
        }
    }
    let frozen_after = frozen_after.expect("it freezes");
    println!("one source a thousandfold: frozen {frozen_after} blocks after the quorum was gone; the mark stayed {mark:?}");
    assert!(frozen_after <= 17);
    assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Down);
    // The others are back, and the price moves on.
    for _ in 0..2 {
        block_of_reports(&mut chain, &VALIDATORS, 60_300 * ONE);
    }
    assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Live);
    assert_eq!(feeds(&mut chain)[0].price, Some(60_300 * ONE));
    assert_eq!(
        chain.query(pallet_liquidation::UnsafeAccounts::<Runtime>::get),
        0
    );
}

/// Paradex, January 2026: a migration wrote a price of zero, and the venue liquidated everyone on it. Here reports of zero, or
/// beyond a feed's bounds, don't enter even if all validators sign them.
#[test]
fn reports_of_zero_should_not_enter_when_all_validators_sign_them() {
    let mut chain = leveraged_chain();
    let mark = market(&mut chain, BTC_PERP).1.mark;
    for price in [0, 1, (1 << 84) - 1, u128::MAX] {
        for _ in 0..3 {
            let reports = VALIDATORS
                .iter()
                .map(|one| signed_report(&mut chain, one, &[(trading::BTC, price)]))
                .collect();
            // Refused as transactions, or taken in without the price.
            let results = chain.next_block_with(reports);
            let feed = feeds(&mut chain).remove(0);
            println!(
                "all say {price}: {:?}; the price is {:?}, {:?}",
                results[0], feed.price, feed.status
            );
            assert_eq!(feed.price, Some(60_000 * ONE));
            assert_eq!(market(&mut chain, BTC_PERP).1.mark, mark);
            assert_eq!(became_unsafe(&mut chain), 0);
        }
    }
    chain.next_blocks(10);
    assert_eq!(
        feeds(&mut chain)[0].status,
        FeedStatus::Stale,
        "nothing is known"
    );
    assert_eq!(market(&mut chain, BTC_PERP).1.mark, mark);
    block_of_reports(&mut chain, &VALIDATORS, 60_000 * ONE);
    chain.next_block();
    assert_eq!(feeds(&mut chain)[0].status, FeedStatus::Live);
    assert_eq!(
        chain.query(pallet_liquidation::UnsafeAccounts::<Runtime>::get),
        0
    );
}

/// Paradex again, one layer further in: even if a zero stood in the oracle's storage as a live price, markets on it stop
/// trusting it and keep their marks, and so does collateral that is priced by it.
#[test]
fn nobody_should_be_liquidated_when_a_price_of_zero_is_in_storage() {
    let mut stage = Stage::new();
    let (long, short) = (
        stage.trader("long", 0, 1_000),
        stage.trader("short", 0, 50_000),
    );
    let pledger = stage.trader("pledger", 0, 200);
    stage.trade(&long, &short, BTC_PERP, 3_800);
    // A tenth of a bitcoin as collateral, behind a position in ether.
    let pledged = 10_000_000;
    stage.chain.run(|| {
        Assets::mint_into(DEVELOPMENT_COLLATERAL, &pledger.id, 2 * pledged).expect("mints")
    });
    stage.block(|| {
        let call = pallet_margin::Call::<Runtime>::deposit {
            account: pledger.account,
            asset: DEVELOPMENT_COLLATERAL,
            units: pledged,
        };
        assert_ok!(native::dispatch(&pledger.id, call));
    });
    stage.trade(&pledger, &short, ETH_PERP, 8_000);
    let (mark, equity) = (stage.mark(BTC_PERP), stage.equity_quanta(&pledger));
    assert!(stage.equity(&pledger) > 4_000);

    stage.events.clear();
    for wrong in [0, u128::MAX] {
        for _ in 0..5 {
            stage.exact_price(BTC, wrong);
            stage.blocks(1);
            assert_eq!(stage.mark(BTC_PERP), mark, "at {wrong}");
            assert!(stage.level(BTC_PERP) >= Level::ReduceOnly);
            assert_eq!(stage.unsafe_accounts(), 0, "at {wrong}");
            assert_eq!(stage.equity_quanta(&pledger), equity, "at {wrong}");
        }
    }
    let (status, fresh) = stage.chain.run(|| {
        let list = pallet_margin::Collaterals::<Runtime>::get();
        (
            Markets::prices(BTC_PERP).expect("prices").status,
            list[0].fresh,
        )
    });
    println!(
        "zero in storage: the mark stayed {mark}, market {status:?}, collateral fresh: {fresh}"
    );
    assert_eq!((status, fresh), (FeedStatus::Down, false));
    assert!(liquidated(&stage.events).is_empty());

    stage.price(BTC, 50_000);
    stage.blocks(2);
    assert_eq!((stage.mark(BTC_PERP), stage.unsafe_accounts()), (mark, 0));
    assert_eq!(stage.equity_quanta(&pledger), equity);
}
