//! SPEC 3: what fits a block, who is first, and that one broken account stops no other.

use caisson_primitives::trading::{
    LiquidationAccounts, LotPrice, MarketId, Position, TradingAccounts,
};
use frame_support::weights::Weight;

use super::scene::*;
use crate::{
    engine, fund,
    metering::{self, Shared, Size},
    mock::*,
    types::Backlog,
    weights::WeightInfo,
    BacklogState, Event, UnsafeAccounts, Working,
};

/// Five longs of ten lots with ever more of their own, all worth less than nothing at a mark of 90.
fn five_bankrupts() -> Vec<Trader> {
    let short = Trader::new(10, 100_000);
    [95, 61, 90, 70, 80]
        .into_iter()
        .zip(1..)
        .map(|(money, user)| {
            let long = Trader::new(user, money);
            trade(long, short, 10, 100);
            long
        })
        .collect()
}

/// Room for naming a few accounts and for one visit to one in a single market.
fn tiny() -> Weight {
    let size = Size {
        markets: vec![MARKET],
        ..Size::default()
    };
    let visit = Shared::default().bound::<Test>(&size);
    Margin::naming_weight(5)
        .saturating_add(metering::opening::<Test>())
        .saturating_add(visit)
}

#[test]
fn most_endangered_should_be_first_and_all_done_when_the_budget_is_tiny() {
    run(|| {
        endow(0, 100_000);
        let longs = five_bankrupts();
        AccountBudget::set(tiny());
        set_mark(MARKET, 90);
        let since = System::block_number() as u32 + 1;
        // The money of each was 61, 70, 80, 90, 95 of the 100 that it lost.
        for (left, place) in [(4, 1), (3, 3), (2, 4), (1, 2), (0, 0)] {
            block();
            assert_eq!(taken_over(), [longs[place].index]);
            assert_eq!(UnsafeAccounts::<Test>::get(), left);
            let backlog = Backlog {
                accounts: left,
                since: (left > 0).then_some(since),
            };
            assert_eq!(BacklogState::<Test>::get(), backlog);
            check();
        }
        assert_eq!(inventory().0, 50);
        assert_eq!(totals().taken_over, 5);
        assert_eq!(totals().losses, wholes(39 + 30 + 20 + 10 + 5));
    });
}

#[test]
fn all_should_be_visited_in_one_block_when_they_fit() {
    run(|| {
        endow(0, 100_000);
        five_bankrupts();
        set_mark(MARKET, 90);
        block();
        assert_eq!(taken_over().len(), 5);
        assert_eq!(BacklogState::<Test>::get(), Backlog::default());
    });
}

#[test]
fn hook_should_return_what_its_parts_say_and_never_more_than_its_budgets() {
    run(|| {
        let quiet = <() as WeightInfo>::quiet();
        assert_eq!(engine::run::<Test>(), quiet);
        let (long, short) = thin_long(10_000);
        set_mark(MARKET, 90);
        begin_block_without_engine();
        let returned = engine::run::<Test>();
        assert_eq!(taken_over(), [long.index]);
        assert_eq!(deleveraged(), [(short.index, 100)]);
        assert_eq!(cuts(), [(short.index, 400 * ONE)]);
        // One found and taken over; a fund, and one holder to close and to cut.
        let parts = Margin::search_weight(1)
            .saturating_add(Margin::naming_weight(1))
            .saturating_add(<() as WeightInfo>::take_over(1, 0))
            .saturating_add(fund::weight::<Test>())
            .saturating_add(fund::holder::<Test>(1));
        assert_eq!(returned, quiet.saturating_add(parts));
    });
}

#[test]
fn hook_should_stay_within_its_budgets_when_there_is_more_to_do_than_fits() {
    run(|| {
        five_bankrupts();
        let budgets = (
            tiny().saturating_add(Weight::from_parts(150, 0)),
            fund::least::<Test>().saturating_add(Weight::from_parts(50, 0)),
        );
        AccountBudget::set(budgets.0);
        FundBudget::set(budgets.1);
        let most = <() as WeightInfo>::quiet()
            .saturating_add(Margin::search_weight(5))
            .saturating_add(budgets.0)
            .saturating_add(budgets.1);
        set_mark(MARKET, 90);
        for _ in 0..8 {
            begin_block_without_engine();
            let used = engine::run::<Test>();
            assert!(most.all_gte(used), "{used:?}");
            end_block();
        }
        assert_eq!(UnsafeAccounts::<Test>::get(), 0);
        assert!(Working::<Test>::get().is_empty());
    });
}

/// Puts something into the record of an account that no assessment gets past.
fn corrupt(trader: Trader, market: MarketId) {
    pallet_margin::Accounts::<Test>::mutate(trader.index, |account| {
        let position = Position {
            lots: caisson_primitives::trading::Lots(1),
            checkpoint: LotPrice(0),
            ..Position::empty(market)
        };
        account
            .as_mut()
            .expect("an account")
            .positions
            .try_push(position)
            .expect("room");
    });
}

#[test]
fn broken_account_should_be_reported_and_keep_no_other_waiting() {
    new_test_ext().execute_with(|| {
        widen_bands();
        endow(0, 100_000);
        let longs = five_bankrupts();
        set_mark(MARKET, 90);
        begin_block_without_engine();
        // The most endangered of all names a market that there is not.
        corrupt(longs[1], 55);
        let before = Margin::load(longs[1].index);
        engine::run::<Test>();
        assert_eq!(taken_over().len(), 4);
        let broken: Vec<_> = events()
            .into_iter()
            .filter(|event| matches!(event, Event::CouldNotLiquidate { .. }))
            .collect();
        assert!(
            matches!(broken[..], [Event::CouldNotLiquidate { account, .. }] if account == longs[1].index)
        );
        assert_eq!(Margin::load(longs[1].index), before, "left as it is");
        assert_eq!(UnsafeAccounts::<Test>::get(), 1);
        assert_eq!(BacklogState::<Test>::get().accounts, 0, "it was visited");
        // Repaired, it is served like any other.
        pallet_margin::Accounts::<Test>::mutate(longs[1].index, |account| {
            account.as_mut().expect("an account").positions.pop();
        });
        end_block();
        block();
        assert_eq!(taken_over(), [longs[1].index]);
        check();
    });
}

#[test]
fn account_in_a_market_without_price_should_keep_no_other_waiting() {
    run(|| {
        add_market(OTHER, 0);
        endow(0, 100_000);
        let (one, two, short) = (
            Trader::new(1, 900),
            Trader::new(2, 610),
            Trader::new(3, 100_000),
        );
        trade(one, short, 100, 100);
        trade_in(OTHER, one, short, 50, 100);
        trade(two, short, 100, 100);
        set_mark(MARKET, 85);
        begin_block_without_engine();
        set(OTHER, |contract, _| {
            contract.phase = caisson_primitives::trading::Phase::Settled;
        });
        engine::run::<Test>();
        assert_eq!(taken_over(), [two.index]);
        assert!(events().iter().any(|event| matches!(
            event,
            Event::CouldNotLiquidate { account, .. } if *account == one.index
        )));
        set(OTHER, |contract, _| {
            contract.phase = caisson_primitives::trading::Phase::Trading;
        });
        end_block();
        block();
        assert_eq!(taken_over(), [one.index]);
    });
}

#[test]
fn another_fund_should_be_first_when_not_all_fit() {
    run(|| {
        add_market(OTHER, 0);
        let shorts: Vec<_> = (10..13).map(|user| Trader::new(user, 10_000)).collect();
        let longs = [Trader::new(1, 600), Trader::new(2, 600)];
        for (long, market) in longs.iter().zip([MARKET, OTHER]) {
            for short in &shorts {
                trade_in(market, *long, *short, 30, 100);
            }
        }
        FundBudget::set(fund::least::<Test>());
        set_mark(MARKET, 92);
        set_mark(OTHER, 92);
        let mut served = Vec::new();
        for _ in 0..6 {
            block();
            served.extend(events().into_iter().filter_map(|event| match event {
                Event::Deleveraged { market, .. } => Some(market),
                _ => None,
            }));
        }
        // One holder at a time, the markets in turn.
        assert_eq!(served, [MARKET, OTHER, MARKET, OTHER, MARKET, OTHER]);
        assert!(Working::<Test>::get().is_empty());
    });
}
