//! Every sequence of acts up to a depth, over the real pallets, with what must hold after each of them.
//!
//! ```text
//! a  no solvent account is liquidated; deleveraging changes nobody's equity; a haircut makes nobody unsafe
//! b  a deposit and a cancel succeed at every level
//! c  the books of both compartments balance, and every invariant of every pallet holds
//! d  a guardian loosens nothing
//! e  left alone, the waterfall comes to its end
//! f  the other compartment keeps every byte
//! ```
//!
//! The search goes forward in nested storage transactions and back by rolling them back. A state that was reached before at the same
//! depth, with the same bytes in all of storage but the events, is not searched again: nothing else could tell the two apart.
//! `CAISSON_DEPTH` is the number of acts.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        Account, AccountIndex, AccountRole, Cash, Level, Phase, Scope, Side, TradingAccounts,
    },
};
use codec::Encode;
use frame_support::assert_ok;
use pallet_circuit_breaker::terms::{GapCall, Terms as BreakerTerms};
use sp_io::{
    hashing::{blake2_128, twox_128},
    storage::{next_key, rollback_transaction, start_transaction},
};
use std::collections::{BTreeMap, HashSet};

use super::scene::*;
use crate::{mock::*, types::Terms, CurrentTerms, Event, UnsafeAccounts, Work};

/// Acts in a sequence, unless the environment says otherwise.
const DEPTH: u32 = 4;
/// How many blocks the waterfall may take to its end, when nothing else happens.
const PATIENCE: u32 = 40;
/// After so many blocks time passes in windows.
const QUICK: u32 = 10;

#[derive(Clone, Copy, Debug)]
enum Act {
    Quiet,
    /// The mark moves by so many parts per million.
    Mark(i128),
    /// The maker's quotes come or go.
    Quotes,
    /// The thin long gets twenty more.
    Deposit,
    /// The thin short takes out what it may.
    Withdraw,
    /// A guardian halts the market.
    Halt,
    /// No block for some time.
    Jump,
    /// The feed becomes stale, or live again.
    Stale,
}

const ACTS: [Act; 11] = [
    Act::Quiet,
    Act::Mark(-50_000),
    Act::Mark(-120_000),
    Act::Mark(-400_000),
    Act::Mark(120_000),
    Act::Quotes,
    Act::Deposit,
    Act::Withdraw,
    Act::Halt,
    Act::Jump,
    Act::Stale,
];

/// Who is there: a long and a short with hardly more than their margin, a maker, someone healthy.
struct World {
    long: Trader,
    short: Trader,
    maker: Trader,
    healthy: Trader,
    elsewhere: Vec<u8>,
}

impl World {
    fn new() -> Self {
        widen_bands();
        CurrentTerms::<Test>::put(Terms {
            max_attempts: 2,
            slice_at_least: wholes(100),
            unwind_depth_ppm: 500_000,
            unwind_band_ppm: 20_000,
            ..Terms::default()
        });
        let witness = (
            Trader::in_compartment(11, 1, 200),
            Trader::in_compartment(12, 1, 200),
        );
        trade_in(ELSEWHERE, witness.0, witness.1, 20, 100);
        place(12, witness.1.index, ELSEWHERE, Side::Long, 1, 95).expect("an order");
        endow(1, 10);
        endow(0, 12);
        assert_ok!(Insurance::back(signed(5), 0, 20 * UNITS));
        let world = Self {
            long: Trader::new(1, 62),
            short: Trader::new(2, 122),
            maker: Trader::new(3, 5_000),
            healthy: Trader::new(4, 500),
            elsewhere: Vec::new(),
        };
        // Who sold to the longs has left with a profit, so what they may lose is more than what others may win by it.
        let gone = Trader::new(6, 200);
        trade(world.long, gone, 10, 100);
        trade(world.healthy, gone, 4, 100);
        trade(gone, world.short, 8, 91);
        trade(gone, world.maker, 6, 91);
        breaker_terms();
        Self {
            elsewhere: compartment_bytes(1, &[ELSEWHERE]),
            ..world
        }
    }

    fn all(&self) -> [Trader; 4] {
        [self.long, self.short, self.maker, self.healthy]
    }
}

/// Short times, so that levels come down again within a few acts; and little money, so that little trips them.
fn breaker_terms() {
    let mut terms = BreakerTerms {
        long_call_blocks: 2,
        extension_blocks: 1,
        max_extension_ms: 5_000,
        stale_patience_ms: 2_000,
        upgrade_call_ms: 1_000,
        gaps: vec![GapCall {
            gap_ms: 10_000,
            call_ms: 2_000,
        }]
        .try_into()
        .expect("one"),
        ..BreakerTerms::default()
    };
    terms.pressure.least_notional = wholes(2_000);
    terms.withdrawals.gate_ms = 3_000;
    let cool = &mut terms.cool_downs;
    for cool_down in [
        &mut cool.price_band_ms,
        &mut cool.oracle_health_ms,
        &mut cool.block_gap_ms,
        &mut cool.liquidation_pressure_ms,
        &mut cool.insurance_drawdown_ms,
    ] {
        *cool_down = 2_000;
    }
    assert_ok!(CircuitBreaker::set_terms(
        RuntimeOrigin::root(),
        Box::new(terms)
    ));
}

/// How an account stands, by the definition: no code of margin is asked.
#[derive(Clone, Copy, Debug)]
struct Naive {
    money: i128,
    equity: i128,
    slack: i128,
    lots: i64,
    role: AccountRole,
}

fn naive(account: &Account<AccountId>) -> Naive {
    let mut stands = Naive {
        money: account.collateral.0,
        equity: account.collateral.0,
        slack: account.collateral.0,
        lots: 0,
        role: account.role,
    };
    for position in &account.positions {
        let (_, mark) = state_of(position.market);
        let lots = i128::from(position.lots.0);
        let worth = lots * mark - position.cost.0;
        stands.equity += worth;
        stands.slack += worth - lots.abs() * (mark * 30_000 / 1_000_000);
        stands.lots = position.lots.0;
    }
    stands
}

fn everyone() -> BTreeMap<AccountIndex, Naive> {
    pallet_margin::Accounts::<Test>::iter()
        .map(|(index, account)| (index, naive(&account)))
        .collect()
}

/// a: what the step of the engine did, against how everyone stood right before it.
fn check_step(before: &BTreeMap<AccountIndex, Naive>) {
    let after = everyone();
    let (mut cut_of, mut emptied) = (BTreeMap::<AccountIndex, i128>::new(), Vec::new());
    let mut lots_changed = Vec::new();
    let mut bought = BTreeMap::<AccountIndex, (i64, i128)>::new();
    for event in events() {
        match event {
            Event::OrderEntered { account, .. } | Event::OrderNotEntered { account, .. } => {
                assert!(
                    before[&account].slack < 0,
                    "{event:?} {:?}",
                    before[&account]
                );
            }
            Event::Bought {
                account,
                lots,
                price,
                ..
            } => {
                assert!(
                    before[&account].slack < 0,
                    "{event:?} {:?}",
                    before[&account]
                );
                let given = (price.0 - state_of(MARKET).1).abs() * i128::from(lots);
                bought.insert(account, (i64::try_from(lots).expect("few"), given));
            }
            Event::TakenOver { account, .. } => {
                assert!(
                    before[&account].slack < 0,
                    "{event:?} {:?}",
                    before[&account]
                );
                assert_eq!((after[&account].equity, after[&account].lots), (0, 0));
                emptied.push(account);
            }
            Event::Deleveraged { account, .. } => lots_changed.push(account),
            Event::ProfitCut { account, cut, .. } => *cut_of.entry(account).or_default() += cut.0,
            Event::CouldNotLiquidate { .. } | Event::FundFailed { .. } => panic!("{event:?}"),
            _ => {}
        }
    }
    let mut missing = 0;
    for (index, old) in before {
        let new = &after[index];
        match old.role {
            // What it owes, and what it may lose when its lots are closed at mark.
            AccountRole::Fund => {
                missing += (-old.money).max(0) + (old.money - old.equity).max(0);
            }
            _ if emptied.contains(index) => missing += (-old.equity).max(0),
            _ if bought.contains_key(index) => {
                // It gave way by no more than it had, and paid a penalty of no more than it had left.
                let (lots, given) = bought[index];
                assert_eq!(new.lots.abs(), old.lots.abs() - lots);
                assert!(new.equity <= old.equity - given);
                assert!(new.equity >= (old.equity - given).min(0), "{old:?} {new:?}");
                assert!(given <= old.equity.max(0), "{old:?} {new:?}");
            }
            _ => {
                let cut = cut_of.get(index).copied().unwrap_or_default();
                assert_eq!(new.equity, old.equity - cut, "{index}: {old:?} {new:?}");
                if lots_changed.contains(index) {
                    assert!(new.lots.abs() < old.lots.abs());
                } else {
                    assert_eq!(new.lots, old.lots);
                }
                if cut > 0 || lots_changed.contains(index) {
                    assert!(new.slack >= 0, "{index}: {old:?} {new:?}");
                }
            }
        }
    }
    assert!(
        cut_of.values().sum::<i128>() <= missing,
        "cuts of more than the deficit"
    );
}

/// A block with an act in it. `false` if the act can't be done here.
fn step(world: &World, act: Act) -> bool {
    let (phase, mark) = state_of(MARKET);
    match act {
        Act::Mark(ppm) if phase == Phase::Trading => {
            set_mark_to(MARKET, mark + mark * ppm / 1_000_000);
        }
        Act::Mark(_) => return false,
        Act::Jump => skip(30),
        Act::Stale => set_status(
            MARKET,
            match status_of(MARKET) {
                FeedStatus::Live => FeedStatus::Stale,
                _ => FeedStatus::Live,
            },
        ),
        _ => {}
    }
    seen_block(|| user_act(world, act))
}

fn seen_block(act: impl FnOnce() -> bool) -> bool {
    let before = std::cell::RefCell::new(BTreeMap::new());
    begin_block_seen(
        || *before.borrow_mut() = everyone(),
        || check_step(&before.borrow()),
    );
    let is_done = act();
    end_block();
    is_done
}

fn user_act(world: &World, act: Act) -> bool {
    match act {
        Act::Quotes => quotes(world.maker),
        Act::Deposit => {
            Margin::deposit(signed(world.long.user), world.long.index, USD, 20 * UNITS).is_ok()
        }
        Act::Withdraw => withdraw_all(world.short),
        Act::Halt => raise(Scope::Market(MARKET), Level::Halted),
        _ => true,
    }
}

/// Three lots on each side, one percent from the mark.
fn quotes(maker: Trader) -> bool {
    let account = Margin::load(maker.index).expect("an account");
    if account.orders > 0 {
        return Exchange::cancel_all(signed(maker.user), maker.index, None).is_ok();
    }
    let ticks = |ppm: i128| (state_of(MARKET).1 * ppm / 1_000_000 / TICK) as u32;
    let put = |side, ppm| place_at(maker.user, maker.index, MARKET, side, 3, ticks(ppm)).is_ok();
    let bid = put(Side::Long, 990_000);
    let ask = put(Side::Short, 1_010_000);
    bid || ask
}

fn withdraw_all(trader: Trader) -> bool {
    let Some(health) = pallet_margin::Pallet::<Test>::health(trader.index) else {
        return false;
    };
    let units = (health.withdrawable.0 / (ONE / UNITS as i128)) as u128;
    units > 0 && Margin::withdraw(signed(trader.user), trader.index, USD, units).is_ok()
}

fn raise(scope: Scope, level: Level) -> bool {
    CircuitBreaker::raise(signed(GUARDIAN), scope, level, Default::default()).is_ok()
}

/// Tries something and takes it back.
fn trying(what: impl FnOnce()) {
    start_transaction();
    what();
    rollback_transaction();
}

/// b, c, d, f.
fn check_state(world: &World) {
    check();
    for trader in world.all() {
        trying(|| {
            let who = signed(trader.user);
            assert_ok!(Margin::deposit(who.clone(), trader.index, USD, UNITS));
            assert_ok!(Exchange::cancel_all(who, trader.index, None));
        });
    }
    for scope in [Scope::Market(MARKET), Scope::Compartment(0), Scope::Chain] {
        for level in Level::ALL {
            trying(|| {
                let before = CircuitBreaker::level(MARKET);
                let is_raised = raise(scope, level);
                let after = CircuitBreaker::level(MARKET);
                assert!(after >= before, "{scope:?} {level:?}: {before:?} {after:?}");
                assert!(!is_raised || after >= level);
                let guardian = signed(GUARDIAN);
                assert!(CircuitBreaker::lower(guardian, scope, level).is_err());
            });
        }
    }
    assert_eq!(compartment_bytes(1, &[ELSEWHERE]), world.elsewhere);
}

/// e: from here on nothing happens but blocks, on live prices.
fn check_end(world: &World) -> u32 {
    let mut taken = 0;
    trying(|| {
        set_status(MARKET, FeedStatus::Live);
        while !is_at_end() {
            assert!(taken < PATIENCE, "no end: {:?}", Work::<Test>::get(MARKET));
            assert!(seen_block(|| true));
            taken += 1;
            // What is left by then waits for the windows of the fund (SPEC 6.5): a day has four.
            if taken > QUICK {
                skip(6 * 3_600);
            }
        }
        check();
        assert_eq!(compartment_bytes(1, &[ELSEWHERE]), world.elsewhere);
    });
    taken
}

/// No account is unsafe, and no deficit is open but one that was shared as far as profits went.
fn is_at_end() -> bool {
    let is_paid = match Work::<Test>::get(MARKET) {
        None => true,
        Some(work) => work.deficit == Cash(0) || state_of(MARKET).0 == Phase::Settled,
    };
    let no_one = everyone()
        .values()
        .all(|one| one.role == AccountRole::Fund || one.slack >= 0);
    is_paid && no_one && UnsafeAccounts::<Test>::get() == 0
}

/// A hash of all of storage but what the system pallet keeps of a block.
fn fingerprint() -> [u8; 16] {
    let system = twox_128(b"System");
    let accounts = twox_128(b"Account");
    let mut all = Vec::with_capacity(1 << 14);
    let mut key = Vec::new();
    while let Some(next) = next_key(&key) {
        let is_of_block = next.starts_with(&system) && !next[16..].starts_with(&accounts);
        if !is_of_block {
            next.encode_to(&mut all);
            sp_io::storage::get(&next).encode_to(&mut all);
        }
        key = next;
    }
    blake2_128(&all)
}

#[derive(Default, Debug)]
struct Search {
    states: u64,
    transitions: u64,
    repeated: u64,
    ends: u64,
    longest_end: u32,
    given_up: u64,
    did: BTreeMap<&'static str, u64>,
    seen: HashSet<(u32, [u8; 16])>,
    path: Vec<Act>,
}

impl Search {
    fn go(&mut self, world: &World, left: u32) {
        for act in ACTS {
            self.path.push(act);
            start_transaction();
            if step(world, act) {
                self.transitions += 1;
                self.visit(world, left - 1);
            }
            rollback_transaction();
            self.path.pop();
        }
    }

    fn visit(&mut self, world: &World, left: u32) {
        for event in events() {
            *self.did.entry(name(&event)).or_default() += 1;
        }
        let print = fingerprint();
        if !self.seen.insert((left, print)) {
            self.repeated += 1;
            return;
        }
        self.states += 1;
        self.given_up += u64::from(state_of(MARKET).0 != Phase::Trading);
        check_state(world);
        // Of the last states one in eight: each takes many blocks.
        if left > 0 || print[0].is_multiple_of(8) {
            self.longest_end = self.longest_end.max(check_end(world));
            self.ends += 1;
        }
        if left > 0 {
            self.go(world, left);
        }
    }
}

/// What an event says was done.
fn name(event: &Event<Test>) -> &'static str {
    match event {
        Event::OrderEntered { .. } => "orders entered",
        Event::OrderNotEntered { .. } => "orders not entered",
        Event::Bought { .. } => "bought by the fund",
        Event::Restored { .. } => "restored",
        Event::TakenOver { .. } => "taken over",
        Event::Unwinding { .. } => "slices unwound",
        Event::Deleveraged { .. } => "deleveraged",
        Event::ProfitCut { .. } => "profits cut",
        Event::DeficitChanged { .. } => "deficits changed",
        Event::GivenUp { .. } => "markets given up",
        _ => "other",
    }
}

/// All that must have happened, or the search says little.
const DONE: [&str; 10] = [
    "orders entered",
    "orders not entered",
    "bought by the fund",
    "restored",
    "taken over",
    "slices unwound",
    "deleveraged",
    "profits cut",
    "deficits changed",
    "markets given up",
];

/// Says by which acts a check was reached that failed.
struct Report<'a>(&'a mut Search);

impl Drop for Report<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("after {:?}", self.0.path);
        }
    }
}

#[test]
fn every_sequence_of_acts_should_keep_the_promises() {
    let depth = std::env::var("CAISSON_DEPTH")
        .ok()
        .and_then(|depth| depth.parse().ok())
        .unwrap_or(DEPTH);
    let mut search = Search::default();
    new_test_ext().execute_with(|| {
        let world = World::new();
        check_state(&world);
        let report = Report(&mut search);
        report.0.go(&world, depth);
    });
    println!(
        "waterfall: depth {depth}, {} states, {} transitions ({} to states seen before), {} with the market given up; \
         {} led to their end, in at most {} blocks; {:?}",
        search.states,
        search.transitions,
        search.repeated,
        search.given_up,
        search.ends,
        search.longest_end,
        search.did,
    );
    if depth >= DEPTH {
        for done in DONE {
            assert!(search.did.contains_key(done), "never {done}");
        }
    }
}
