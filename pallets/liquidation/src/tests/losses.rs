//! SPEC 5, 6.1 to 6.5: who pays for a loss, by hand.

use caisson_primitives::trading::{LotPrice, Phase, Side, TradingAccounts};
use frame_support::{assert_ok, traits::fungibles::Mutate};
use pallet_insurance::types::FundTerms;

use super::scene::*;
use crate::{fund, mock::*, weights::WeightInfo, Event, UnsafeAccounts, Work, Working};

#[test]
fn layers_should_pay_in_their_order_and_within_their_caps() {
    run(|| {
        endow(0, 500);
        assert_ok!(Insurance::back(signed(5), 0, 300 * UNITS));
        let backstop = pallet_insurance::money::backstop_account::<Test>();
        assert_ok!(<Assets as Mutate<_>>::mint_into(
            USD,
            &backstop,
            1_000 * UNITS
        ));
        let terms = FundTerms {
            backstop_cap: wholes(30),
            ..FundTerms::standard()
        };
        assert_ok!(Insurance::set_terms(
            RuntimeOrigin::root(),
            0,
            Box::new(terms)
        ));
        let (long, short) = thin_long(10_000);
        set_mark(MARKET, 92);
        block();
        // 600 - 800: two hundred are missing. A fifth of 500, a tenth of 300, and 30 of the backstop pay 160 of them.
        assert!(events().iter().any(|event| matches!(
            event,
            Event::TakenOver { account, equity, loss, .. }
                if *account == long.index && *equity == wholes(-200) && *loss == wholes(200)
        )));
        assert_eq!(pots(0), (400 * ONE, 270 * ONE));
        assert_eq!(units_of(&backstop), 970 * UNITS);
        // The fund may lose no more, so it holds nothing: all is closed at mark, and the other 40 are cut from that profit.
        assert_eq!(deleveraged(), [(short.index, 100)]);
        assert_eq!(cuts(), [(short.index, 40 * ONE)]);
        assert_eq!(short.money(), (10_000 + 800 - 40) * ONE);
        assert_eq!((long.lots(), long.money()), (0, 0));
        assert_eq!(inventory(), (0, 0));
        assert_eq!(totals().covered, wholes(160));
        assert_eq!(totals().haircuts, wholes(40));
        assert_eq!(totals().losses, wholes(200));
        assert!(Working::<Test>::get().is_empty());
        assert_eq!(latencies().0[0], 1, "in the block in which it was found");
    });
}

#[test]
fn insurance_should_pay_all_when_the_loss_is_within_its_allowance() {
    run(|| {
        endow(0, 5_000);
        let (_, short) = thin_long(10_000);
        set_mark(MARKET, 92);
        block();
        assert_eq!(pots(0), (4_800 * ONE, 0));
        assert_eq!((deleveraged(), cuts()), (vec![], vec![]));
        assert_eq!(inventory(), (100, 0));
        assert_eq!(short.money(), 10_000 * ONE);
    });
}

/// Shorts of 60 and 40 lots, with equities of 720 and 2160 at a mark of 94, where the long has nothing left.
fn two_shorts() -> (Trader, Trader) {
    let long = Trader::new(1, 600);
    let (first, second) = (Trader::new(2, 360), Trader::new(3, 1_920));
    trade(long, first, 60, 100);
    trade(long, second, 40, 100);
    set_mark(MARKET, 94);
    (first, second)
}

#[test]
fn excess_should_be_closed_at_mark_down_to_one_common_leverage() {
    run(|| {
        // Five times 752 is 40 lots at 94; a fifth of it would be 53 at a maintenance margin of 2.82.
        endow(0, 752);
        let (first, second) = two_shorts();
        block();
        // Of 100 lots on equities of 720 and 2160 forty stay: 10 and 30, a lot for each 72 on both.
        assert_eq!(deleveraged(), [(first.index, 50), (second.index, 10)]);
        assert_eq!((first.lots(), second.lots()), (-10, -30));
        assert_eq!((first.equity(), second.equity()), (720 * ONE, 2_160 * ONE));
        assert_eq!(inventory(), (40, 0));
        assert_eq!(totals().deleveraged, 60);
        let event = events()
            .into_iter()
            .find(|event| matches!(event, Event::Deleveraged { .. }));
        assert_eq!(
            event,
            Some(Event::Deleveraged {
                account: first.index,
                market: MARKET,
                side: Side::Short,
                lots: 50,
                left: 10,
                price: LotPrice(94 * ONE),
            })
        );
        assert_eq!(insurance(), 752 * ONE);
        blocks(2);
        assert_eq!(inventory(), (40, 0), "never more than the excess");
    });
}

#[test]
fn only_the_most_leveraged_should_be_closed_when_the_excess_is_small() {
    run(|| {
        endow(0, 1_504);
        let (first, second) = two_shorts();
        block();
        // 80 lots are allowed. 60 lots on 720 come down to 40, which is still more for each of it than 40 on 2160.
        assert_eq!(deleveraged(), [(first.index, 20)]);
        assert_eq!((first.lots(), second.lots()), (-40, -40));
        assert_eq!(first.equity(), 720 * ONE);
    });
}

#[test]
fn haircuts_should_sum_to_the_deficit_and_make_nobody_unsafe() {
    run(|| {
        add_market(OTHER, 0);
        let (long, first, second) = (
            Trader::new(1, 600),
            Trader::new(2, 360),
            Trader::new(3, 600),
        );
        let rich = Trader::new(4, 10_000);
        trade(long, first, 60, 100);
        trade(long, second, 40, 100);
        trade_in(OTHER, second, rich, 50, 100);
        set_mark(MARKET, 90);
        set_mark(OTHER, 90);
        block();
        // 400 are missing. One made 600; the other made 400, but has only 500 of equity and 135 of maintenance margin left.
        let weights = (600, 500 - 135);
        let total = weights.0 + weights.1;
        let of_second = 400 * ONE * weights.1 / total;
        assert_eq!(
            cuts(),
            [
                (second.index, of_second),
                (first.index, 400 * ONE - of_second)
            ]
        );
        assert_eq!(first.equity(), 960 * ONE - (400 * ONE - of_second));
        assert_eq!(second.equity(), 500 * ONE - of_second);
        assert!(first.slack() >= 0 && second.slack() >= 0);
        assert_eq!(inventory(), (0, 0));
        assert_eq!(state_of(MARKET).0, Phase::Trading);
    });
}

#[test]
fn losses_should_be_worked_off_over_blocks_when_the_budget_is_tiny() {
    run(|| {
        let long = Trader::new(1, 30);
        let shorts: Vec<_> = (2..7).map(|user| Trader::new(user, 100)).collect();
        let rich = Trader::new(9, 10_000);
        for short in &shorts {
            trade(long, *short, 1, 100);
        }
        FundBudget::set(fund::least::<Test>());
        set_mark(MARKET, 80);
        // 70 are missing; each short made 20. One of them is closed and cut in each block.
        for (place, (cut, left)) in [(20, 50), (20, 30), (20, 10), (10, 0)]
            .into_iter()
            .enumerate()
        {
            block();
            assert_eq!(deleveraged(), [(shorts[place].index, 1)]);
            assert_eq!(cuts(), [(shorts[place].index, cut * ONE)]);
            assert_eq!(Work::<Test>::get(MARKET).unwrap().deficit, wholes(left));
            let gate = CircuitBreaker::withdrawals_left(0);
            assert_eq!((gate.deficit_open, gate.open), (left > 0, false));
            let out = Margin::withdraw(signed(9), rich.index, USD, UNITS);
            assert_eq!(
                out,
                Err(pallet_circuit_breaker::Error::<Test>::WithdrawalsGated.into())
            );
            check();
        }
        block();
        assert_eq!(deleveraged(), [(shorts[4].index, 1)]);
        assert!(cuts().is_empty());
        assert!(Working::<Test>::get().is_empty());
        // And an hour more.
        skip(3_600);
        block();
        assert_ok!(Margin::withdraw(signed(9), rich.index, USD, UNITS));
    });
}

/// An account that owes 70 and has nothing else. What it lost is somebody else's.
fn debtor(winner: Trader) -> Trader {
    let debtor = Trader::new(8, 30);
    let mut account = Margin::load(debtor.index).unwrap();
    account.collateral = wholes(-70);
    Margin::settle_account(debtor.index, account).unwrap();
    let mut account = Margin::load(winner.index).unwrap();
    account.collateral = account.collateral.add(&wholes(100)).unwrap();
    Margin::settle_account(winner.index, account).unwrap();
    debtor
}

#[test]
fn debt_without_positions_should_be_taken_over_at_once() {
    run(|| {
        endow(0, 1_000);
        let rich = Trader::new(9, 10_000);
        let debtor = debtor(rich);
        assert!(debtor.is_marked());
        block();
        assert!(matches!(
            events()[..],
            [Event::Restored { blocks: 1, .. }, Event::TakenOver { market: MARKET, positions: 0, loss, .. }]
                if loss == wholes(70)
        ));
        assert_eq!(debtor.money(), 0);
        assert_eq!(insurance(), 930 * ONE);
        assert_eq!(UnsafeAccounts::<Test>::get(), 0);
    });
}

#[test]
fn walk_of_haircuts_should_go_on_where_it_ended() {
    run(|| {
        let rich = Trader::new(9, 10_000);
        let shorts: Vec<_> = (2..7).map(|user| Trader::new(user, 100)).collect();
        for short in &shorts {
            trade(rich, *short, 1, 100);
        }
        debtor(rich);
        let another = <() as WeightInfo>::fund(1, 0).saturating_sub(<() as WeightInfo>::fund(0, 0));
        FundBudget::set(fund::least::<Test>().saturating_add(another));
        set_mark(MARKET, 80);
        // Two holders fit a block. 70 are missing, each made 20: two give all, the next two give what is left in halves.
        block();
        let index = |place: usize| shorts[place].index;
        assert_eq!(cuts(), [(index(0), 20 * ONE), (index(1), 20 * ONE)]);
        assert!(Work::<Test>::get(MARKET).unwrap().place.is_some());
        check();
        block();
        assert_eq!(cuts(), [(index(2), 15 * ONE), (index(3), 15 * ONE)]);
        assert_eq!(shorts[4].money(), 100 * ONE);
        assert!(Working::<Test>::get().is_empty());
        assert!(shorts.iter().all(|short| short.lots() == -1));
    });
}

/// Two winners with little to spare, because they lose elsewhere; and the one who lost more than he had.
fn winners_with_little_to_spare() -> (Trader, Trader) {
    add_market(OTHER, 0);
    let (long, first, second) = (Trader::new(1, 76), Trader::new(2, 400), Trader::new(3, 400));
    let rich = Trader::new(9, 100_000);
    trade(long, first, 10, 100);
    trade(rich, second, 10, 100);
    trade_in(OTHER, first, rich, 50, 100);
    trade_in(OTHER, second, rich, 50, 100);
    set_mark(MARKET, 80);
    set_mark(OTHER, 92);
    (first, second)
}

#[test]
fn market_should_be_given_up_and_the_rest_shared_when_no_profit_can_be_cut() {
    run(|| {
        let (first, second) = winners_with_little_to_spare();
        block();
        // 124 are missing. Each made 200 here and lost 400 there: 200 of equity, and after five lots were closed a
        // maintenance margin of 12 + 138, so 50 can be cut.
        assert_eq!(deleveraged(), [(first.index, 5), (second.index, 5)]);
        assert_eq!(cuts(), [(first.index, 50 * ONE), (second.index, 50 * ONE)]);
        assert_eq!((first.slack(), second.slack()), (0, 0));
        assert!(events().iter().any(|event| matches!(
            event,
            Event::GivenUp { market: MARKET, deficit, mark }
                if *deficit == wholes(24) && mark.0 == 80 * ONE
        )));
        assert_eq!(state_of(MARKET), (Phase::Settling, 80 * ONE));
        assert!(Work::<Test>::get(MARKET).unwrap().given_up);
        check();
        for _ in 0..20 {
            block();
            check();
        }
        // Each still had a profit of 100 in five lots: the 24 are halves.
        assert_eq!(state_of(MARKET).0, Phase::Settled);
        assert_eq!(first.money(), (400 + 100 - 50 + 100 - 12) * ONE);
        assert_eq!(second.money(), (400 + 100 - 50 + 100 - 12) * ONE);
        assert_eq!((first.slack(), second.slack()), (0, 0));
        assert_eq!(inventory(), (0, 0));
        assert!(Working::<Test>::get().is_empty());
        assert!(!CircuitBreaker::withdrawals_left(0).deficit_open);
    });
}

#[test]
fn rest_should_stay_open_and_withdrawals_gated_when_the_winners_have_left() {
    run(|| {
        let (long, first, late) = (
            Trader::new(1, 60),
            Trader::new(2, 60),
            Trader::new(3, 1_000),
        );
        let rich = Trader::new(9, 10_000);
        trade(long, first, 10, 100);
        // The winner sells his profit of 9 a lot to someone who makes 11 of the 20.
        trade(first, late, 10, 91);
        set_mark(MARKET, 80);
        block();
        // 140 are missing, and 110 can be cut.
        assert_eq!(cuts(), [(late.index, 110 * ONE)]);
        for _ in 0..20 {
            block();
            check();
        }
        assert_eq!(state_of(MARKET).0, Phase::Settled);
        assert_eq!(inventory(), (0, -30 * ONE));
        assert_eq!(Work::<Test>::get(MARKET).unwrap().deficit, wholes(30));
        let withdraw = || Margin::withdraw(signed(9), rich.index, USD, UNITS);
        assert_eq!(
            withdraw(),
            Err(pallet_circuit_breaker::Error::<Test>::WithdrawalsGated.into())
        );
        skip(7_200);
        block();
        assert_eq!(
            withdraw(),
            Err(pallet_circuit_breaker::Error::<Test>::WithdrawalsGated.into())
        );
        // Until somebody pays: a fifth of 150 is all of it.
        endow(0, 150);
        block();
        assert_eq!(insurance(), 120 * ONE);
        assert_eq!(inventory(), (0, 0));
        assert!(Working::<Test>::get().is_empty());
        skip(7_200);
        block();
        assert_ok!(withdraw());
    });
}

#[test]
fn other_collateral_should_be_seized_and_the_debt_paid_by_the_fund() {
    run(|| {
        endow(0, 5_000);
        let (long, short) = (Trader::new(1, 100), Trader::new(2, 10_000));
        let coins = 600 * 100_000_000;
        assert_ok!(Margin::deposit(signed(1), long.index, COIN, coins));
        block();
        trade(long, short, 100, 100);
        set_mark(MARKET, 94);
        block();
        // 100 of money, 540 of coins, a loss of 600: 40 of 282. The money is 500 short, which stands until the coins are sold.
        assert!(events().iter().any(|event| matches!(
            event,
            Event::TakenOver { equity, seized, loss, .. }
                if *equity == wholes(40) && *seized == wholes(540) && *loss == wholes(0)
        )));
        let account = Margin::load(long.index).unwrap();
        assert!(account.pledges.is_empty() && account.positions.is_empty());
        assert_eq!(account.collateral, wholes(0));
        assert_eq!(insurance(), 4_500 * ONE);
        assert_eq!(inventory(), (100, 0));
        let listing = &pallet_margin::Collaterals::<Test>::get()[0];
        assert_eq!(listing.seized.0, 600);
    });
}

#[test]
fn other_compartment_should_keep_every_byte_when_all_of_this_one_is_lost() {
    run(|| {
        let (long, short) = (
            Trader::in_compartment(11, 1, 5_000),
            Trader::in_compartment(12, 1, 5_000),
        );
        trade_in(ELSEWHERE, long, short, 20, 100);
        endow(1, 777);
        assert_ok!(Insurance::back(signed(13), 1, 50 * UNITS));
        place(12, short.index, ELSEWHERE, Side::Long, 1, 95).unwrap();
        block();
        let before = compartment_bytes(1, &[ELSEWHERE]);
        // Everything there is to lose: fund, backers, all profits, and a rest that nobody pays.
        endow(0, 100);
        assert_ok!(Insurance::back(signed(5), 0, 100 * UNITS));
        let (first, _) = winners_with_little_to_spare();
        Margin::deposit(signed(2), first.index, USD, UNITS).unwrap();
        for mark in [60, 40, 10, 190] {
            set_mark(MARKET, mark);
            set_mark(OTHER, 200 - mark);
            blocks(5);
            check();
        }
        assert!(totals().losses.is_positive());
        assert_eq!(compartment_bytes(1, &[ELSEWHERE]), before);
    });
}
