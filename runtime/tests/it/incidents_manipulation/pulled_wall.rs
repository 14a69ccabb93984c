//! A wall of bids that is pulled after others went long against it.

use super::*;

/// After the hooks of a block and before anybody acts: what a long inventory offers is at most a tenth of the bids within half
/// a percent of the mark, and no further below. Notes bids and offer, if there is one.
fn check_offer(offers: &RefCell<Vec<(u64, u64)>>) {
    let prices = Markets::prices(ETH_PERP).expect("prices");
    let tick = i128::from(Markets::contract(ETH_PERP).expect("a market").tick);
    let low = prices.mark.0 - prices.mark.0 / 200;
    let ticks = Ticks::try_from((low + tick - 1) / tick).expect("a price");
    let visible = Exchange::depth(ETH_PERP, Side::Long, ticks, 20);
    for event in native::events() {
        if let RuntimeEvent::Liquidation(Liquidated::Unwinding {
            lots, limit, side, ..
        }) = event
        {
            assert_eq!((side, limit.0), (Side::Short, low));
            assert!(lots <= visible / 10, "{lots} of {visible}");
            offers.borrow_mut().push((visible, lots));
        }
    }
}

/// What the inventory of the fund is worth at mark, with what it lost or gained on paper.
fn worth_of_inventory(stage: &mut Stage) -> i128 {
    stage.chain.run(|| {
        let inventory = pallet_margin::Inventories::<Runtime>::get(ETH_PERP);
        let account = inventory.and_then(Margin::load);
        account.map_or(0, |account| Worth::of(&account).equity)
    })
}

/// What the fund sold in the last block, in lots; never further below the mark than half a percent.
fn sold_by_fund(stage: &mut Stage) -> u64 {
    let inventory = stage
        .chain
        .run(|| pallet_margin::Inventories::<Runtime>::get(ETH_PERP));
    let low = stage.prices(ETH_PERP).mark.0 * 995 / 1_000;
    let pick = |event| match event {
        RuntimeEvent::Exchange(Exchanged::Filled {
            account,
            price,
            lots,
            ..
        }) if Some(account) == inventory => {
            assert!(price.0 >= low, "sold at {price:?}, below {low}");
            Some(lots)
        }
        _ => None,
    };
    stage.chain.events().into_iter().filter_map(pick).sum()
}

/// POPCAT, November 2025: a wall of bids was shown, nineteen wallets went long against it, the wall was pulled, and the vault
/// inherited the longs. Here the fund's loss ends at its allowance, and what it holds it sells in parts of what is truly there.
#[test]
fn fund_should_lose_no_more_than_its_allowance_when_a_wall_of_bids_is_pulled() {
    let mut stage = Stage::new();
    stage.fund(0, 1_000_000);
    let maker = stage.trader("maker", 0, 3_000_000);
    let (near, far) = (
        stage.trader("near", 0, 1_000_000),
        stage.trader("far", 0, 1_000_000),
    );
    let wallets: Vec<Actor> = (0..19)
        .map(|number| stage.trader(&format!("wallet//{number}"), 0, 5_200))
        .collect();
    // A wall at the mark, and one 9.2 % below.
    stage.block(|| {
        for (spoofer, price) in [(&near, 249_500), (&near, 249_000), (&far, 227_000)] {
            assert_ok!(place(spoofer, ETH_PERP, Side::Long, 1_000_000, price));
        }
    });
    for wallet in &wallets {
        stage.trade(wallet, &maker, ETH_PERP, 40_000);
    }
    stage.events.clear();
    let (fund, had) = (
        stage.insurance(0),
        [&maker, &near, &far].map(|one| stage.equity_quanta(one)),
    );
    let (allowance, offers) = (
        Allowance::new(&mut stage, ETH_PERP),
        RefCell::new(Vec::new()),
    );
    let (cuts, sold, worst) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let block = |stage: &mut Stage, idle: &[&Actor], act: &dyn Fn()| {
        let acts = || {
            check_offer(&offers);
            act();
        };
        cuts.set(cuts.get() + watched(stage, idle, acts));
        sold.set(sold.get() + sold_by_fund(stage));
        allowance.note(stage);
        worst.set(worst.get().min(worth_of_inventory(stage)));
    };
    let idle = [&maker, &near, &far];
    block(&mut stage, &idle, &|| {
        assert_ok!(cancel_all(&near, ETH_PERP));
    });
    stage.drive(ETH, 2_275, |stage| block(stage, &idle, &|| {}));
    // The wall below is near the mark now. It is offered a slice, and gone before the call ends.
    for _ in 0..10 {
        block(&mut stage, &idle, &|| {});
    }
    let (held, shown) = (stage.inventory(ETH_PERP), offers.borrow().clone());
    block(&mut stage, &idle, &|| {
        assert_ok!(cancel_all(&far, ETH_PERP));
    });
    for _ in 0..120 {
        block(&mut stage, &idle, &|| {});
    }
    println!(
        "price -9 %, 19 longs of 40,000 lots: {} taken over, the fund holds {held}; to a wall of {:?} it offered {:?}, and sold {}",
        stage.totals(ETH_PERP).taken_over, shown.first().map(|one| one.0), shown.first().map(|one| one.1), sold.get(),
    );
    assert!(held > 0 && !shown.is_empty());
    assert_eq!(sold.get(), 0, "a cancel beats a fill");
    assert!(
        offers.borrow().len() <= shown.len() + 1,
        "nothing is offered where nothing is bid"
    );

    // The price falls on, and now there are true bids, of the maker who takes its profit.
    stage.drive(ETH, 2_200, |stage| block(stage, &idle, &|| {}));
    offers.borrow_mut().clear();
    for _ in 0..900 {
        let price = stage.mark(ETH_PERP) * 998 / 1_000;
        let request = OrderRequest::limit(Side::Long, 200_000, price).reduce_only();
        block(&mut stage, &[&near, &far], &|| {
            let _ = cancel_all(&maker, ETH_PERP);
            let _ = order(&maker, ETH_PERP, request);
        });
    }
    let (totals, lost, allowed) = (
        stage.totals(ETH_PERP),
        fund - stage.insurance(0),
        allowance.most(&stage),
    );
    let largest = offers.borrow().iter().map(|one| one.1).max();
    println!(
        "  price -12 %, true bids of 200,000: sold {} lots in slices of at most {largest:?}; {totals:?}; inventory {}",
        sold.get(), stage.inventory(ETH_PERP),
    );
    let gained = stage.equity_quanta(&maker) - had[0];
    let paid = paid_by_fund(&stage.events, ETH_PERP);
    println!(
        "  fund {:.2} -> {:.2}, paid {:.2}, allowed {:.2}; the inventory was worth {:.2} at the worst; the maker gained {:.2}, cut {:.2}",
        wholes(fund), wholes(fund - lost), wholes(paid), wholes(allowed), wholes(worst.get()), wholes(gained),
        wholes(totals.haircuts.0),
    );
    assert_eq!(totals.taken_over, 19);
    assert!(paid <= allowed && lost <= allowed);
    assert!(sold.get() > 0 && largest.is_some_and(|lots| lots <= 20_000));
    assert_eq!(
        [&near, &far].map(|one| stage.equity_quanta(one)),
        [had[1], had[2]]
    );
    assert!(gained > 0);
    assert_eq!(stage.deficit(ETH_PERP), 0);
}
