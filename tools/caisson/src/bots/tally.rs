//! What happens, counted and said.

use super::{crowd::wholes, desk::Snapshot, feed::Events};
use crate::chain::words;
use caisson_primitives::{
    trading::{MarketId, Scope},
    AccountId, BlockNumber,
};
use caisson_runtime::{Runtime, RuntimeEvent};
use frame_system::Phase;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How often counts are said.
const PERIOD: Duration = Duration::from_secs(10);

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    blocks: u32,
    with_fills: u32,
    fills: u64,
    lots: BTreeMap<MarketId, u64>,
    became_unsafe: u32,
    forced: u32,
    bought: u32,
    taken_over: u32,
    deleveraged: u32,
    long_calls: u32,
    triggered: u32,
    helped: usize,
    refused: BTreeMap<String, u32>,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.blocks += other.blocks;
        self.with_fills += other.with_fills;
        self.fills += other.fills;
        for (market, lots) in &other.lots {
            *self.lots.entry(*market).or_default() += lots;
        }
        self.became_unsafe += other.became_unsafe;
        self.forced += other.forced;
        self.bought += other.bought;
        self.taken_over += other.taken_over;
        self.deleveraged += other.deleveraged;
        self.long_calls += other.long_calls;
        self.triggered += other.triggered;
        self.helped += other.helped;
        for (why, times) in &other.refused {
            *self.refused.entry(why.clone()).or_default() += times;
        }
    }

    fn refuse(&mut self, why: &str) {
        // The name is enough for a line; what follows says why, and is the same each time.
        let name = why.split(": ").next().unwrap_or(why).trim();
        *self.refused.entry(name.to_owned()).or_default() += 1;
    }

    fn liquidations(&self) -> String {
        format!(
            "{} accounts became unsafe, {} orders of the engine, {} bought and {} taken over by funds, {} deleveraged",
            self.became_unsafe, self.forced, self.bought, self.taken_over, self.deleveraged
        )
    }
}

/// Counts, and says what was counted.
#[derive(Debug)]
pub struct Tally {
    quiet: bool,
    since: Instant,
    now: Counts,
    total: Counts,
}

impl Tally {
    /// Nothing yet. A quiet one counts and says nothing but its end.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            since: Instant::now(),
            now: Counts::default(),
            total: Counts::default(),
        }
    }

    /// Says a line, unless it is quiet.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            eprintln!("{line}");
        }
    }

    /// Counts something that didn't work.
    pub fn refused(&mut self, why: &str) {
        self.now.refuse(why);
    }

    /// Counts members that got money.
    pub fn helped(&mut self, members: usize) {
        self.now.helped += members;
    }

    /// Counts a block's events. Returns those keys of the crowd whose transactions failed in it.
    pub fn block(
        &mut self,
        snapshot: &Snapshot,
        events: &Events,
        ours: &BTreeSet<AccountId>,
    ) -> Vec<AccountId> {
        let fills = self.now.fills;
        let payers = payers(events);
        let mut failed = Vec::new();
        for record in events {
            self.market_event(snapshot, &record.event);
            self.safety_event(snapshot, &record.event);
            let Phase::ApplyExtrinsic(place) = record.phase else {
                continue;
            };
            let Some(who) = payers.get(&place).filter(|who| ours.contains(who)) else {
                continue;
            };
            for why in refusals(&record.event) {
                self.now.refuse(&why);
                failed.push(who.clone());
            }
        }
        self.now.blocks += 1;
        self.now.with_fills += u32::from(self.now.fills > fills);
        failed
    }

    fn market_event(&mut self, snapshot: &Snapshot, event: &RuntimeEvent) {
        use pallet_exchange::Event;
        let RuntimeEvent::Exchange(event) = event else {
            return;
        };
        match event {
            Event::Filled { .. } => self.now.fills += 1,
            Event::Cleared { market, lots, .. } => {
                *self.now.lots.entry(*market).or_default() += lots;
            }
            Event::Triggered { .. } => self.now.triggered += 1,
            Event::CallExtended {
                market,
                since,
                ends,
                ..
            } => {
                self.now.long_calls += 1;
                self.say(&format!(
                    "#{} {}: a long call, from block {since} to {ends}",
                    snapshot.number,
                    symbol(snapshot, *market)
                ));
            }
            _ => {}
        }
    }

    fn safety_event(&mut self, snapshot: &Snapshot, event: &RuntimeEvent) {
        use pallet_circuit_breaker::Event as Breaker;
        use pallet_liquidation::Event as Liquidation;
        match event {
            RuntimeEvent::Margin(pallet_margin::Event::BecameUnsafe { .. }) => {
                self.now.became_unsafe += 1;
            }
            RuntimeEvent::Liquidation(Liquidation::OrderEntered { .. }) => self.now.forced += 1,
            RuntimeEvent::Liquidation(Liquidation::Bought { .. }) => self.now.bought += 1,
            RuntimeEvent::Liquidation(Liquidation::TakenOver { .. }) => self.now.taken_over += 1,
            RuntimeEvent::Liquidation(Liquidation::Deleveraged { .. }) => {
                self.now.deleveraged += 1;
            }
            RuntimeEvent::CircuitBreaker(Breaker::Raised {
                scope,
                cause,
                level,
                ..
            }) => self.say(&format!(
                "#{} {}: the circuit breaker is at {level:?} because of {cause:?}",
                snapshot.number,
                scope_name(snapshot, *scope)
            )),
            RuntimeEvent::CircuitBreaker(Breaker::Recovered {
                scope,
                cause,
                level,
                ..
            }) => self.say(&format!(
                "#{} {}: the circuit breaker is down to {level:?}; {cause:?} is over",
                snapshot.number,
                scope_name(snapshot, *scope)
            )),
            _ => {}
        }
    }

    /// Says the counts, when it is time.
    pub fn report(&mut self, snapshot: &Snapshot) {
        if self.since.elapsed() < PERIOD {
            return;
        }
        self.since = Instant::now();
        let counts = std::mem::take(&mut self.now);
        for line in lines(snapshot.number, snapshot, &counts) {
            self.say(&line);
        }
        self.total.add(&counts);
    }

    /// Says what there was in all.
    pub fn end(&mut self) {
        let counts = std::mem::take(&mut self.now);
        self.total.add(&counts);
        let total = &self.total;
        eprintln!(
            "in all {} blocks, {} of them with fills; {} fills; {} long calls; {}",
            total.blocks,
            total.with_fills,
            total.fills,
            total.long_calls,
            total.liquidations()
        );
    }
}

fn lines(number: BlockNumber, snapshot: &Snapshot, counts: &Counts) -> Vec<String> {
    let markets: Vec<String> = snapshot
        .markets
        .iter()
        .map(|market| {
            let lots = counts.lots.get(&market.terms.market).copied().unwrap_or(0);
            format!(
                "{} {} (traded {})",
                market.terms.symbol,
                market.terms.price(market.prices.mark),
                wholes(market, lots)
            )
        })
        .collect();
    let mut lines = vec![format!(
        "#{number} {} blocks, {} with fills, {} fills; {}",
        counts.blocks,
        counts.with_fills,
        counts.fills,
        markets.join(", ")
    )];
    if counts.became_unsafe + counts.forced + counts.bought + counts.taken_over > 0 {
        lines.push(format!("  liquidation: {}", counts.liquidations()));
    }
    if counts.helped > 0 {
        lines.push(format!("  {} bots got new money", counts.helped));
    }
    if !counts.refused.is_empty() {
        let refused = counts.refused.iter();
        let refused = refused.map(|(why, times)| format!("{why} ({times})"));
        lines.push(format!(
            "  refused: {}",
            refused.collect::<Vec<_>>().join(", ")
        ));
    }
    lines
}

fn symbol(snapshot: &Snapshot, market: MarketId) -> String {
    let found = snapshot.market(market);
    found.map_or_else(
        || format!("market {market}"),
        |one| one.terms.symbol.clone(),
    )
}

fn scope_name(snapshot: &Snapshot, scope: Scope) -> String {
    match scope {
        Scope::Market(market) => symbol(snapshot, market),
        Scope::Compartment(compartment) => format!("compartment {compartment}"),
        Scope::Chain => "all markets".to_owned(),
    }
}

/// Who sent each transaction of a block: who paid its fee, which is the first thing that happens in it.
fn payers(events: &Events) -> BTreeMap<u32, AccountId> {
    let mut payers = BTreeMap::new();
    for record in events {
        if let (
            Phase::ApplyExtrinsic(place),
            RuntimeEvent::Balances(pallet_balances::Event::Withdraw { who, .. }),
        ) = (&record.phase, &record.event)
        {
            payers.entry(*place).or_insert_with(|| who.clone());
        }
    }
    payers
}

/// Why what a transaction wanted was refused, once for each reason that its event has.
fn refusals(event: &RuntimeEvent) -> Vec<String> {
    use pallet_exchange::Event as Exchange;
    match event {
        RuntimeEvent::System(frame_system::Event::<Runtime>::ExtrinsicFailed {
            dispatch_error,
            ..
        }) => vec![words::dispatch(dispatch_error)],
        RuntimeEvent::Utility(pallet_utility::Event::ItemFailed { error }) => {
            vec![words::dispatch(error)]
        }
        RuntimeEvent::Exchange(
            Exchange::Replaced { results, .. } | Exchange::BatchPlaced { results, .. },
        ) => {
            let refused = results.iter().filter_map(|result| result.as_ref().err());
            let names: BTreeSet<String> = refused.map(|why| format!("Quote.{why:?}")).collect();
            names.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{market, Scene, WHOLE};
    use super::*;
    use caisson_primitives::{
        trading::{Cash, LotPrice, Side},
        Hash,
    };
    use frame_system::EventRecord;
    use sp_runtime::DispatchError;

    fn record(phase: Phase, event: RuntimeEvent) -> EventRecord<RuntimeEvent, Hash> {
        EventRecord {
            phase,
            event,
            topics: Vec::new(),
        }
    }

    fn fill() -> RuntimeEvent {
        RuntimeEvent::Exchange(pallet_exchange::Event::Filled {
            account: 0,
            market: 0,
            number: 0,
            side: Side::Long,
            lots: 100,
            price: LotPrice(6 * WHOLE),
            fee: Cash(0),
            realised: Cash(0),
            remaining: 0,
            maker: false,
            forced: false,
        })
    }

    #[test]
    fn tally_should_count_fills_and_blocks_with_them() {
        let scene = Scene::new(vec![market(0, 6 * WHOLE)], 0);
        let mut tally = Tally::new(true);
        let events = vec![record(Phase::Finalization, fill()); 2];
        tally.block(&scene.snapshot, &events, &BTreeSet::new());
        tally.block(&scene.snapshot, &Vec::new(), &BTreeSet::new());
        assert_eq!(
            (tally.now.blocks, tally.now.with_fills, tally.now.fills),
            (2, 1, 2)
        );
    }

    #[test]
    fn tally_should_say_which_of_its_own_failed_and_count_why() {
        let scene = Scene::new(vec![market(0, 6 * WHOLE)], 0);
        let (mine, other) = (AccountId::new([1; 32]), AccountId::new([2; 32]));
        let failed = |place, who: &AccountId| {
            let error = DispatchError::from(pallet_exchange::Error::<Runtime>::NotEnoughMargin);
            [
                record(
                    Phase::ApplyExtrinsic(place),
                    RuntimeEvent::Balances(pallet_balances::Event::Withdraw {
                        who: who.clone(),
                        amount: 1,
                    }),
                ),
                record(
                    Phase::ApplyExtrinsic(place),
                    RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
                        dispatch_error: error,
                        dispatch_info: Default::default(),
                    }),
                ),
            ]
        };
        let events: Events = failed(1, &mine)
            .into_iter()
            .chain(failed(2, &other))
            .collect();
        let mut tally = Tally::new(true);
        let ours = BTreeSet::from([mine.clone()]);
        assert_eq!(tally.block(&scene.snapshot, &events, &ours), [mine]);
        let refused: Vec<_> = tally.now.refused.iter().collect();
        assert_eq!(refused, [(&"Exchange.NotEnoughMargin".to_owned(), &1)]);
    }
}
