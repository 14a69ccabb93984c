//! SPEC 6, 7 and 12: what the liquidation engine finds, asks and settles.

use crate::{mock::*, triggers::DEBT, BestTriggers, Error, Event, Ledgers, WeightInfo};
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        AccountIndex, Cash, Endangered, LiquidationAccounts, LotPrice, Lots, Side, TradingAccounts,
    },
};
use frame_support::{assert_noop, assert_ok, weights::Weight};

/// Accounts of 100 to 130 that are long 20 lots at 100, against one that is rich.
fn longs() -> (Vec<AccountIndex>, AccountIndex) {
    let rich = open(CAROL, 0, 1_000_000);
    let accounts: Vec<_> = (0..4)
        .map(|sub| open(ALICE, sub, 100 + 10 * u128::from(sub)))
        .collect();
    for account in &accounts {
        trade(BTC, *account, rich, 20, 100 * ONE);
    }
    (accounts, rich)
}

fn accounts(found: &[Endangered]) -> Vec<AccountIndex> {
    found.iter().map(|one| one.account).collect()
}

fn settle_all() {
    for index in accounts(&Margin::endangered(u32::MAX)) {
        Margin::settle(index, Margin::load(index).expect("one")).expect("settles");
    }
}

#[test]
fn sweep_should_pass_over_accounts_that_are_unsafe_already() {
    new_test_ext().execute_with(|| {
        let (found, _) = longs();
        let quiet = sweep_only();
        set_mark(BTC, 90 * ONE);
        assert!(sweep_only().ref_time() > quiet.ref_time());
        assert_eq!(found_unsafe(), found);
        // Nothing is left to find: the budget is the engine's.
        assert_eq!(sweep_only(), quiet);
        // Who recovers stays marked until the engine looks.
        set_mark(BTC, 100 * ONE);
        assert_eq!(sweep_only(), quiet);
        assert_eq!(found_unsafe(), found);
        assert!(scanned_unsafe().is_empty());
        settle_all();
        assert!(found_unsafe().is_empty());
        assert!(Margin::endangered(10).is_empty());
        next_block();
    });
}

#[test]
fn sweep_should_still_find_others_behind_unsafe_accounts_when_the_budget_is_short() {
    new_test_ext().execute_with(|| {
        let (found, _) = longs();
        set_budget(<() as WeightInfo>::look(1, 0));
        // Everyone is short by at least as much as the first is now.
        set_mark(BTC, 90 * ONE);
        for looked_at in 1..=4 {
            sweep_only();
            assert_eq!(found_unsafe(), found[..looked_at]);
        }
        set_budget(Weight::MAX);
        sweep_only();
    });
}

#[test]
fn endangered_should_come_from_all_markets_and_collateral_by_urgency() {
    new_test_ext().execute_with(|| {
        set_feed(10_000_000_000_000_000_000, FeedStatus::Live);
        next_block();
        let rich = open(CAROL, 0, 1_000_000);
        let (long, short, mixed, pledged) = (
            open(ALICE, 0, 100),
            open(ALICE, 1, 100),
            open(ALICE, 2, 8_000),
            open(ALICE, 3, 10),
        );
        trade(BTC, long, rich, 20, 100 * ONE);
        trade(ETH, rich, short, 15, 100 * ONE);
        // Most of it is in the second tier of the other market.
        trade(BTC, mixed, rich, 1, 100 * ONE);
        trade(ETH, rich, mixed, 1_500, 100 * ONE);
        let coins = 10 * 100_000_000;
        assert_ok!(Margin::deposit(
            RuntimeOrigin::signed(ALICE),
            pledged,
            COIN,
            coins
        ));
        trade(BTC, pledged, rich, 15, 100 * ONE);
        set_feed(3_000_000_000_000_000_000, FeedStatus::Live);
        set_mark(BTC, 96 * ONE);
        set_mark(ETH, 105 * ONE);
        sweep_only();
        assert_eq!(found_unsafe(), scanned_unsafe());
        assert_eq!(found_unsafe(), [long, short, mixed, pledged]);

        let found = Margin::endangered(10);
        let urgency = |index| {
            let standing = Margin::standing(&Margin::load(index).expect("one")).expect("stands");
            let notional: i128 = standing.legs.iter().map(|leg| leg.notional.0).sum();
            u64::try_from(-standing.slack.0 * 1_000_000 / notional).expect("positive")
        };
        for one in &found {
            // Up to rounding of the division.
            assert!(one.urgency_ppm.abs_diff(urgency(one.account)) <= 1);
        }
        assert!(found.is_sorted_by(|a, b| a.urgency_ppm >= b.urgency_ppm));
        let mut all = accounts(&found);
        all.sort_unstable();
        assert_eq!(all, [long, short, mixed, pledged]);
        let market = |index| {
            let one = found.iter().find(|one| one.account == index);
            one.expect("found").market
        };
        assert_eq!(
            [market(long), market(short), market(mixed), market(pledged)],
            [Some(BTC), Some(ETH), Some(ETH), Some(BTC)]
        );
        for limit in 0..5 {
            assert_eq!(Margin::endangered(limit), found[..limit.min(4) as usize]);
        }
        settle_all();
    });
}

#[test]
fn endangered_should_name_no_market_when_a_pledge_is_the_largest_leg() {
    new_test_ext().execute_with(|| {
        set_feed(10_000_000_000_000_000_000, FeedStatus::Live);
        next_block();
        let (alice, bob) = (open(ALICE, 0, 10), open(BOB, 0, 100_000));
        assert_ok!(Margin::deposit(
            RuntimeOrigin::signed(ALICE),
            alice,
            COIN,
            10 * 100_000_000
        ));
        trade(BTC, alice, bob, 3, 100 * ONE);
        set_mark(BTC, 68 * ONE);
        set_feed(9_900_000_000_000_000_000, FeedStatus::Live);
        sweep_only();
        let found = Margin::endangered(10);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].account, found[0].market), (alice, None));
    });
}

#[test]
fn account_should_wait_for_the_engine_when_it_has_only_a_debt() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 20, 100 * ONE);
        trade(BTC, bob, alice, 20, 90 * ONE);
        assert_eq!(collateral(alice), -100 * ONE);
        assert_eq!(fell_short(), [alice]);
        next_block();
        let found = Margin::endangered(10);
        assert_eq!((found[0].account, found[0].market), (alice, None));
        assert_eq!(
            found[0].urgency_ppm,
            DEBT.trigger.abs_diff(crate::triggers::UNSAFE)
        );
        // A position in its place holds the key.
        trade(BTC, alice, bob, 1, 100 * ONE);
        assert_eq!(Margin::endangered(10)[0].market, Some(BTC));
        next_block();
        trade(BTC, bob, alice, 1, 100 * ONE);
        next_block();
        assert_eq!(Margin::endangered(10)[0].market, None);
        assert_ok!(Margin::deposit(
            RuntimeOrigin::signed(ALICE),
            alice,
            USD,
            100 * UNITS
        ));
        assert!(Margin::endangered(10).is_empty());
        assert_eq!(came_to_safety(), [(alice, 1)]);
        next_block();
    });
}

#[test]
fn observer_should_hear_who_falls_short_and_who_comes_to_safety() {
    new_test_ext().execute_with(|| {
        let (found, _) = longs();
        set_mark(BTC, 975 * ONE / 10);
        next_block();
        assert_eq!(found_unsafe(), found[..1]);
        assert_eq!(fell_short(), found[..1]);
        assert!(came_to_safety().is_empty());
        next_block();
        set_mark(BTC, 100 * ONE);
        next_block();
        assert_eq!(fell_short(), found[..1]);
        assert_eq!(came_to_safety(), [(found[0], 2)]);
    });
}

#[test]
fn standing_should_add_up_and_say_which_prices_may_be_used() {
    new_test_ext().execute_with(|| {
        set_feed(10_000_000_000_000_000_000, FeedStatus::Live);
        next_block();
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 1_000_000));
        assert_ok!(Margin::deposit(
            RuntimeOrigin::signed(ALICE),
            alice,
            COIN,
            10 * 100_000_000
        ));
        trade(BTC, alice, bob, 10, 100 * ONE);
        trade(ETH, bob, alice, 2_000, 100 * ONE);
        set_mark(BTC, 110 * ONE);
        set_funding(ETH, -ONE / 100);
        let standing = || Margin::standing(&Margin::load(alice).expect("one")).expect("stands");
        let stands = standing();
        let (btc, eth) = (&stands.legs[0], &stands.legs[1]);
        assert_eq!(
            (btc.market, btc.lots, btc.side()),
            (BTC, Lots(10), Side::Long)
        );
        assert_eq!(btc.mark, LotPrice(110 * ONE));
        assert_eq!(btc.profit, Cash(100 * ONE));
        assert_eq!(btc.notional, Cash(1_100 * ONE));
        assert_eq!(btc.maintenance, Cash(33 * ONE));
        // The second tier, and funding owed by the short: 2000 of a hundredth.
        assert_eq!((eth.lots, eth.side()), (Lots(-2_000), Side::Short));
        assert_eq!(eth.profit, Cash(-20 * ONE));
        assert_eq!(eth.maintenance, Cash(10_000 * ONE));
        assert_eq!(stands.equity, Cash((1_000 + 90 + 100 - 20) * ONE));
        assert_eq!(stands.maintenance, Cash(10_033 * ONE));
        assert_eq!(stands.slack, Cash((1_170 - 10_033) * ONE));
        assert!(stands.may_liquidate);

        change(ETH, |_, prices| prices.status = FeedStatus::Stale);
        let stands = standing();
        assert!(stands.legs[0].may_liquidate && !stands.legs[1].may_liquidate);
        assert!(!stands.may_liquidate);
        change(ETH, |_, prices| prices.status = FeedStatus::Guarded);
        assert!(standing().may_liquidate);
        // The positions' prices are good, the pledge's is not.
        set_feed(10_000_000_000_000_000_000, FeedStatus::Down);
        let stands = standing();
        assert!(stands.legs.iter().all(|leg| leg.may_liquidate));
        assert!(!stands.may_liquidate);
        set_feed(10_000_000_000_000_000_000, FeedStatus::Live);
        next_block();
    });
}

#[test]
fn holders_should_be_walked_in_pages_with_the_least_slack_first() {
    new_test_ext().execute_with(|| {
        let fund = Margin::inventory(BTC).expect("an inventory");
        let (found, rich) = longs();
        trade(BTC, fund, rich, 20, 100 * ONE);
        // One in the second tier.
        let large = open(BOB, 0, 1_000_000);
        trade(BTC, large, rich, 2_000, 100 * ONE);
        trade(ETH, rich, large, 5, 100 * ONE);
        let all: Vec<_> = found.iter().copied().chain([large]).collect();
        let (page, end) = Margin::holders(BTC, Side::Long, 10, None);
        assert_eq!((page, end), (all.clone(), None));
        for size in 1..=6 {
            let (mut walked, mut after, mut pages) = (Vec::new(), None, 0);
            loop {
                let (page, next) = Margin::holders(BTC, Side::Long, size, after.as_deref());
                assert!(page.len() <= size as usize);
                walked.extend(page);
                pages += 1;
                after = next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(walked, all);
            assert!(pages <= all.len().div_ceil(size as usize) + 1);
        }
        assert_eq!(
            Margin::holders(BTC, Side::Short, 10, None),
            (vec![rich], None)
        );
        assert_eq!(
            Margin::holders(ETH, Side::Short, 10, None),
            (vec![large], None)
        );
        next_block();
    });
}

#[test]
fn holders_should_go_on_behind_a_place_whose_account_left() {
    new_test_ext().execute_with(|| {
        let (found, rich) = longs();
        let (page, after) = Margin::holders(BTC, Side::Long, 2, None);
        assert_eq!(page, found[..2]);
        trade(BTC, rich, found[1], 20, 100 * ONE);
        let after = after.expect("more");
        let (page, end) = Margin::holders(BTC, Side::Long, 5, Some(&after));
        assert_eq!((page, end), (found[2..].to_vec(), None));
        // A place of somewhere else, or none at all, is the beginning.
        for place in [&b"nowhere"[..], &[0xff; 15], &[]] {
            let (page, _) = Margin::holders(BTC, Side::Long, 1, Some(place));
            assert_eq!(page, found[..1]);
        }
        let (page, _) = Margin::holders(ETH, Side::Long, 1, Some(&after));
        assert!(page.is_empty());
    });
}

#[test]
fn penalty_should_go_to_insurance_and_arm_the_account_as_it_is_then() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        let account = Margin::load(alice).expect("one");
        // 70 of slack: 60 leave 10.
        let paid = Margin::settle_liquidated(alice, account, Cash(60 * ONE));
        assert_eq!(paid, Ok(Cash(60 * ONE)));
        assert_eq!(collateral(alice), 40 * ONE);
        assert_eq!(Ledgers::<Test>::get(0).insurance, Cash(60 * ONE));
        System::assert_has_event(
            Event::PenaltyPaid {
                account: alice,
                paid: Cash(60 * ONE),
                due: Cash(60 * ONE),
            }
            .into(),
        );
        let armed = Margin::load(alice).expect("one").positions[0].armed;
        // As if it were assessed anew.
        let again = Margin::load(alice).expect("one");
        Margin::settle(alice, again).expect("settles");
        assert_eq!(Margin::load(alice).expect("one").positions[0].armed, armed);
        set_mark(BTC, 99 * ONE + ONE / 2);
        next_block();
        assert!(found_unsafe().is_empty());
        set_mark(BTC, 98 * ONE + ONE / 2);
        next_block();
        assert_eq!(found_unsafe(), [alice]);
    });
}

#[test]
fn penalty_should_be_bounded_by_equity_though_money_may_be_owed_for_it() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        set_mark(BTC, 102 * ONE);
        // 100 of money and 20 of profit.
        let account = Margin::load(alice).expect("one");
        let paid = Margin::settle_liquidated(alice, account, Cash(500 * ONE));
        assert_eq!(paid, Ok(Cash(120 * ONE)));
        assert_eq!(collateral(alice), -20 * ONE);
        let health = Margin::health(alice).expect("one");
        assert_eq!(health.equity, Cash(0));
        assert_eq!(found_unsafe(), [alice]);
        // Nothing is left to pay with, and nothing is paid.
        let account = Margin::load(alice).expect("one");
        let paid = Margin::settle_liquidated(alice, account, Cash(500 * ONE));
        assert_eq!(paid, Ok(Cash(0)));
        System::assert_last_event(
            Event::PenaltyPaid {
                account: alice,
                paid: Cash(0),
                due: Cash(500 * ONE),
            }
            .into(),
        );
        next_block();
    });
}

#[test]
fn penalty_should_be_nothing_when_equity_is_negative_and_refused_when_it_is_itself() {
    new_test_ext().execute_with(|| {
        let (alice, bob) = (open(ALICE, 0, 100), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        set_mark(BTC, 80 * ONE);
        let load = || Margin::load(alice).expect("one");
        assert_ok!(Margin::settle_liquidated(alice, load(), Cash(ONE)), Cash(0));
        assert_eq!(collateral(alice), 100 * ONE);
        assert_noop!(
            Margin::settle_liquidated(alice, load(), Cash(-1)),
            Error::<Test>::Arithmetic
        );
        System::reset_events();
        assert_ok!(Margin::settle_liquidated(alice, load(), Cash(0)), Cash(0));
        assert!(System::events().is_empty());
        next_block();
    });
}

#[test]
fn bounds_should_lead_to_the_engine_while_anybody_waits() {
    use crate::{triggers::WATCHED, types::Exposure};
    new_test_ext().execute_with(|| {
        longs();
        let bound = || BestTriggers::<Test>::get(Exposure::market(BTC)).0[0];
        set_mark(BTC, 90 * ONE);
        sweep_only();
        assert!(bound() > WATCHED);
        sweep_only();
        assert!(bound() > WATCHED);
        set_mark(BTC, 100 * ONE);
        next_block();
        // The bound that is too high is put right by the next sweep.
        next_block();
        assert!(bound() < WATCHED);
    });
}
