//! Liquidation goes on in safe mode.

use super::*;

/// The outer ring: safe mode is on and all calls that can be paused are paused, the worst that guardians can do, while accounts fall
/// short. Blocks go on with their inherents, reports enter, the engine liquidates, deposits and cancels pass, withdrawals don't.
#[test]
fn liquidation_should_go_on_when_safe_mode_is_on_and_all_calls_are_paused() {
    let mut chain = open_chain(60_000 * ONE);
    let mut longs = traders(&mut chain, "long", 10, 0, 1_000);
    let mut shorts = traders(&mut chain, "short", 1, 0, 200_000);
    chain.commit();
    block_of_reports(&mut chain, &["Alice"], 60_000 * ONE);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let short = &mut shorts[0];
    let mut orders: Vec<_> = longs
        .iter_mut()
        .map(|long| {
            let order = OrderRequest::limit(Side::Long, 3_000, mark);
            let call = trading::place(long.account, BTC_PERP, order);
            long.sign(&mut chain, call)
        })
        .collect();
    let offer = OrderRequest::limit(Side::Short, 30_000, mark);
    // The bid rests through it all.
    let bid = OrderRequest::limit(Side::Long, 100, mark - mark / 20);
    for order in [offer, bid] {
        let call = trading::place(short.account, BTC_PERP, order);
        orders.push(short.sign(&mut chain, call));
    }
    assert!(chain
        .next_block_with(orders)
        .iter()
        .all(|result| *result == Ok(Ok(()))));

    let paused = chain.query(|| {
        pallet_safe_mode::EnteredUntil::<Runtime>::put(u32::MAX);
        let names = RuntimeCall::get_module_names().iter().flat_map(|pallet| {
            RuntimeCall::get_call_names(pallet)
                .iter()
                .map(move |call| (*pallet, *call))
        });
        let bound = |name: &str| name.as_bytes().to_vec().try_into().expect("short");
        names
            .filter(|(pallet, call)| {
                let name = (bound(pallet), bound(call));
                TxPause::pause(RuntimeOrigin::root(), name).is_ok()
            })
            .count()
    });
    chain.commit();
    // Each report enters, each block executes; the price falls by 1.5 % in each.
    let mut acted = BTreeSet::new();
    let mut price = 60_000 * ONE;
    for _ in 0..5 {
        price = price * 985 / 1_000;
        block_of_reports(&mut chain, &["Alice"], price);
        acted.extend(liquidated(&chain.events()));
    }
    for _ in 0..10 {
        chain.next_block();
        acted.extend(liquidated(&chain.events()));
    }
    assert_eq!(acted.len(), 10, "all are liquidated");

    let closed = error(frame_system::Error::<Runtime>::CallFiltered);
    let account = short.account;
    let withdrawing = pallet_margin::Call::<Runtime>::withdraw {
        account,
        asset: SETTLEMENT_ASSET,
        units: 1,
    };
    let depositing = pallet_margin::Call::<Runtime>::deposit {
        account,
        asset: SETTLEMENT_ASSET,
        units: UNITS,
    };
    let cancelling = pallet_exchange::Call::<Runtime>::cancel {
        account,
        market: BTC_PERP,
        order: OrderRef::Number(1),
    };
    let placing = trading::place(account, BTC_PERP, bid);
    let liquidating = pallet_liquidation::Call::<Runtime>::liquidate { account };
    let calls: [(RuntimeCall, _); 5] = [
        (withdrawing.into(), closed),
        (placing, closed),
        (depositing.into(), Ok(())),
        (cancelling.into(), Ok(())),
        // It passes the filters; there is nothing to do.
        (
            liquidating.into(),
            error(pallet_liquidation::Error::<Runtime>::NotUnsafe),
        ),
    ];
    for (call, expected) in calls {
        assert_eq!(SafeModeCalls::contains(&call), expected != closed);
        let transaction = short.sign(&mut chain, call.clone());
        assert_eq!(
            chain.next_block_with(vec![transaction]),
            [Ok(expected)],
            "{call:?}"
        );
    }
    let lots = chain.query(|| {
        let lots = |account| Margin::load(account).map_or(0, |one| one.lots(BTC_PERP).0);
        longs.iter().map(|long| lots(long.account)).sum::<i64>()
    });
    println!(
        "{paused} calls paused, safe mode on: {} of 10 liquidated, {lots} lots of 30,000 left",
        acted.len()
    );
    assert!(lots < 15_000);
    assert_eq!(
        chain.query(pallet_liquidation::UnsafeAccounts::<Runtime>::get),
        0
    );
}
