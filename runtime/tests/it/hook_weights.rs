//! No hook returns less weight than it uses: blocks of every kind on the compiled runtime, what their hooks take, read and
//! write against what they claim.
//!
//! Everything is measured beyond a block in which the same hooks had nothing to do, on a chain without markets or, for the
//! oracle, on the same chain. Time is taken in transfers of the same run and counted as their weight says, so the figures
//! hold on other machines. Each key that is read or written costs what the runtime's database weights say.
//!
//! Run it with `--nocapture` to see the figures.

use std::{collections::BTreeSet, time::Duration};

use caisson_primitives::trading::{Direction, MarketId, OrderRequest, Side, MAX_POSITIONS};
use caisson_runtime::{
    configs::{MAX_MARKETS, MAX_VALIDATORS, SETTLEMENT_ASSET},
    Exchange, Runtime, System,
};
use frame_support::weights::Weight;

use crate::{
    chain::{Chain, Dissection, Phase},
    native,
    oracle_cost::{quiet_chain, time_of_transfer, weight_of_transfer, with_feeds, with_reports},
    safety_cost::{donate, hold},
    trading::{
        chain_of, mark_ticks, open_chain, place, set_prices, traders, Trader, BTC_PERP, ONE, UNITS,
    },
};

/// How often each block is timed. The least time counts: what else runs on the machine only ever adds.
const RUNS: usize = 5;
const PRICE: u128 = 60_000 * ONE;

/// What a time is worth: a transfer of this run, and its weight without the database.
struct Yardstick {
    transfer: Duration,
    weight: u64,
}

impl Yardstick {
    fn measure() -> Self {
        // On a chain of its own: while transfers are timed nobody reports prices, and the breaker would tighten.
        let mut chain = open_chain(PRICE);
        Self {
            transfer: time_of_transfer(&mut chain),
            weight: weight_of_transfer(),
        }
    }

    /// A time in picoseconds of weight.
    fn weight_of(&self, time: Duration) -> u64 {
        (time.as_secs_f64() / self.transfer.as_secs_f64() * self.weight as f64) as u64
    }
}

/// The keys that hooks answer for: not what every block touches, which its base weight is for.
fn counted<'a>(
    keys: &'a BTreeSet<Vec<u8>>,
    without: &'a BTreeSet<Vec<u8>>,
) -> impl Iterator<Item = &'a Vec<u8>> {
    let system = sp_io::hashing::twox_128(b"System");
    let accounts = [system, sp_io::hashing::twox_128(b"Account")].concat();
    keys.difference(without).filter(move |key| {
        let is_base = key.starts_with(&system) && !key.starts_with(&accounts);
        !is_base && !key.starts_with(b":")
    })
}

/// What a phase used and claimed beyond one with nothing to do.
struct Balance {
    micros: f64,
    reads: u64,
    writes: u64,
    used: u64,
    claimed: u64,
}

impl Balance {
    fn of(phase: &Phase, idle: &Phase, claimed: Weight, yardstick: &Yardstick) -> Self {
        let took = phase.took.saturating_sub(idle.took);
        let reads = counted(&phase.read, &idle.read).count() as u64;
        let writes = counted(&phase.written, &idle.written).count() as u64;
        let database = <Runtime as frame_system::Config>::DbWeight::get();
        let storage = database.reads_writes(reads, writes).ref_time();
        Self {
            micros: took.as_secs_f64() * 1e6,
            reads,
            writes,
            used: yardstick.weight_of(took) + storage,
            claimed: claimed.ref_time(),
        }
    }

    fn check(&self, what: &str) {
        let milli = |weight: u64| weight as f64 / 1e9;
        println!(
            "{what}: {:.0} us, {} reads, {} writes: {:.3} ms of weight used, {:.3} claimed ({:.0} %)",
            self.micros,
            self.reads,
            self.writes,
            milli(self.used),
            milli(self.claimed),
            100.0 * self.used as f64 / self.claimed.max(1) as f64,
        );
        assert!(
            self.used <= self.claimed,
            "{what}: hooks use {:.3} ms of weight and claim {:.3}",
            milli(self.used),
            milli(self.claimed)
        );
    }
}

/// Holds a block against one with nothing to do.
///
/// What clearings may take when the block ends is claimed when it begins, in every block alike.
fn judge(what: &str, block: &Dissection, idle: &Dissection, yardstick: &Yardstick) {
    let beyond = |phase: &Phase, idle: &Phase| phase.claimed.saturating_sub(idle.claimed);
    let begin = beyond(&block.initialize, &idle.initialize);
    Balance::of(&block.initialize, &idle.initialize, begin, yardstick)
        .check(&format!("{what}, when the block begins"));
    let end = beyond(&block.finalize, &idle.finalize) + Exchange::reserved();
    Balance::of(&block.finalize, &idle.finalize, end, yardstick)
        .check(&format!("{what}, when it ends"));
}

/// What the hooks of the next block cost at a price.
fn dissect(chain: &mut Chain, price: u128) -> Dissection {
    set_prices(chain, price);
    chain.dissect(&[], RUNS)
}

/// Makes the block that was dissected, and counts its events of these names.
fn count(chain: &mut Chain, names: &[&str]) -> usize {
    chain.next_block();
    let events = chain.events();
    let is_one = |event: &String| names.iter().any(|name| event.contains(name));
    events
        .iter()
        .map(|event| format!("{event:?}"))
        .filter(is_one)
        .count()
}

/// Lets each trader act between two blocks.
fn act<C: Into<caisson_runtime::RuntimeCall>>(
    chain: &mut Chain,
    traders: &[Trader],
    call: impl Fn(&Trader) -> C,
) {
    chain.query(|| {
        for trader in traders {
            native::dispatch(&trader.id(), call(trader)).expect("passes");
        }
        System::reset_events();
    });
    chain.commit();
}

/// A chain on which the hooks of trading and safety have nothing to do.
fn idle() -> Dissection {
    let mut chain = Chain::from_preset_with("development", |genesis| {
        genesis["markets"]["markets"] = serde_json::json!([]);
        genesis["margin"]["collaterals"] = serde_json::json!([]);
    });
    crate::oracle::block_of_reports(&mut chain, &["Alice"], PRICE);
    chain.next_block();
    dissect(&mut chain, PRICE)
}

/// As many markets as there can be, and nothing happens.
fn quiet() -> Dissection {
    let mut chain = chain_of(MAX_MARKETS, PRICE);
    set_prices(&mut chain, PRICE);
    chain.next_block();
    dissect(&mut chain, PRICE)
}

/// All validators reported all feeds; and the same chain without reports.
fn closing(reporters: u32, feeds: u32) -> (Dissection, Dissection) {
    let mut chain = quiet_chain();
    with_feeds(&mut chain, feeds);
    let slot =
        |chain: &mut Chain| chain.query(|| u64::from(pallet_babe::CurrentSlot::<Runtime>::get()));
    // Prices and judgements of feeds begin; then all that is due comes round.
    for _ in 0..2 {
        let round = slot(&mut chain);
        with_reports(&mut chain, reporters, feeds, round);
        chain.next_block();
    }
    let idle = chain.dissect(&[], RUNS);
    let round = slot(&mut chain);
    with_reports(&mut chain, reporters, feeds, round);
    let busy = chain.dissect(&[], RUNS);
    chain.next_block();
    let expected = chain.query(|| pallet_price_oracle::Performances::<Runtime>::get()[0].expected);
    assert_eq!(expected, feeds, "every feed was closed");
    (busy, idle)
}

/// Orders of many accounts meet in many markets: more than the budget of clearings is enough for.
fn fills() -> Dissection {
    const TRADERS: u32 = 60;
    let markets = MAX_POSITIONS as MarketId;
    let mut chain = chain_of(MAX_POSITIONS, PRICE);
    let bids = traders(&mut chain, "bidder", TRADERS, 0, 1_000_000);
    let asks = traders(&mut chain, "seller", TRADERS, 0, 1_000_000);
    let mark = mark_ticks(&mut chain, 0);
    for (side, some) in [(Side::Long, &bids), (Side::Short, &asks)] {
        for turn in 0..8 {
            act(&mut chain, some, |trader| {
                let market = (trader.account as MarketId + turn * 4) % markets;
                place(trader.account, market, OrderRequest::limit(side, 10, mark))
            });
        }
    }
    let block = dissect(&mut chain, PRICE);
    let filled = count(&mut chain, &["Event::Filled "]);
    assert!(filled > 20, "only {filled} fills");
    let waiting = chain.query(|| pallet_exchange::Touched::<Runtime>::get().len());
    assert!(waiting > 0, "the budget was enough for {filled} fills");
    block
}

/// Many accounts in one market fall short; bids are there for all.
fn crash() -> Dissection {
    const ACCOUNTS: u32 = 400;
    let mut chain = open_chain(PRICE);
    donate(&mut chain, 1_000_000);
    hold(&mut chain, ACCOUNTS, 1, Side::Long, 40);
    hold(&mut chain, ACCOUNTS, 1, Side::Short, 900);
    let makers = traders(&mut chain, "maker", 1, 0, 10_000_000);
    let price = mark_ticks(&mut chain, BTC_PERP) * 989 / 1_000;
    let bid = OrderRequest::limit(Side::Long, 100 * u64::from(ACCOUNTS), price);
    act(&mut chain, &makers, |maker| {
        place(maker.account, BTC_PERP, bid)
    });
    set_prices(&mut chain, PRICE);
    chain.next_block();
    let block = dissect(&mut chain, PRICE * 990 / 1_000);
    let restored = count(&mut chain, &["Event::Restored "]);
    assert!(restored > 50, "only {restored} restored");
    block
}

/// Accounts in as many markets as can be lose all they have, and the funds take them over.
fn take_overs() -> Dissection {
    let mut chain = chain_of(MAX_POSITIONS, PRICE);
    set_prices(&mut chain, PRICE);
    chain.next_block();
    donate(&mut chain, 10_000_000);
    let markets = MAX_POSITIONS as MarketId;
    hold(&mut chain, 10, markets, Side::Long, 40);
    hold(&mut chain, 10, markets, Side::Short, 900);
    set_prices(&mut chain, PRICE);
    chain.next_block();
    let block = dissect(&mut chain, PRICE * 965 / 1_000);
    let taken = count(&mut chain, &["Event::TakenOver "]);
    assert!(taken > 0, "nobody was taken over");
    block
}

/// More was withdrawn than may leave in an hour; an hour later some of it does.
fn withdrawals() -> Dissection {
    let mut chain = open_chain(PRICE);
    let owners = traders(&mut chain, "owner", 60, 0, 10_000);
    act(&mut chain, &owners, |owner| {
        pallet_margin::Call::<Runtime>::withdraw {
            account: owner.account,
            asset: SETTLEMENT_ASSET,
            units: 5_000 * UNITS,
        }
    });
    chain.skip_slots(3_600);
    let block = dissect(&mut chain, PRICE);
    let paid = count(&mut chain, &["Event::QueuedWithdrawalPaid "]);
    assert!(paid > 0, "nothing was paid");
    block
}

/// The mark reaches the stops of many accounts.
fn stops() -> Dissection {
    let mut chain = open_chain(PRICE);
    let owners = traders(&mut chain, "owner", 300, 0, 100_000);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let stop = OrderRequest::market(Side::Short, 10, 5_000)
        .immediate()
        .triggered_at(Direction::AtOrBelow, mark - mark / 200);
    act(&mut chain, &owners, |owner| {
        place(owner.account, BTC_PERP, stop)
    });
    set_prices(&mut chain, PRICE);
    chain.next_block();
    let block = dissect(&mut chain, PRICE * 990 / 1_000);
    let fired = count(&mut chain, &["Event::Triggered "]);
    assert!(fired > 10, "only {fired} stops fired");
    block
}

/// One test, so that nothing else of this file runs beside the timing.
#[test]
fn hooks_should_claim_what_they_use() {
    let _alone = crate::chain::alone();
    let yardstick = Yardstick::measure();
    let idle = idle();
    println!(
        "a transfer took {:.0} us; a block with nothing to do took {:.0} us to begin and {:.0} us to end",
        yardstick.transfer.as_secs_f64() * 1e6,
        idle.initialize.took.as_secs_f64() * 1e6,
        idle.finalize.took.as_secs_f64() * 1e6,
    );
    for (reporters, feeds) in [(4, 2), (MAX_VALIDATORS, 64)] {
        let (block, idle) = closing(reporters, feeds);
        let what = format!("closing {feeds} feeds with {reporters} reporters");
        judge(&what, &block, &idle, &yardstick);
    }
    judge("200 quiet markets", &quiet(), &idle, &yardstick);
    judge("fills in 32 markets", &fills(), &idle, &yardstick);
    judge("a crash", &crash(), &idle, &yardstick);
    judge("take-overs in 32 markets", &take_overs(), &idle, &yardstick);
    judge("withdrawals that waited", &withdrawals(), &idle, &yardstick);
    judge("stops that fire", &stops(), &idle, &yardstick);
}
