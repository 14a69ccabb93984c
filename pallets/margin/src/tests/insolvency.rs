//! SPEC 16: the settlement of a market with a deficit.

use super::properties::at_mark;
use crate::{
    insolvency::{Stage, PATIENCE},
    mock::*,
    try_state, Claims, Event, Ledgers, OpenInterest, Shortfalls, WeightInfo,
};
use caisson_primitives::trading::{
    Cash, CompartmentFunds, LiquidationAccounts, Lots, MarketId, Markets, Pot, Side,
    TradingAccounts,
};
use frame_support::{assert_noop, assert_ok, weights::Weight};
use proptest::prelude::*;

/// The fund takes an account over, as the engine does: positions at mark, then the money, to the fund of `market`.
fn take_over(index: u32, market: MarketId) {
    let positions = Margin::load(index).expect("one").positions;
    for position in positions.iter().filter(|one| one.lots.0 != 0) {
        let inventory = Margin::inventory(position.market).expect("one");
        let (side, lots) = (
            Side::of(&position.lots.widen()),
            position.lots.0.unsigned_abs(),
        );
        at_mark(position.market, index, inventory, side, lots);
    }
    let mut account = Margin::load(index).expect("one");
    let money = std::mem::take(&mut account.collateral);
    add_to_fund(market, money.0);
    assert_ok!(Margin::settle(index, account));
}

fn add_to_fund(market: MarketId, amount: i128) {
    let inventory = Margin::inventory(market).expect("one");
    let mut fund = Margin::load(inventory).expect("one");
    fund.collateral.0 += amount;
    assert_ok!(Margin::settle(inventory, fund));
}

fn fund_money() -> i128 {
    collateral(Margin::inventory(BTC).expect("one"))
}

/// What each account gave up of which profit, so far in this block.
fn shares() -> Vec<(u32, i128, i128)> {
    let events = System::events().into_iter();
    events
        .filter_map(|record| match record.event {
            RuntimeEvent::Margin(Event::ProfitShared {
                account,
                profit,
                share,
                ..
            }) => Some((account, profit.0, share.0)),
            _ => None,
        })
        .collect()
}

fn is_over() -> bool {
    TestMarkets::prices(BTC).is_none()
}

/// Blocks until the market is settled, with all that was shared.
fn run_out() -> (u32, Vec<(u32, i128, i128)>) {
    let (mut blocks, mut all) = (0, Vec::new());
    while !is_over() {
        next_block();
        all.extend(shares());
        blocks += 1;
        assert!(blocks < 10_000, "it ends");
    }
    (blocks, all)
}

fn until_somebody_pays() {
    for _ in 0..100 {
        next_block();
        if !shares().is_empty() {
            return;
        }
    }
    panic!("nobody pays");
}

fn stage() -> Stage {
    Shortfalls::<Test>::get(BTC).expect("a shortfall").stage
}

/// At 140: Alice won 280, Carol 150, Bob lost 150, and another account of Bob's lost 280 of which it had 100. The fund took
/// that one over, and lacks 180.
struct Crash {
    alice: u32,
    bob: u32,
    carol: u32,
}

fn crash() -> Crash {
    let (alice, bob, carol) = (
        open(ALICE, 0, 1_000),
        open(BOB, 0, 1_000),
        open(CAROL, 0, 1_000),
    );
    let broke = open(BOB, 1, 100);
    trade(BTC, alice, broke, 7, 100 * ONE);
    trade(BTC, carol, bob, 5, 110 * ONE);
    set_mark(BTC, 140 * ONE);
    next_block();
    take_over(broke, BTC);
    assert_eq!(fund_money(), -180 * ONE);
    Crash { alice, bob, carol }
}

/// 180 * 280 / 430, rounded down, and what is left of 180.
const ALICES: i128 = 117_209_302_325_581;
const CAROLS: i128 = 62_790_697_674_419;

#[test]
fn deficit_should_be_shared_over_profits_to_the_quantum() {
    new_test_ext().execute_with(|| {
        let Crash { alice, bob, carol } = crash();
        assert_ok!(Margin::settle_insolvent(BTC));
        next_block();
        // Everything is noted, but somebody could have been missed.
        assert_eq!(stage(), Stage::Weighing(None));
        assert_eq!(Claims::<Test>::get(BTC, alice), Cash(280 * ONE));
        assert_eq!(Claims::<Test>::get(BTC, carol), Cash(150 * ONE));
        assert_eq!(Claims::<Test>::iter().count(), 2);
        assert_eq!(
            Shortfalls::<Test>::get(BTC).expect("one").profits,
            Cash(430 * ONE)
        );
        assert_eq!(OpenInterest::<Test>::get(BTC), 12);
        next_block();
        assert_eq!(
            shares(),
            [(alice, 280 * ONE, ALICES), (carol, 150 * ONE, CAROLS)]
        );
        assert_eq!(collateral(alice), 1_280 * ONE - ALICES);
        assert_eq!(collateral(carol), 1_150 * ONE - CAROLS);
        assert_eq!(collateral(bob), 850 * ONE);
        assert_eq!(fund_money(), 0);
        for event in [
            Event::SharingBegan {
                market: BTC,
                deficit: Cash(180 * ONE),
                profits: Cash(430 * ONE),
            },
            Event::ShortfallShared {
                market: BTC,
                shared: Cash(180 * ONE),
            },
        ] {
            System::assert_has_event(event.into());
        }
        assert!(is_over());
        assert_eq!(
            Shortfalls::<Test>::iter().count() + Claims::<Test>::iter().count(),
            0
        );
        next_block();
    });
}

#[test]
fn sharing_should_go_on_over_blocks_when_the_budget_is_short() {
    new_test_ext().execute_with(|| {
        let Crash { alice, bob, carol } = crash();
        assert_ok!(Margin::settle_insolvent(BTC));
        // One step at a time.
        let budget = crate::insolvency::largest_step::<Test>();
        set_budget(budget);
        let mut blocks = 0;
        let mut all = Vec::new();
        while !is_over() && blocks < 100 {
            let weight = next_block();
            assert!(weight.all_lte(budget + Weight::from_parts(10, 0)));
            all.extend(shares());
            blocks += 1;
        }
        assert!(blocks >= 6, "{blocks}");
        assert_eq!(
            all,
            [(alice, 280 * ONE, ALICES), (carol, 150 * ONE, CAROLS)]
        );
        assert_eq!(collateral(bob), 850 * ONE);
        assert_eq!(fund_money(), 0);
        set_budget(Weight::MAX);
        next_block();
    });
}

#[test]
fn walk_should_go_on_where_it_stood_when_the_budget_is_short() {
    new_test_ext().execute_with(|| {
        crash();
        assert_ok!(Margin::settle_insolvent(BTC));
        set_budget(<() as WeightInfo>::weigh(1));
        let mut profits = Vec::new();
        for _ in 0..7 {
            next_block();
            profits.push(Shortfalls::<Test>::get(BTC).expect("one").profits.0 / ONE);
        }
        // Two longs, two shorts, the end of the market, and then the two claims again.
        assert_eq!(profits, [280, 430, 430, 430, 430, 430, 430]);
        assert!(matches!(stage(), Stage::Checking(Some(_))), "{:?}", stage());
    });
}

#[test]
fn claim_should_be_dropped_when_its_account_is_taken_over() {
    new_test_ext().execute_with(|| {
        let other = open(CAROL, 1, 300);
        let seller = open(BOB, 2, 100_000);
        trade(BTC, other, seller, 3, 100 * ONE);
        trade(ETH, other, seller, 100, 100 * ONE);
        let Crash { alice, carol, .. } = crash();
        assert_ok!(Margin::settle_insolvent(BTC));
        // It has lost 1000 in another market, whose fund takes it over: its 120 are there, the deficit here stays as it is.
        set_mark(ETH, 90 * ONE);
        sweep_only();
        let profits = || Shortfalls::<Test>::get(BTC).map(|one| one.profits);
        assert_eq!(profits(), Some(Cash(550 * ONE)));
        assert_eq!(found_unsafe(), [other]);
        take_over(other, ETH);
        assert_eq!(collateral(Margin::inventory(ETH).expect("one")), -580 * ONE);
        next_block();
        // The round in which the claim went is followed by another.
        assert_eq!(profits(), Some(Cash(430 * ONE)));
        assert_eq!(stage(), Stage::Weighing(None));
        let (_, all) = run_out();
        assert_eq!(
            all,
            [(alice, 280 * ONE, ALICES), (carol, 150 * ONE, CAROLS)]
        );
        assert_eq!(fund_money(), 0);
    });
}

#[test]
fn claim_should_be_forgotten_when_its_account_is_taken_over_while_others_pay() {
    new_test_ext().execute_with(|| {
        let Crash { alice, carol, .. } = crash();
        assert_ok!(Margin::settle_insolvent(BTC));
        set_budget(crate::insolvency::largest_step::<Test>());
        until_somebody_pays();
        assert_eq!(shares()[0].0, alice);
        // What Carol had goes to the fund of this market, and pays for the deficit.
        take_over(carol, BTC);
        let (_, all) = run_out();
        assert_eq!(all, []);
        assert_eq!(fund_money(), 1_150 * ONE - CAROLS);
        assert_eq!(Claims::<Test>::iter().count(), 0);
        next_block();
    });
}

#[test]
fn deficit_should_stay_open_when_it_is_larger_than_all_profits() {
    new_test_ext().execute_with(|| {
        let Crash { alice, carol, .. } = crash();
        // A loss that came from elsewhere.
        let lucky = open(CAROL, 3, 100);
        let mut account = Margin::load(lucky).expect("one");
        account.collateral.0 += 300 * ONE;
        assert_ok!(Margin::settle(lucky, account));
        add_to_fund(BTC, -300 * ONE);
        assert_ok!(Margin::settle_insolvent(BTC));
        next_block();
        next_block();
        assert_eq!(
            shares(),
            [(alice, 280 * ONE, 280 * ONE), (carol, 150 * ONE, 150 * ONE)]
        );
        System::assert_has_event(
            Event::ShortfallLeft {
                market: BTC,
                shared: Cash(430 * ONE),
                left: Cash(50 * ONE),
            }
            .into(),
        );
        assert!(is_over());
        assert_eq!(fund_money(), -50 * ONE);
        assert_eq!(collateral(alice), 1_000 * ONE);
        next_block();
    });
}

#[test]
fn later_accounts_should_pay_less_when_a_fund_pays_in_the_meantime() {
    new_test_ext().execute_with(|| {
        let Crash { alice, carol, .. } = crash();
        assert_ok!(Margin::receive(0, Pot::Insurance, &CAROL, 40 * UNITS));
        assert_ok!(Margin::settle_insolvent(BTC));
        set_budget(crate::insolvency::largest_step::<Test>());
        until_somebody_pays();
        assert_eq!(shares(), [(alice, 280 * ONE, ALICES)]);
        assert_ok!(Margin::debit(0, Pot::Insurance, Cash(40 * ONE)));
        add_to_fund(BTC, 40 * ONE);
        let (_, all) = run_out();
        assert_eq!(all, [(carol, 150 * ONE, CAROLS - 40 * ONE)]);
        assert_eq!(fund_money(), 0);
    });
}

#[test]
fn account_that_was_never_noted_should_pay_at_the_rate_of_the_others() {
    new_test_ext().execute_with(|| {
        let Crash { alice, carol, .. } = crash();
        assert_ok!(Margin::receive(0, Pot::Insurance, &CAROL, 100 * UNITS));
        assert_ok!(Margin::settle_insolvent(BTC));
        set_budget(crate::insolvency::largest_step::<Test>());
        until_somebody_pays();
        assert_eq!(shares()[0].0, alice);
        // As if it had always been where the walk was not. Even when nothing is open any more.
        Claims::<Test>::remove(BTC, carol);
        Shortfalls::<Test>::mutate(BTC, |one| one.as_mut().expect("one").profits = Cash(0));
        assert_ok!(Margin::debit(0, Pot::Insurance, Cash(CAROLS)));
        add_to_fund(BTC, CAROLS);
        assert_eq!(fund_money(), 0);
        let (_, all) = run_out();
        // 150 * 180 / 430, rounded down. It is the fund's.
        assert_eq!(all, [(carol, 150 * ONE, CAROLS - 1)]);
        assert_eq!(fund_money(), CAROLS - 1);
        next_block();
    });
}

#[test]
fn sharing_should_wait_for_unsafe_accounts_but_not_forever() {
    for is_liquidated in [true, false] {
        new_test_ext().execute_with(|| {
            let broke = open(BOB, 2, 100);
            let winner = open(CAROL, 2, 1_000);
            trade(BTC, winner, broke, 4, 100 * ONE);
            crash();
            assert_ok!(Margin::settle_insolvent(BTC));
            for _ in 0..20 {
                next_block();
                assert!(matches!(stage(), Stage::Weighing(_)));
            }
            assert_eq!(found_unsafe(), [broke]);
            if is_liquidated {
                take_over(broke, BTC);
                // The fund lacks another 60, of which all pay their part.
                let (blocks, all) = run_out();
                assert!(blocks <= 3, "{blocks}");
                assert_eq!(all.iter().map(|one| one.2).sum::<i128>(), 240 * ONE);
                assert_eq!(all.iter().map(|one| one.1).sum::<i128>(), 590 * ONE);
            } else {
                System::set_block_number(System::block_number() + u64::from(PATIENCE));
                let (blocks, all) = run_out();
                assert!(blocks <= 3, "{blocks}");
                // What it lacks is its own debt, and the engine's to see to.
                assert_eq!(all.iter().map(|one| one.2).sum::<i128>(), 180 * ONE);
                assert_eq!(collateral(broke), -60 * ONE);
            }
            assert_eq!(fund_money(), 0);
        });
    }
}

#[test]
fn fund_should_be_closed_first_when_its_position_is_worth_something() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 1_000));
        let fund = Margin::inventory(BTC).expect("one");
        trade(BTC, fund, bob, 6, 90 * ONE);
        trade(BTC, alice, bob, 4, 100 * ONE);
        // It made 60 with what it holds, and lacks 100 besides.
        let lucky = open(CAROL, 0, 100);
        let mut account = Margin::load(lucky).expect("one");
        account.collateral.0 += 100 * ONE;
        assert_ok!(Margin::settle(lucky, account));
        add_to_fund(BTC, -100 * ONE);
        set_mark(BTC, 110 * ONE);
        set_funding(BTC, 10 * ONE);
        next_block();
        assert_ok!(Margin::settle_insolvent(BTC));
        let (_, all) = run_out();
        // Six lots, 20 up and 10 of funding owed; four lots, 10 up and 10 owed.
        assert_eq!(all, []);
        System::assert_has_event(
            Event::ShortfallLeft {
                market: BTC,
                shared: Cash(0),
                left: Cash(40 * ONE),
            }
            .into(),
        );
        assert_eq!(collateral(alice), 1_000 * ONE);
        assert_eq!(fund_money(), -40 * ONE);
        assert_eq!(Margin::load(fund).expect("one").lots(BTC), Lots(0));
        next_block();
    });
}

#[test]
fn shortfall_should_not_begin_when_the_market_cannot_end() {
    new_test_ext().execute_with(|| {
        assert_noop!(
            Margin::settle_insolvent(999),
            sp_runtime::DispatchError::Other("no such market")
        );
    });
}

#[test]
fn shortfall_should_wait_until_orders_are_gone() {
    new_test_ext().execute_with(|| {
        crash();
        assert_ok!(Margin::settle_insolvent(BTC));
        set_drained(false);
        next_block();
        assert_eq!(Claims::<Test>::iter().count(), 0);
        set_drained(true);
        run_out();
    });
}

#[test]
fn invariants_should_not_hold_when_claims_are_not_the_profits() {
    let breaks = |change: fn()| {
        new_test_ext().execute_with(|| {
            crash();
            assert_ok!(Margin::settle_insolvent(BTC));
            next_block();
            change();
            assert!(try_state::check::<Test>().is_err());
        });
    };
    breaks(|| Claims::<Test>::insert(BTC, 77, Cash(1)));
    breaks(|| Claims::<Test>::insert(ETH, 77, Cash(1)));
    breaks(|| Shortfalls::<Test>::remove(BTC));
    breaks(|| Shortfalls::<Test>::mutate(BTC, |one| one.as_mut().expect("one").profits.0 += 1));
}

/// Takes over whoever waits, as the engine does in each block; or leaves them for a time.
fn engine(active: bool) {
    for endangered in Margin::endangered(u32::MAX) {
        if active {
            take_over(endangered.account, endangered.market.unwrap_or(BTC));
        }
    }
    try_state::check::<Test>().expect("invariants");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever happened before: the books balance in every block, nobody gives up more than its profit, and all together give
    /// up exactly what was open, or everything.
    #[test]
    fn shares_should_be_the_deficit_and_never_more_than_profits(
        trades in prop::collection::vec((0..6u8, 0..6u8, 1..60u64, 80..120i128), 1..24),
        other in prop::collection::vec((0..6u8, 0..6u8, 1..60u64), 0..6),
        mark in 60..150i128,
        funding in -5..5i128,
        eth in 60..150i128,
        loss in 0..2_000i128,
        budget in 0..120u64,
        late in 0..6u8,
    ) {
        new_test_ext().execute_with(|| {
            let lucky = open(CAROL, 3, 100);
            let first = lucky + 1;
            for account in 0..6u8 {
                open([ALICE, BOB, CAROL][usize::from(account % 3)], account / 3, 1_000);
            }
            for (buyer, seller, lots, price) in trades {
                if buyer != seller {
                    trade(BTC, first + u32::from(buyer), first + u32::from(seller), lots, price * ONE);
                }
            }
            for (buyer, seller, lots) in other {
                if buyer != seller {
                    trade(ETH, first + u32::from(buyer), first + u32::from(seller), lots, 100 * ONE);
                }
            }
            set_mark(BTC, mark * ONE);
            set_funding(BTC, funding * ONE);
            sweep_only();
            engine(true);
            let mut account = Margin::load(lucky).expect("one");
            account.collateral.0 += loss * ONE;
            Margin::settle(lucky, account).expect("settles");
            add_to_fund(BTC, -loss * ONE);
            assert_ok!(Margin::settle_insolvent(BTC));
            set_mark(ETH, eth * ONE);

            set_budget(crate::insolvency::largest_step::<Test>() + Weight::from_parts(budget, 0));
            let (mut all, mut began, mut blocks, mut disturbed) = (Vec::new(), None, 0, false);
            while !is_over() {
                sweep_only();
                all.extend(shares());
                for record in System::events() {
                    if let RuntimeEvent::Margin(Event::SharingBegan { deficit, profits, .. }) = record.event {
                        began = Some((deficit.0, profits.0));
                    }
                }
                // Who is taken over while others pay takes its profit with it.
                disturbed |= began.is_some() && blocks >= late && !Margin::endangered(1).is_empty();
                engine(blocks >= late);
                blocks += 1;
                prop_assert!(blocks < 200, "it ends");
            }
            let (deficit, profits) = began.expect("it began");
            prop_assert!(all.iter().all(|(_, profit, share)| (0..=*profit).contains(share)));
            let profit: i128 = all.iter().map(|one| one.1).sum();
            let share: i128 = all.iter().map(|one| one.2).sum();
            prop_assert!(disturbed || profit == profits);
            prop_assert!(disturbed || share == deficit.min(profits));
            prop_assert!(Margin::all().iter().all(|(_, account)| account.lots(BTC).0 == 0));
            prop_assert_eq!(Claims::<Test>::iter().count(), 0);
            prop_assert_eq!(Ledgers::<Test>::get(0).custody, Cash(6_100 * ONE));
            Ok(())
        })?;
    }
}
