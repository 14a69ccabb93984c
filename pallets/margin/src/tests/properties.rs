//! Random histories: after every step all invariants hold, and the index found exactly those whom a full scan finds.

use crate::{mock::*, try_state};
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        Account, AccountRole, Cash, CompartmentFunds, Fill, FillKind, LiquidationAccounts,
        LotPrice, Markets, OpenOrders, Pot, Side, TradingAccounts,
    },
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Trade {
        market: bool,
        buyer: u8,
        seller: u8,
        lots: u64,
        price: i128,
    },
    Deposit {
        account: u8,
        units: u128,
    },
    Withdraw {
        account: u8,
        units: u128,
    },
    Pledge {
        account: u8,
        lots: u128,
    },
    Unpledge {
        account: u8,
        lots: u128,
    },
    Move {
        market: bool,
        ppm: i128,
    },
    Fund {
        market: bool,
        ppm: i128,
    },
    Margin {
        market: bool,
        ppm: i128,
    },
    Coin {
        ppm: i128,
    },
    TakeOver {
        market: bool,
        account: u8,
    },
    Sell {
        market: bool,
        account: u8,
        lots: u64,
    },
    Liquidate {
        market: bool,
        account: u8,
        other: u8,
        lots: u64,
        price: i128,
    },
    Pots {
        backers: bool,
        units: u128,
        out: i128,
    },
    Block,
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    prop_oneof![
        4 => (any::<bool>(), 0..6u8, 0..6u8, 1..2_000u64, 900_000..1_100_000i128)
            .prop_map(|(market, buyer, seller, lots, price)| Trade { market, buyer, seller, lots, price }),
        1 => (0..6u8, 1..100_000_000_000u128).prop_map(|(account, units)| Deposit { account, units }),
        1 => (0..6u8, 1..100_000_000_000u128).prop_map(|(account, units)| Withdraw { account, units }),
        1 => (0..6u8, 1..10_000_000u128).prop_map(|(account, lots)| Pledge { account, lots }),
        1 => (0..6u8, 1..10_000_000u128).prop_map(|(account, lots)| Unpledge { account, lots }),
        3 => (any::<bool>(), -100_000..100_000i128).prop_map(|(market, ppm)| Move { market, ppm }),
        2 => (any::<bool>(), -30_000..30_000i128).prop_map(|(market, ppm)| Fund { market, ppm }),
        1 => (any::<bool>(), 1..200_000i128).prop_map(|(market, ppm)| Margin { market, ppm }),
        1 => (-200_000..200_000i128).prop_map(|ppm| Coin { ppm }),
        1 => (any::<bool>(), 0..6u8).prop_map(|(market, account)| TakeOver { market, account }),
        1 => (any::<bool>(), 0..6u8, 1..2_000u64)
            .prop_map(|(market, account, lots)| Sell { market, account, lots }),
        1 => (any::<bool>(), 0..6u8, 0..6u8, 1..2_000u64, 900_000..1_100_000i128)
            .prop_map(|(market, account, other, lots, price)| Liquidate { market, account, other, lots, price }),
        1 => (any::<bool>(), 0..1_000_000u128, 0..10_000_000_000_000i128)
            .prop_map(|(backers, units, out)| Pots { backers, units, out }),
        4 => Just(Block),
    ]
}

fn market(which: bool) -> u16 {
    if which {
        BTC
    } else {
        ETH
    }
}

fn mark(market: u16) -> i128 {
    TestMarkets::prices(market).expect("prices").mark.0
}

/// A fill of one account with the engine behind it, in memory; returns what it is due and the change of the open interest.
fn forced(
    account: &mut Account<AccountId>,
    market: u16,
    side: Side,
    lots: u64,
    price: i128,
    kind: FillKind,
) -> (Cash, i64) {
    let fill = Fill {
        market,
        side,
        lots,
        price: LotPrice(price),
        kind,
    };
    let prices = TestMarkets::prices(market).expect("prices");
    let settled = Margin::fill(account, &contract(), &prices, 0, &fill).expect("books");
    (settled.penalty, settled.long_lots)
}

/// `from` gives `lots` on `side` to `to` at mark.
pub(super) fn at_mark(market: u16, from: u32, to: u32, side: Side, lots: u64) {
    let mut long = 0;
    for (index, side) in [(from, side.opposite()), (to, side)] {
        let mut account = Margin::load(index).expect("one");
        long += forced(
            &mut account,
            market,
            side,
            lots,
            mark(market),
            FillKind::AtMark,
        )
        .1;
        Margin::settle(index, account).expect("settles");
    }
    Margin::conclude(market, &contract(), Cash(0), long).expect("concludes");
}

/// The position goes to the inventory, and the money too when nothing else is left.
fn take_over(market: u16, index: u32) {
    let inventory = Margin::inventory(market).expect("an inventory");
    let lots = Margin::load(index).expect("one").lots(market);
    if lots.0 != 0 {
        let side = Side::of(&lots.widen());
        at_mark(market, index, inventory, side, lots.0.unsigned_abs());
    }
    let mut account = Margin::load(index).expect("one");
    if account.positions.is_empty() && account.pledges.is_empty() {
        let mut fund = Margin::load(inventory).expect("one");
        fund.collateral.0 += account.collateral.0;
        account.collateral.0 = 0;
        Margin::settle(inventory, fund).expect("settles");
        Margin::settle(index, account).expect("settles");
    }
}

/// A forced order of `index` trades with `other`.
fn liquidate(market: u16, index: u32, other: u32, lots: u64, price: i128) {
    let mut account = Margin::load(index).expect("one");
    let held = account.lots(market);
    let lots = lots.min(held.0.unsigned_abs());
    if lots == 0 {
        return;
    }
    let side = Side::of(&held.widen());
    let (due, closed) = forced(
        &mut account,
        market,
        side.opposite(),
        lots,
        price,
        FillKind::Liquidation,
    );
    let equity = crate::health::assess::<Test>(&account, None)
        .expect("adds up")
        .equity;
    let paid = Margin::settle_liquidated(index, account, due).expect("settles");
    assert_eq!(paid, due.smaller(&equity.positive_part()));
    let mut account = Margin::load(other).expect("one");
    let (_, opened) = forced(&mut account, market, side, lots, price, FillKind::AtMark);
    Margin::settle(other, account).expect("settles");
    Margin::conclude(market, &contract(), Cash(0), closed + opened).expect("concludes");
}

/// What the engine is told is what is there.
fn check_engine() {
    let found = Margin::endangered(u32::MAX);
    assert!(found.is_sorted_by(|a, b| a.urgency_ppm >= b.urgency_ppm));
    let mut accounts: Vec<_> = found.iter().map(|one| one.account).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, found_unsafe());
    for market in [BTC, ETH] {
        for side in [Side::Long, Side::Short] {
            let (mut holders, end) = Margin::holders(market, side, u32::MAX, None);
            holders.sort_unstable();
            let mut scanned: Vec<_> = Margin::all()
                .into_iter()
                .filter(|(_, account)| {
                    let lots = account.lots(market);
                    account.role == AccountRole::Trader
                        && lots.0 != 0
                        && Side::of(&lots.widen()) == side
                })
                .map(|(index, _)| index)
                .collect();
            scanned.sort_unstable();
            assert_eq!((holders, end), (scanned, None));
        }
    }
}

fn apply(step: &Step, coin: &mut i128) {
    let owner = |account: u8| [ALICE, BOB, CAROL][usize::from(account % 3)];
    let signed = |account: u8| RuntimeOrigin::signed(owner(account));
    match *step {
        // Whoever trades: what the exchange would refuse must not break the books either.
        Step::Trade {
            market: which,
            buyer,
            seller,
            lots,
            price,
        } if buyer != seller => {
            let market = market(which);
            trade(
                market,
                buyer.into(),
                seller.into(),
                lots,
                mark(market) * price / 1_000_000,
            );
        }
        Step::Trade { .. } => {}
        Step::Deposit { account, units } => {
            let _ = Margin::deposit(signed(account), account.into(), USD, units);
        }
        Step::Withdraw { account, units } => {
            let result = Margin::withdraw(signed(account), account.into(), USD, units);
            let health = Margin::health(account.into()).expect("one");
            assert!(result.is_err() || health.initial_health.0 >= 0);
        }
        Step::Pledge { account, lots } => {
            let _ = Margin::deposit(signed(account), account.into(), COIN, lots * 1_000);
        }
        Step::Unpledge { account, lots } => {
            let _ = Margin::withdraw(signed(account), account.into(), COIN, lots * 1_000);
        }
        Step::Move { market: which, ppm } => {
            let market = market(which);
            let moved = mark(market) + mark(market) * ppm / 1_000_000;
            set_mark(market, moved.clamp(ONE, 10_000 * ONE));
        }
        Step::Fund { market: which, ppm } => {
            let market = market(which);
            let step = mark(market) * ppm / 1_000_000;
            change(market, |_, prices| prices.funding.0 += step);
        }
        Step::Margin { market: which, ppm } => {
            let market = market(which);
            let mark = mark(market);
            change(market, |_, prices| {
                prices.maintenance[0].0 = mark * ppm / 1_000_000 + 1;
                prices.maintenance[1].0 = mark * ppm / 500_000 + 1;
            });
        }
        Step::Coin { ppm } => {
            *coin =
                (*coin + *coin * ppm / 1_000_000).clamp(1_000_000, 1_000_000_000_000_000_000_000);
            let price = u128::try_from(*coin).expect("positive");
            set_feed(price, FeedStatus::Live);
        }
        Step::TakeOver {
            market: which,
            account,
        } => take_over(market(which), account.into()),
        Step::Sell {
            market: which,
            account,
            lots,
        } => {
            let market = market(which);
            let inventory = Margin::inventory(market).expect("an inventory");
            let held = Margin::load(inventory).expect("one").lots(market);
            let lots = lots.min(held.0.unsigned_abs());
            if lots > 0 {
                let side = Side::of(&held.widen());
                at_mark(market, inventory, account.into(), side, lots);
            }
        }
        Step::Liquidate {
            market: which,
            account,
            other,
            lots,
            price,
        } if account != other => {
            let market = market(which);
            let price = mark(market) * price / 1_000_000;
            liquidate(market, account.into(), other.into(), lots, price);
        }
        Step::Liquidate { .. } => {}
        Step::Pots {
            backers,
            units,
            out,
        } => {
            let pot = match backers {
                true => Pot::Backers,
                false => Pot::Insurance,
            };
            Margin::receive(0, pot, &CAROL, units).expect("receives");
            let _ = frame_support::storage::with_storage_layer(|| {
                Margin::pay_out(0, pot, &BOB, Cash(out))
            });
        }
        Step::Block => {
            sweep_only();
            let short = scanned_unsafe();
            assert!(short.iter().all(|one| found_unsafe().contains(one)));
            check_engine();
            next_block();
            assert_eq!(found_unsafe(), scanned_unsafe());
            check_engine();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn index_should_find_exactly_the_unsafe_accounts(steps in prop::collection::vec(step(), 1..120)) {
        new_test_ext().execute_with(|| {
            for account in 0..6u8 {
                open([ALICE, BOB, CAROL][usize::from(account % 3)], account / 3, 20_000);
            }
            let mut coin = 1_000_000_000_000_000_000;
            let mut settled = true;
            for step in &steps {
                apply(step, &mut coin);
                // Prices that moved inside a block are seen at the start of the next.
                settled &= !matches!(
                    step,
                    Step::Move { .. } | Step::Fund { .. } | Step::Margin { .. } | Step::Coin { .. }
                );
                if matches!(step, Step::Block) {
                    settled = true;
                }
                if settled {
                    try_state::check::<Test>().expect("invariants");
                }
            }
            next_block();
            assert_eq!(found_unsafe(), scanned_unsafe());
            let total: i128 = Margin::all().iter().map(|(_, account)| {
                account.positions.iter().map(|one| i128::from(one.lots.0)).sum::<i128>()
            }).sum();
            assert_eq!(total, 0);
        });
    }
}

/// A resting order: buy or sell, limit in ticks, lots, and how much of it is filled.
type Order = (bool, u32, u64, u64);

fn sums(orders: &[Order]) -> OpenOrders {
    let mut open = OpenOrders::default();
    for &(buy, limit, lots, filled) in orders {
        let left = lots - filled;
        match (buy, left) {
            (_, 0) => {}
            (true, _) => {
                open.buy += left;
                open.highest_buy = open.highest_buy.max(limit);
            }
            (false, _) => {
                open.lowest_sell = match open.sell {
                    0 => limit,
                    _ => open.lowest_sell.min(limit),
                };
                open.sell += left;
            }
        }
    }
    open
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The argument of `primitives::trading::health`: whatever of its orders is filled, at their limits or better, an
    /// account whose initial health is not negative stays so.
    #[test]
    fn fills_should_not_make_initial_health_negative(
        lots in -3_000i64..3_000,
        entry in 5_000i128..15_000,
        stable in 7_000i128..13_000,
        spare in 0i128..3,
        clearing in 9_001u32..10_999,
        mut orders in prop::collection::vec((any::<bool>(), 9_001u32..10_999, 1u64..1_500, 0u64..1_500), 1..8),
    ) {
        new_test_ext().execute_with(|| {
            // The mark is ten thousand ticks.
            let tick = i128::from(contract().tick);
            change(BTC, |_, prices| prices.stable = LotPrice(stable * tick));
            let (contract, prices) = (
                TestMarkets::contract(BTC).expect("a market"),
                TestMarkets::prices(BTC).expect("prices"),
            );
            let mut account = Account::new(ALICE, 0, 0);
            if lots != 0 {
                let position = account.position_mut(BTC).expect("room");
                position.lots.0 = lots;
                position.cost.0 = i128::from(lots) * entry * tick;
            }
            let resting: Vec<_> = orders.iter().map(|order| (order.0, order.1, order.2, 0)).collect();
            prop_assert!(account.set_open(BTC, sums(&resting)));
            let health = |account: &Account<AccountId>| {
                crate::health::assess::<Test>(account, None).expect("adds up").initial_health
            };
            // Money to within a quantum or two of what is needed.
            account.collateral.0 = spare - health(&account).0;
            prop_assert_eq!(health(&account).0, spare);

            for order in &mut orders {
                let (buy, limit, size, filled) = *order;
                let takes_part = if buy { limit >= clearing } else { limit <= clearing };
                order.3 = if takes_part { filled.min(size) } else { 0 };
                if order.3 > 0 {
                    let fill = Fill {
                        market: BTC,
                        side: if buy { Side::Long } else { Side::Short },
                        lots: order.3,
                        price: contract.price(clearing),
                        kind: FillKind::Taker,
                    };
                    Margin::fill(&mut account, &contract, &prices, 0, &fill).expect("books");
                }
            }
            prop_assert!(account.set_open(BTC, sums(&orders)));
            prop_assert!(!health(&account).is_negative());
            Ok(())
        })?;
    }
}
