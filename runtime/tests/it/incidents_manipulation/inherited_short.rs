//! A short that is left to the fund, larger than the fund may hold.

use super::*;

/// Lots and price of what a block of events closed against the fund of a market.
fn deleveraged(events: &[RuntimeEvent], wanted: MarketId) -> Vec<(u64, i128)> {
    let pick = |event: &RuntimeEvent| match event {
        RuntimeEvent::Liquidation(Liquidated::Deleveraged {
            market,
            lots,
            price,
            ..
        }) if *market == wanted => Some((*lots, price.0)),
        _ => None,
    };
    events.iter().filter_map(pick).collect()
}

/// Profit and cut of all cuts among events.
fn profit_cuts(events: &[RuntimeEvent]) -> Vec<(i128, i128)> {
    let pick = |event: &RuntimeEvent| match event {
        RuntimeEvent::Liquidation(Liquidated::ProfitCut { profit, cut, .. }) => {
            Some((profit.0, cut.0))
        }
        _ => None,
    };
    events.iter().filter_map(pick).collect()
}

/// JELLY, March 2025: a short of a thin coin against one's own long, spot driven to four times its price, and a backstop that
/// inherited the short and never stopped; validators then chose a price. Here the fund holds what it may in the very block in
/// which it takes the short over, the rest is closed at mark against the longs, and its loss ends at its allowance.
#[test]
fn deleveraging_should_begin_in_the_block_of_the_take_over_when_a_short_is_more_than_the_fund_may_hold(
) {
    const CAP: u64 = 1_000_000;
    const SHORT: u64 = CAP * 8 / 100;
    let mut stage = Stage::new();
    stage.fund(0, 20_000);
    stage.limit_open_interest(ETH_PERP, 500_000, CAP);
    let (honest, rich) = (
        stage.trader("honest", 0, 200_000),
        stage.trader("rich", 0, 5_000_000),
    );
    let (long, short) = (
        stage.trader("long", 0, 10_000),
        stage.trader("short", 0, 10_000),
    );
    stage.trade(&honest, &rich, ETH_PERP, 200_000);
    stage.trade(&long, &short, ETH_PERP, SHORT);
    stage.events.clear();
    let (fund, bystanders) = (stage.insurance(0), [&honest, &rich]);
    let began = stage.equity_quanta(&honest);

    let allowance = Allowance::new(&mut stage, ETH_PERP);
    let (cuts, taken_in) = (Cell::new(0), Cell::new(0));
    let block = |stage: &mut Stage| {
        let before = stage.inventory(ETH_PERP).unsigned_abs();
        cuts.set(cuts.get() + watched(stage, &bystanders, || {}));
        let (events, mark) = (stage.chain.events(), stage.prices(ETH_PERP).mark.0);
        let (taken, closed) = (taken_over(&events), deleveraged(&events, ETH_PERP));
        // At the mark of the block and at no other price.
        assert!(
            closed.iter().all(|(_, price)| *price == mark),
            "{closed:?}, {mark}"
        );
        assert!(profit_cuts(&events)
            .iter()
            .all(|(profit, cut)| cut <= profit));
        let sum: u64 = closed.iter().map(|(lots, _)| lots).sum();
        let held = stage.inventory(ETH_PERP).unsigned_abs();
        if let Some((account, equity)) = taken.first() {
            assert_eq!(*account, u64::from(short.account));
            taken_in.set(taken_in.get() + 1);
            // What the fund may hold, from its limits as they were before anything was closed.
            let (capacity, stress) = stage.chain.run(|| {
                let stress = Markets::prices(ETH_PERP).expect("prices").maintenance[0].0;
                (Insurance::capacity(0, ETH_PERP, Cash(0)), stress)
            });
            let may_hold = (capacity.max_notional.0 / mark).min(capacity.drawdown_left.0 / stress);
            println!(
                "taken over with {:.2}: {SHORT} lots, the fund may hold {may_hold}, closed {sum} in the same block at {:.2}",
                wholes(*equity), wholes(mark * 1_000),
            );
            assert!(
                may_hold < i128::from(SHORT),
                "it exceeds what the fund may hold"
            );
            assert_eq!(i128::from(held), may_hold);
            assert_eq!(sum, SHORT - held);
        } else if held < before {
            assert_eq!(sum, before - held, "nothing is sold on a guarded price");
        }
        allowance.note(stage);
    };
    let pump = stage.drive(ETH, 10_000, block);
    let after = settle_down(&mut stage, ETH_PERP, block);
    let allowed = allowance.most(&stage);
    let totals = stage.totals(ETH_PERP);
    let (lost, paid) = (
        fund - stage.insurance(0),
        paid_by_fund(&stage.events, ETH_PERP),
    );
    let theirs = stage.equity_quanta(&long) + stage.equity_quanta(&short) - 20_000 * QUANTA;
    println!(
        "pump of {pump} blocks, {after} more; {totals:?}; fund {:.2} -> {:.2}, paid {:.2}, allowed {:.2}; inventory {}; honest gained {:.2}, cut {:.2}; \
         both accounts of the attacker {:.2}",
        wholes(fund), wholes(fund - lost), wholes(paid), wholes(allowed), stage.inventory(ETH_PERP),
        wholes(stage.equity_quanta(&honest) - began), wholes(cuts.get()), wholes(theirs),
    );
    assert_eq!(taken_in.get(), 1);
    assert!(paid <= allowed && lost <= allowed);
    assert_eq!(stage.deficit(ETH_PERP), 0);
    assert!(
        stage.equity_quanta(&honest) >= began,
        "profits pay, and no more than profits"
    );
    assert_eq!(
        stage.find(|event| match event {
            RuntimeEvent::Liquidation(Liquidated::GivenUp { .. }) => Some(()),
            _ => None,
        }),
        []
    );
}
