//! What broke other venues when somebody traded against the rules of the house: pumped spot, split bets, profit taken out,
//! self-trades, swept and spoofed books. Each test is one incident, on the real runtime.

use std::cell::{Cell, RefCell};

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        Cash, ForcedOrders as _, InsuranceFunds as _, Level, MarketId, Markets as _, OrderRequest,
        Scope, Side, Ticks, TimeInForce, TradingAccounts as _,
    },
    Moment,
};
use caisson_runtime::{Exchange, Insurance, Margin, Markets, Runtime, RuntimeEvent};
use frame_support::assert_ok;
use pallet_circuit_breaker::{machine::Cause, Event as Breaker};
use pallet_exchange::Event as Exchanged;
use pallet_insurance::Event as Insured;
use pallet_liquidation::Event as Liquidated;
use pallet_margin::Event as Booked;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    native,
    stage::{
        cancel_all, deposit, immediate, order, place, withdraw_units, withdrawable, Actor, Stage,
        Worth, BTC_PERP, ETH, ETH_PERP, ETH_PERP_B, QUANTA, UNITS,
    },
};

/// Runs a block in which bystanders do nothing, and checks that what they are worth changed by what prices did to their
/// positions and by cuts that an event names: not by a quantum more. Returns the cuts.
fn watched(stage: &mut Stage, bystanders: &[&Actor], acts: impl FnOnce()) -> i128 {
    let load = |actor: &&Actor| Margin::load(actor.account).expect("an account");
    let records: Vec<_> = stage.chain.run(|| bystanders.iter().map(load).collect());
    stage.block(acts);
    let events = stage.chain.events();
    stage.chain.run(|| {
        let mut cuts = 0;
        for (actor, record) in bystanders.iter().zip(records) {
            let cut: i128 =
                events
                    .iter()
                    .map(|event| match event {
                        RuntimeEvent::Liquidation(Liquidated::ProfitCut {
                            account, cut, ..
                        }) if *account == actor.account => cut.0,
                        _ => 0,
                    })
                    .sum();
            let (then, now) = (Worth::of(&record), Worth::of(&load(actor)));
            assert_eq!(now.equity, then.equity - cut, "{actor:?}");
            cuts += cut;
        }
        cuts
    })
}

/// The most that the insurance fund may have paid for a market of the first compartment: the largest allowance of a window that
/// there was, and as much again for each window that passes, since it is a leaky bucket.
struct Allowance {
    market: MarketId,
    since: Moment,
    largest: Cell<i128>,
}

impl Allowance {
    fn new(stage: &mut Stage, market: MarketId) -> Self {
        let since = stage.chain.next_time();
        let largest = Cell::new(stage.allowance(0, market));
        Self {
            market,
            since,
            largest,
        }
    }

    /// After each block: income of the block may have raised it.
    fn note(&self, stage: &mut Stage) {
        self.largest
            .set(self.largest.get().max(stage.allowance(0, self.market)));
    }

    fn most(&self, stage: &Stage) -> i128 {
        let window = i128::from(stage.chain.next_time() - self.since);
        self.largest.get() + self.largest.get() * window / (6 * 3_600_000)
    }
}

/// What the insurance fund itself paid for a market, apart from its backers and the treasury.
fn paid_by_fund(events: &[RuntimeEvent], wanted: MarketId) -> i128 {
    let pick = |event: &RuntimeEvent| match event {
        RuntimeEvent::Insurance(Insured::LossCovered {
            market, insurance, ..
        }) if *market == wanted => Some(insurance.0),
        _ => None,
    };
    events.iter().filter_map(pick).sum()
}

/// Blocks until nobody is unsafe and no deficit is open in a market. Says how many.
fn settle_down(stage: &mut Stage, market: MarketId, mut block: impl FnMut(&mut Stage)) -> u32 {
    for blocks in 0..300 {
        if stage.unsafe_accounts() == 0 && stage.deficit(market) == 0 {
            return blocks;
        }
        block(stage);
    }
    panic!("it does not end");
}

/// Quanta in wholes, for reading.
fn wholes(quanta: i128) -> f64 {
    quanta as f64 / QUANTA as f64
}

/// That a call was refused for a reason.
fn assert_refused(result: DispatchResult, error: impl Into<DispatchError>) {
    assert_eq!(
        result.map_err(DispatchError::stripped),
        Err(error.into().stripped())
    );
}

/// Accounts of `market` that a block of events took over, with the equity of each.
fn taken_over(events: &[RuntimeEvent]) -> Vec<(u64, i128)> {
    let pick = |event: &RuntimeEvent| match event {
        RuntimeEvent::Liquidation(Liquidated::TakenOver {
            account, equity, ..
        }) => Some((u64::from(*account), equity.0)),
        _ => None,
    };
    events.iter().filter_map(pick).collect()
}

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

/// Mango, October 2022: a long against one's own short, thin spot driven to twenty times its price, and the paper profit
/// borrowed out. Here paper profit doesn't leave, and the short is closed in the block in which it can't pay any more. What
/// both accounts get out is what they brought and what others paid for the short: at most the fund's allowance for one market,
/// and cuts on profits that others had by the same pump.
#[test]
fn attacker_should_get_out_what_came_in_and_no_more_than_an_allowance_when_spot_is_pumped_twentyfold(
) {
    const DEPOSIT: u128 = 150_000;
    const CALM: i128 = 250_000 * QUANTA;
    // Alone in the market, and with a long and a short of others in it.
    for crowd in [false, true] {
        let mut stage = Stage::new();
        stage.fund(0, 100_000);
        let (calm, rich) = (
            stage.trader("calm", 0, 250_000),
            stage.trader("rich", 0, 10_000_000),
        );
        let (long, short) = (
            stage.trader("long", 0, DEPOSIT),
            stage.trader("short", 0, DEPOSIT),
        );
        let bystanders = [&calm, &rich];
        if crowd {
            stage.trade(&calm, &rich, ETH_PERP, 100_000);
        }
        stage.trade(&long, &short, ETH_PERP, 1_000_000);
        stage.events.clear();

        // In every block both take out all that may leave, and try for a unit more.
        let allowance = Allowance::new(&mut stage, ETH_PERP);
        let (withdrawals, cuts) = (RefCell::new(Vec::new()), Cell::new(0));
        let custody = stage.money(0).0.unsigned_abs() / UNITS;
        let per_hour = (custody / 100).max(100_000 * UNITS) * 11 / 10;
        let began = stage.chain.next_time();
        let grab = |stage: &mut Stage| {
            let acts = || {
                for one in [&long, &short] {
                    let most = withdrawable(one);
                    assert!(withdraw_units(one, most + 1).is_err());
                    if most > 0 && withdraw_units(one, most).is_ok() {
                        let account = Margin::load(one.account).expect("an account");
                        let is_live =
                            Markets::prices(ETH_PERP).expect("prices").status == FeedStatus::Live;
                        assert!(
                            is_live || account.lots(ETH_PERP).0 == 0,
                            "on a guarded price"
                        );
                        withdrawals.borrow_mut().push(most);
                    }
                }
            };
            cuts.set(cuts.get() + watched(stage, &bystanders, acts));
            allowance.note(stage);
            // The buckets of the compartment: in an hour a hundredth of it, a tenth of that beside the queue.
            let out = stage.wallet(&long) + stage.wallet(&short) - 2 * DEPOSIT * UNITS;
            let ms = u128::from(stage.chain.next_time() - began);
            assert!(
                out <= per_hour + per_hour * ms / 3_600_000,
                "{out} after {ms} ms"
            );
        };
        let pump = stage.drive(ETH, 50_000, grab);
        let early = withdrawals.borrow().iter().sum::<u128>() / UNITS;
        let top = (
            stage.equity(&long),
            stage.lots(&long, ETH_PERP),
            stage.withdrawable(&long) / UNITS,
        );
        // The price stays up for four hours, so that gates and buckets let out what they ever will.
        let mut within_an_hour = 0;
        for block in 0..1_600 {
            stage.chain.skip_slots(8);
            grab(&mut stage);
            if block == 800 {
                within_an_hour = stage.wallet(&long) - DEPOSIT * UNITS;
            }
        }
        stage.drive(ETH, 2_500, grab);
        settle_down(&mut stage, ETH_PERP, grab);
        grab(&mut stage);

        let (wallets, waiting) = (stage.wallet(&long) + stage.wallet(&short), stage.queued(0));
        let left = stage.withdrawable(&long) + stage.withdrawable(&short);
        let gain = i128::try_from(wallets + waiting + left).expect("money") * 1_000_000
            - i128::try_from(4 * DEPOSIT).expect("money") * QUANTA;
        let (totals, cut, allowed) = (stage.totals(ETH_PERP), cuts.get(), allowance.most(&stage));
        let paid = paid_by_fund(&stage.events, ETH_PERP);
        println!(
            "pump of {pump} blocks, others there: {crowd}; {early} withdrawn meanwhile; the long has {:?} (equity, lots, withdrawable) at the top; {} withdrawals, the \
             largest {:?}, {:.2} in the first two hours; gain {:.2}",
            top, withdrawals.borrow().len(), withdrawals.borrow().iter().max().map(|most| most / UNITS),
            within_an_hour as f64 / UNITS as f64, wholes(gain),
        );
        println!(
            "  the fund paid {:.2} of {:.2} allowed, {:.2} are covered, others were cut {:.2}; {totals:?}; calm {:.2}, rich {:.2}",
            wholes(paid), wholes(allowed), wholes(totals.covered.0), wholes(cut),
            wholes(stage.equity_quanta(&calm) - CALM), wholes(stage.equity_quanta(&rich) - 40 * CALM),
        );
        assert_eq!(
            taken_over(&stage.events).first().map(|one| one.0),
            Some(u64::from(short.account))
        );
        assert!(paid <= allowed);
        assert!(
            gain <= totals.covered.0 + cut,
            "no more than what others paid for the short"
        );
        assert!(gain <= allowed);
        let income = stage.chain.run(|| {
            pallet_insurance::Records::<Runtime>::get(0, ETH_PERP)
                .income
                .0
        });
        println!("  the fund took in {:.2}", wholes(income));
        assert!(
            crowd || gain <= totals.covered.0 - income,
            "alone, it pays with what the short left behind"
        );
        assert_eq!(stage.deficit(ETH_PERP), 0);
        let fee = if crowd { 125 * QUANTA } else { 0 };
        assert!(
            stage.equity_quanta(&calm) >= CALM - fee - cut,
            "by nothing but the cut"
        );
    }
}

/// So many lots of a bet in 100 steps against a maker, by one wallet or by a hundred that bring the least they can. Returns the
/// wallets, the initial margin of a lot in each step, and what was brought in wholes.
fn bet(
    stage: &mut Stage,
    maker: &Actor,
    wallets: &[Option<Actor>],
) -> (Vec<Actor>, Vec<i128>, u128) {
    const STEP: u64 = 10_000;
    let (mut longs, mut margins, mut brought) = (Vec::<Actor>::new(), Vec::new(), 0);
    for step in 0..100usize {
        stage.blocks(1);
        let prices = stage.prices(ETH_PERP);
        margins.push(prices.initial[0].0);
        let lacks = match wallets.get(step) {
            // One that is there already: it adds.
            None => false,
            Some(owner) => {
                let each = prices.initial[0].0 + prices.fee_reserve.0;
                let need = (each * i128::from(STEP))
                    .unsigned_abs()
                    .div_ceil(QUANTA.unsigned_abs());
                let need = if wallets.len() == 1 { 3_000_000 } else { need };
                brought += need;
                let sub = u8::try_from(step).expect("few");
                longs.push(match owner {
                    Some(owner) => stage.subaccount(owner, 0, sub, need - 1),
                    None => stage.trader(&format!("wallet//{step}"), 0, need - 1),
                });
                wallets.len() > 1
            }
        };
        let (long, mark) = (
            longs.last().expect("a wallet").clone(),
            stage.mark(ETH_PERP),
        );
        stage.block(|| {
            let buy = || place(&long, ETH_PERP, Side::Long, STEP, mark);
            if lacks {
                let error = pallet_exchange::Error::<Runtime>::NotEnoughMargin;
                assert_refused(buy(), error);
                assert_ok!(deposit(&long, 1));
            }
            assert_ok!(buy());
            assert_ok!(place(maker, ETH_PERP, Side::Short, STEP, mark));
        });
    }
    stage.blocks(1);
    (longs, margins, brought)
}

/// YFI on dYdX v3, November 2023: a hundred wallets, one bet, and a fall that took nine million from the one fund of all
/// markets. Here a lot of open interest asks the same margin whoever takes it, all of its value at the cap, and the loss stays
/// with that market's allowance and the profits made against the bet.
#[test]
fn bet_should_meet_full_margin_at_the_cap_when_it_is_split_over_a_hundred_wallets() {
    const CAP: u64 = 1_000_000;
    const FUND: u128 = 100_000;
    let mut curves = Vec::new();
    for count in [1, 100usize] {
        let mut stage = Stage::new();
        stage.fund(0, FUND);
        stage.limit_open_interest(ETH_PERP, 200_000, CAP);
        let maker = stage.trader("maker", 0, 6_000_000);
        let (other, another) = (
            stage.trader("other", 0, 10_000),
            stage.trader("another", 0, 10_000),
        );
        let (a, b) = (stage.trader("a", 1, 50_000), stage.trader("b", 1, 50_000));
        stage.trade(&other, &another, BTC_PERP, 10_000);
        stage.trade(&a, &b, ETH_PERP_B, 10_000);
        // As many accounts of one owner as one may have, and one of each of the others.
        let owner = stage.trader("owner", 0, 100);
        let mut wallets = vec![None; count];
        for wallet in wallets.iter_mut().take(32).skip(1) {
            *wallet = Some(owner.clone());
        }
        let (longs, margins, brought) = bet(&mut stage, &maker, &wallets);
        let prices = stage.prices(ETH_PERP);
        assert_eq!(
            (stage.open_interest(ETH_PERP), prices.open_interest),
            (CAP, CAP)
        );
        assert_eq!(
            prices.initial[0], prices.mark,
            "all of the notional at the cap"
        );
        let mark = stage.mark(ETH_PERP);
        stage.block(|| {
            let error = pallet_exchange::Error::<Runtime>::OpenInterestCap;
            assert_refused(place(&other, ETH_PERP, Side::Long, 10, mark), error);
        });

        stage.events.clear();
        let (elsewhere, fund) = (stage.compartment(1), stage.insurance(0));
        let (worth, had) = (stage.equity_quanta(&other), stage.equity_quanta(&maker));
        let bystanders = [&maker, &other, &another];
        let (cuts, allowance) = (Cell::new(0), Allowance::new(&mut stage, ETH_PERP));
        let block = |stage: &mut Stage| {
            cuts.set(cuts.get() + watched(stage, &bystanders, || {}));
            allowance.note(stage);
        };
        stage.drive(ETH, 1_500, block);
        let blocks = settle_down(&mut stage, ETH_PERP, block);
        let (totals, cut, allowed) = (stage.totals(ETH_PERP), cuts.get(), allowance.most(&stage));
        let paid = paid_by_fund(&stage.events, ETH_PERP);
        let fell = taken_over(&stage.events).len();
        let held = stage.inventory(ETH_PERP);
        println!(
            "{count} wallets brought {brought} for {} lots; margin of a lot {:.4} to {:.4}, at the cap {:.4}; {fell} failed, over \
             {blocks} blocks after the fall",
            CAP, wholes(margins[0]), wholes(margins[99]), wholes(prices.initial[0].0),
        );
        println!(
            "  losses {:.2}, covered {:.2}, {:.2} of it by the fund, {:.2} allowed, fund {:.2} -> {:.2} (holds {held}), cut from the maker {:.2} of a gain of {:.2}",
            wholes(totals.losses.0), wholes(totals.covered.0), wholes(paid), wholes(allowed), wholes(fund),
            wholes(stage.insurance(0)), wholes(cut), wholes(stage.equity_quanta(&maker) - had),
        );
        assert!(paid <= allowed);
        assert!(stage.insurance(0) >= fund - allowed);
        assert_eq!(cut, totals.haircuts.0, "nobody but who won by it");
        assert!(stage.equity_quanta(&maker) > had, "the winner keeps a gain");
        assert_eq!(stage.equity_quanta(&other), worth);
        assert!(
            stage.compartment(1) == elsewhere,
            "the other compartment is as it was"
        );
        assert_eq!(fell > 0, count > 1);
        assert!(longs.iter().all(|long| !stage.is_unsafe(long)));
        curves.push(margins);
    }
    assert_eq!(
        curves[0], curves[1],
        "the same for each lot, however the bet is split"
    );
}

/// The ETH whale, March 2025: took the profit of a large long out until it was liquidated, and left the position to the venue.
/// Here what stays is the transfer margin, a tenth of the notional, and at least the initial margin; so the price must still
/// fall by what is between that and maintenance.
#[test]
fn withdrawal_should_leave_the_transfer_margin_when_profit_is_taken_out() {
    use pallet_margin::Error;
    let mut stage = Stage::new();
    let maker = stage.trader("maker", 0, 2_000_000);
    let (whale, flat) = (
        stage.trader("whale", 0, 50_000),
        stage.trader("flat", 0, 50_000),
    );
    stage.trade(&whale, &maker, ETH_PERP, 100_000);
    stage.trade(&flat, &maker, ETH_PERP, 100_000);
    stage.events.clear();
    // Without a profit: to the unit.
    let most = stage.withdrawable(&flat);
    stage.block(|| {
        assert_refused(
            withdraw_units(&flat, most + 1),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_ok!(withdraw_units(&flat, most));
    });
    let tenth = i128::from(100_000) * stage.prices(ETH_PERP).mark.0 / 10;
    let left = stage.equity_quanta(&flat);
    println!(
        "flat took {:.2}, left {:.6}, a tenth is {:.6}",
        most as f64 / UNITS as f64,
        wholes(left),
        wholes(tenth)
    );
    assert!((tenth..tenth + 1_000_000).contains(&left));

    // With one.
    stage.drive(ETH, 2_625, |stage| stage.blocks(1));
    let health = |stage: &mut Stage| {
        stage
            .chain
            .run(|| Margin::health(whale.account).expect("an account"))
    };
    let before = health(&mut stage);
    let units = |quanta: i128| quanta.unsigned_abs().div_ceil(UNITS);
    // Between initial margin and the transfer margin: initial margin alone would allow it.
    let down_to = before.equity.0 - before.notional.0 * 7 / 100;
    assert!(before.initial.0 < before.notional.0 * 7 / 100);
    let (money, taken) = (before.account.collateral.0, Cell::new(0));
    stage.block(|| {
        let most = withdrawable(&whale);
        let leave = |account, leverage| {
            native::dispatch(
                &whale.id,
                pallet_margin::Call::<Runtime>::set_leverage { account, leverage },
            )
        };
        assert_refused(
            withdraw_units(&whale, units(money) + 1),
            Error::<Runtime>::NotEnoughCollateral,
        );
        assert_refused(
            withdraw_units(&whale, units(down_to)),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_refused(
            withdraw_units(&whale, most + 1),
            Error::<Runtime>::NotEnoughMargin,
        );
        // With initial margin above a tenth, that is what must stay.
        assert_ok!(leave(whale.account, 7));
        let less = withdrawable(&whale);
        assert!(less < most);
        assert_refused(
            withdraw_units(&whale, less + 1),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_refused(
            withdraw_units(&whale, most),
            Error::<Runtime>::NotEnoughMargin,
        );
        assert_ok!(leave(whale.account, 0));
        assert_ok!(withdraw_units(&whale, most));
        assert_refused(withdraw_units(&whale, 1), Error::<Runtime>::NotEnoughMargin);
        taken.set(most);
    });
    let after = health(&mut stage);
    println!(
        "whale: money {:.2}, equity {:.2} of a notional of {:.2}; took {:.2}, left {:.2}, {} ppm of it; liquidated at {:?}",
        wholes(money), wholes(before.equity.0), wholes(before.notional.0), taken.get() as f64 / UNITS as f64,
        wholes(after.equity.0),
        after.equity.0 * 1_000_000 / after.notional.0, after.positions[0].liquidation_price,
    );
    assert!(after.equity.0 * 10 >= after.notional.0);

    // From a tenth to 3.2 % is 6.8 %: whoever took all he could stands a fall of that, and not much more.
    let mut fall = |wholes| {
        stage.drive(ETH, wholes, |stage| stage.blocks(1));
        (stage.is_unsafe(&whale), stage.is_unsafe(&flat))
    };
    assert_eq!(fall(2_625 * (1_000 - 67) / 1_000), (false, false));
    assert_eq!(
        fall(2_325),
        (false, false),
        "7.00 % under what flat has it for"
    );
    assert_eq!(fall(2_324), (false, true), "7.04 %");
    let unsafe_ones = stage.find(|event| match event {
        RuntimeEvent::Margin(Booked::BecameUnsafe { account, .. }) => Some(*account),
        _ => None,
    });
    assert_eq!(unsafe_ones, [flat.account]);
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

/// XPL, August 2025: a thin book swept to more than three times the price elsewhere, the mark went with it, and shorts were
/// liquidated at what the sweeper asked. Here a sweep makes the call longer instead of clearing far away; if it lasts, the mark
/// stays near the index, and shorts stay.
#[test]
fn shorts_should_stay_when_a_thin_book_is_swept() {
    let mut stage = Stage::new();
    let maker = stage.trader("maker", 0, 1_000_000);
    let (sweeper, accomplice) = (
        stage.trader("sweeper", 0, 500_000),
        stage.trader("accomplice", 0, 500_000),
    );
    let shorts: Vec<Actor> = (0..5)
        .map(|number| stage.trader(&format!("short//{number}"), 0, 1_500))
        .collect();
    // Some seventeen times their money: a mark 2.8 % higher liquidates them.
    for short in &shorts {
        stage.trade(&maker, short, ETH_PERP, 10_000);
    }
    let at = |ppm: i64| Ticks::try_from(250_000 + 250_000 * ppm / 1_000_000).expect("a price");
    let thin = |lots| {
        for step in 1..=9 {
            assert_ok!(place(
                &maker,
                ETH_PERP,
                Side::Short,
                lots,
                at(step * 10_000)
            ));
        }
    };
    stage.block(|| thin(500));
    stage.events.clear();

    // One sweep. Sellers see the call, which goes on, and come in.
    stage.block(|| {
        assert_ok!(order(
            &sweeper,
            ETH_PERP,
            immediate(Side::Long, 4_500, at(95_000), false)
        ));
    });
    let extended = |stage: &Stage| {
        stage.find(|event| match event {
            RuntimeEvent::Exchange(Exchanged::CallExtended {
                market: ETH_PERP,
                price,
                lots,
                ..
            }) => Some((price.0, *lots)),
            _ => None,
        })
    };
    let cleared = |stage: &Stage| {
        stage.find(|event| match event {
            RuntimeEvent::Exchange(Exchanged::Cleared {
                market: ETH_PERP,
                price,
                lots,
                ..
            }) => Some((price.0, *lots)),
            _ => None,
        })
    };
    let index = stage.prices(ETH_PERP).index.0;
    assert_eq!(extended(&stage), [(index * 109 / 100, 4_500)]);
    assert_eq!(cleared(&stage), []);
    assert_eq!(stage.level(ETH_PERP), Level::LongCalls);
    stage.block(|| {
        assert_ok!(place(&maker, ETH_PERP, Side::Short, 5_000, at(4_000)));
    });
    let waited = stage.until(200, |stage| !cleared(stage).is_empty());
    let first = cleared(&stage);
    println!("a sweep to +9 %: extended at {:?}, then {waited} blocks later cleared at {first:?}, index {index}", extended(&stage));
    assert_eq!(first, [(index * 1_004 / 1_000, 4_500)], "where others sell");

    // It goes on for twenty minutes, against the last of the book and an own account, with quotes far away.
    stage.events.clear();
    stage.block(|| {
        assert_ok!(cancel_all(&maker, ETH_PERP));
    });
    let highest = Cell::new(0);
    for second in 0..1_200u32 {
        stage.block(|| {
            if second % 20 == 0 {
                let _ = cancel_all(&sweeper, ETH_PERP);
                let _ = cancel_all(&accomplice, ETH_PERP);
                // What trades, and what only shows.
                let _ = place(&sweeper, ETH_PERP, Side::Long, 300, at(90_000));
                let _ = place(&accomplice, ETH_PERP, Side::Short, 200, at(90_000));
                let _ = place(&accomplice, ETH_PERP, Side::Short, 500, at(92_000));
            }
        });
        let prices = stage.prices(ETH_PERP);
        highest.set(highest.get().max(prices.mark.0));
        assert!(prices.mark.0 <= index + index / 20, "the band");
        assert!(prices.mark.0 <= index + index / 50, "the cap of the basis");
    }
    let through = stage.find(|event| match event {
        RuntimeEvent::CircuitBreaker(Breaker::LetThrough {
            market: ETH_PERP,
            price,
            ..
        }) => Some(price.0),
        _ => None,
    });
    println!(
        "twenty minutes of it: {} extensions, {} clearings, {} let through at {through:?}; the highest mark is {} ppm of the index",
        extended(&stage).len(), cleared(&stage).len(), through.len(), highest.get() * 1_000_000 / index,
    );
    assert!(extended(&stage).len() >= 10);
    assert!(
        stage
            .find(|event| match event {
                RuntimeEvent::CircuitBreaker(Breaker::Raised {
                    scope,
                    cause: Cause::PriceBand,
                    ..
                }) => {
                    (*scope == Scope::Market(ETH_PERP)).then_some(())
                }
                _ => None,
            })
            .len()
            <= 3,
        "it is renewed, not raised again"
    );
    assert!(highest.get() > index, "the sweeper does move it a little");
    assert!(shorts.iter().all(|short| !stage.is_unsafe(short)));
    assert!(shorts
        .iter()
        .all(|short| stage.lots(short, ETH_PERP) == -10_000));
    assert_eq!(stage.unsafe_accounts(), 0);
}

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
        let request = OrderRequest {
            time_in_force: TimeInForce::GoodTillCancelled,
            ..immediate(Side::Long, 200_000, price, true)
        };
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
