//! What a run found, and how it is made of blocks, latencies and readings.

mod text;

use crate::{
    figures::{missed_slots, per_second, percent, Spread},
    fleet::Fleet,
    ledger::Ledger,
    observer::{limits, Record},
    run::{Order, Reading, Sample},
    sender::Outcomes,
    tally::Counts,
    venue::Market,
};
use caisson::error::{Error, Result};
use caisson_primitives::BlockNumber;
use serde::Serialize;
use std::{collections::BTreeMap, sync::atomic::Ordering};

/// Kibibytes in a mebibyte.
const MIB_KIB: u64 = 1_024;

/// What a report is made of.
pub struct Input<'a> {
    /// What was asked for.
    pub order: &'a Order,
    /// How many nodes were sent to.
    pub nodes: usize,
    /// The markets.
    pub markets: &'a [Market],
    /// The accounts.
    pub fleet: &'a Fleet,
    /// Latencies.
    pub ledger: &'a Ledger,
    /// What became of what was sent.
    pub outcomes: &'a Outcomes,
    /// Final blocks.
    pub records: &'a [Record],
    /// Looks at the processes.
    pub samples: &'a [Sample],
    /// Read before the measurement.
    pub before: &'a Reading,
    /// Read after it.
    pub after: &'a Reading,
    /// Whether it was ended early.
    pub interrupted: bool,
}

/// What was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// The kind of load.
    pub kind: &'static str,
    /// Acts a second; nothing without a bound.
    pub rate: Option<f64>,
    /// Nodes that were sent to.
    pub nodes: usize,
    /// Accounts.
    pub accounts: usize,
    /// Names of markets.
    pub markets: Vec<String>,
    /// Quotes in a ladder.
    pub quotes: u32,
    /// The bound on transactions under way.
    pub most_under_way: usize,
    /// How far ahead transactions were signed, in seconds; nothing is all before the load.
    pub signed_ahead_s: Option<u64>,
    /// How long the load ran before it was measured, in seconds.
    pub warm_up_s: u64,
}

/// Figures for one second, by the blocks' timestamps.
#[derive(Clone, Debug, Serialize)]
pub struct Rates {
    /// Orders placed, amended or cancelled; what a ladder replaces is not counted.
    pub acts: f64,
    /// Orders placed.
    pub placed: f64,
    /// Orders cancelled by their owners, but for those that a ladder replaced.
    pub cancelled: f64,
    /// Normal transactions.
    pub transactions: f64,
    /// Orders filled in clearings; a trade between two orders is two.
    pub fills: f64,
}

/// How full blocks were, in percent; for a spread in hundredths of a percent.
#[derive(Clone, Debug, Serialize)]
pub struct Fill {
    /// What normal transactions may have, in hundredths of a percent.
    pub normal: Spread,
    /// All classes with hooks and reservations, of the whole of a block, in hundredths of a percent.
    pub whole: Spread,
    /// The mean of the first, in percent.
    pub normal_mean: f64,
    /// The mean of the second, in percent.
    pub whole_mean: f64,
    /// Bodies, in bytes.
    pub bytes: Spread,
}

/// What a process used.
#[derive(Clone, Debug, Serialize)]
pub struct Used {
    /// Processor time, in percent of one core.
    pub cpu_percent: f64,
    /// Memory when the measurement began, in mebibytes.
    pub begin_mib: u64,
    /// Memory when it ended.
    pub end_mib: u64,
    /// The most memory since the process began.
    pub peak_mib: u64,
}

/// What became of what was sent during the measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Handed over, those that were refused among them.
    pub sent: u64,
    /// In final blocks of the measurement, by what their accounts do.
    pub included: BTreeMap<&'static str, u64>,
    /// In no block for two minutes, and given up.
    pub given_up: u64,
    /// How long the bound on those under way held back what the rate would have sent, in milliseconds.
    pub held_back_ms: u64,
    /// How long no account could send, in milliseconds.
    pub starved_ms: u64,
    /// Why the node refused some when they were handed over.
    pub refusals: BTreeMap<String, u64>,
}

/// What a run found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was asked for.
    pub asked: Asked,
    /// Whether the run was ended early.
    pub interrupted: bool,
    /// The block before the measurement.
    pub before_block: BlockNumber,
    /// The last block of the measurement.
    pub last_block: BlockNumber,
    /// The time between their timestamps, in milliseconds.
    pub time_ms: u64,
    /// Slots between them without a block of the final chain.
    pub missed_slots: u64,
    /// For one second.
    pub rates: Rates,
    /// All together.
    pub counts: Counts,
    /// What became of what was sent.
    pub sent: Sent,
    /// From being sent until a block with it was seen, in milliseconds.
    pub included_ms: Spread,
    /// From being sent until that block was seen to be final, in milliseconds.
    pub final_ms: Spread,
    /// From a block's timestamp until it was seen, in milliseconds.
    pub block_seen_ms: Spread,
    /// From a block's timestamp until it was seen to be final, in milliseconds.
    pub block_final_ms: Spread,
    /// Blocks that were not final when a best block was seen, itself among them.
    pub finality_lag: Spread,
    /// How full blocks were.
    pub fill: Fill,
    /// Why the making of blocks ended, as the nodes count it.
    pub proposal_ends: BTreeMap<String, u64>,
    /// How long making a block took on average, in milliseconds, as the nodes say.
    pub made_in_ms: f64,
    /// What the nodes used together.
    pub nodes: Used,
    /// What the generator used, with the prices that it serves.
    pub generator: Used,
    /// The disk space of the nodes' folders when the measurement began, in bytes.
    pub disk_before: u64,
    /// The same when it ended.
    pub disk_after: u64,
    /// The final blocks.
    pub blocks: Vec<Record>,
    /// Transactions under way and memory, once a second.
    pub samples: Vec<SampleRow>,
    /// For each block the latencies of what is in it.
    pub latencies: Vec<BlockLatency>,
}

/// A look at the processes.
#[derive(Clone, Debug, Serialize)]
pub struct SampleRow {
    /// Since the measurement began, in milliseconds.
    pub at_ms: u64,
    /// Transactions under way.
    pub under_way: usize,
    /// Memory of the nodes together, in kibibytes.
    pub nodes_kib: u64,
    /// Memory of the generator, in kibibytes.
    pub own_kib: u64,
}

/// Latencies of the transactions of a block.
#[derive(Clone, Debug, Serialize)]
pub struct BlockLatency {
    /// The block.
    pub block: BlockNumber,
    /// Until a block with them was seen, in milliseconds.
    pub included_ms: Spread,
    /// Until it was seen to be final, in milliseconds.
    pub final_ms: Spread,
}

/// Makes the report.
pub fn make(input: &Input<'_>) -> Result<Report> {
    let (base, blocks) = within(input.records, input.before.block, input.after.block)?;
    let last = blocks.last().unwrap_or(base);
    let time_ms = last.time_ms.saturating_sub(base.time_ms);
    let mut counts = Counts::default();
    for block in blocks {
        counts += &block.counts;
    }
    let rate = |count| per_second(count, time_ms);
    let took = input.ledger.took(base.number + 1, last.number);
    let mut included: BTreeMap<&'static str, u64> = BTreeMap::new();
    for one in &took {
        let member = input.fleet.members.get(one.member);
        let role = member.map_or("unknown", |member| member.role.name());
        *included.entry(role).or_default() += 1;
    }
    let outcomes = input.outcomes;
    let count = |number: &std::sync::atomic::AtomicU64| number.load(Ordering::Relaxed);
    let proposals = input.after.proposals.since(&input.before.proposals);
    Ok(Report {
        asked: asked(input),
        interrupted: input.interrupted,
        before_block: base.number,
        last_block: last.number,
        time_ms,
        missed_slots: missed_slots((base.number, base.slot), (last.number, last.slot)),
        rates: Rates {
            acts: rate(counts.acts()),
            placed: rate(counts.placed()),
            cancelled: rate(counts.cancelled()),
            transactions: rate(counts.transactions),
            fills: rate(counts.fills),
        },
        counts,
        sent: Sent {
            sent: count(&outcomes.sent),
            included,
            given_up: count(&outcomes.given_up),
            held_back_ms: count(&outcomes.held_back_ms),
            starved_ms: count(&outcomes.starved_ms),
            refusals: outcomes.refusals.lock().clone(),
        },
        included_ms: Spread::of(took.iter().map(|one| one.included_ms).collect()),
        final_ms: Spread::of(took.iter().map(|one| one.final_ms).collect()),
        block_seen_ms: Spread::of(blocks.iter().map(|one| one.seen_after_ms).collect()),
        block_final_ms: Spread::of(blocks.iter().map(|one| one.final_after_ms).collect()),
        finality_lag: Spread::of(
            blocks
                .iter()
                .filter_map(|one| one.lag)
                .map(u64::from)
                .collect(),
        ),
        fill: fill(blocks),
        proposal_ends: proposals.ends,
        made_in_ms: mean(proposals.made_ms, proposals.made),
        nodes: used(input, |reading| reading.nodes),
        generator: used(input, |reading| reading.own),
        disk_before: input.before.disk,
        disk_after: input.after.disk,
        blocks: blocks.to_vec(),
        samples: input.samples.iter().map(row).collect(),
        latencies: by_block(&took),
    })
}

/// The block before the measurement, and those of it.
fn within(
    records: &[Record],
    before: BlockNumber,
    last: BlockNumber,
) -> Result<(&Record, &[Record])> {
    let first = records.iter().position(|one| one.number == before);
    let end = records.iter().position(|one| one.number == last);
    match (first, end) {
        (Some(first), Some(end)) if first < end => Ok((&records[first], &records[first + 1..=end])),
        _ => Err(Error::new(format!(
            "no block was made and final between block {before} and block {last}; measure longer, or see the node's log"
        ))),
    }
}

fn asked(input: &Input<'_>) -> Asked {
    let order = input.order;
    Asked {
        kind: order.kind.name(),
        rate: order.rate,
        nodes: input.nodes,
        accounts: order.accounts,
        markets: input.markets.iter().map(|one| one.symbol.clone()).collect(),
        quotes: order.quotes,
        most_under_way: order.most,
        signed_ahead_s: order.ahead.map(|ahead| ahead.as_secs()),
        warm_up_s: order.warm_up.as_secs(),
    }
}

fn fill(blocks: &[Record]) -> Fill {
    let (normal_limit, limit) = limits();
    let whole = |one: &Record| one.normal + one.operational + one.mandatory;
    let hundredths = |weight: u64, limit: u64| weight.saturating_mul(10) / (limit / 1_000).max(1);
    let sum = |weight: &dyn Fn(&Record) -> u64| blocks.iter().map(weight).sum::<u64>();
    let count = blocks.len() as u64;
    Fill {
        normal: Spread::of(
            blocks
                .iter()
                .map(|one| hundredths(one.normal, normal_limit))
                .collect(),
        ),
        whole: Spread::of(
            blocks
                .iter()
                .map(|one| hundredths(whole(one), limit))
                .collect(),
        ),
        normal_mean: percent(sum(&|one| one.normal), normal_limit.saturating_mul(count)),
        whole_mean: percent(sum(&whole), limit.saturating_mul(count)),
        bytes: Spread::of(blocks.iter().map(|one| one.bytes).collect()),
    }
}

fn used(input: &Input<'_>, of: impl Fn(&Reading) -> crate::machine::Usage) -> Used {
    let (before, after) = (of(input.before), of(input.after));
    let passed = input.after.at_ms.saturating_sub(input.before.at_ms);
    Used {
        cpu_percent: percent(after.cpu_ms.saturating_sub(before.cpu_ms), passed),
        begin_mib: before.resident_kib / MIB_KIB,
        end_mib: after.resident_kib / MIB_KIB,
        peak_mib: after.peak_kib / MIB_KIB,
    }
}

fn row(sample: &Sample) -> SampleRow {
    SampleRow {
        at_ms: sample.at_ms,
        under_way: sample.under_way,
        nodes_kib: sample.nodes_kib,
        own_kib: sample.own_kib,
    }
}

fn by_block(took: &[crate::ledger::Took]) -> Vec<BlockLatency> {
    let mut blocks: BTreeMap<BlockNumber, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
    for one in took {
        let (included, last) = blocks.entry(one.block).or_default();
        included.push(one.included_ms);
        last.push(one.final_ms);
    }
    let latency = |(block, (included, last))| BlockLatency {
        block,
        included_ms: Spread::of(included),
        final_ms: Spread::of(last),
    };
    blocks.into_iter().map(latency).collect()
}

/// A mean to one decimal place.
fn mean(sum: f64, count: u64) -> f64 {
    // Counts of blocks are far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let mean = sum / count.max(1) as f64;
    (mean * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(number: BlockNumber, normal: u64) -> Record {
        Record {
            number,
            slot: u64::from(number),
            time_ms: u64::from(number) * 1_000,
            bytes: 10,
            normal,
            operational: 0,
            mandatory: 0,
            ours: 0,
            seen_after_ms: 0,
            final_after_ms: 0,
            lag: Some(2),
            counts: Counts::default(),
        }
    }

    #[test]
    fn measurement_should_leave_out_the_block_before_it() {
        let records: Vec<Record> = (3..9).map(|number| block(number, 0)).collect();
        let (base, blocks) = within(&records, 4, 7).expect("blocks");
        assert_eq!(base.number, 4);
        let numbers: Vec<u32> = blocks.iter().map(|one| one.number).collect();
        assert_eq!(numbers, [5, 6, 7]);
        assert!(within(&records, 7, 7).is_err());
        assert!(within(&records, 4, 20).is_err());
    }

    #[test]
    fn fill_should_be_of_what_normal_transactions_may_have() {
        let (normal, whole) = limits();
        let fill = fill(&[block(1, normal / 2), block(2, normal)]);
        assert_eq!((fill.normal.p50, fill.normal.max), (5_000, 10_000));
        assert_eq!(fill.normal_mean, 75.0);
        assert_eq!(fill.whole.max, normal * 10_000 / whole);
    }
}
