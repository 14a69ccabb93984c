//! The report for people.

use super::Report;
use crate::figures::percent;
use std::{collections::BTreeMap, fmt::Write};

/// Bytes in a mebibyte.
const MIB_BYTES: u64 = 1_048_576;
/// How many reasons of one kind are shown.
const MOST_REASONS: usize = 6;

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string doesn't fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let asked = &self.asked;
        let rate = asked
            .rate
            .map_or("no bound".to_owned(), |rate| format!("{rate} acts/s"));
        writeln!(
            out,
            "{} ({rate}), {} accounts, {} markets, {} node(s), at most {} under way{}",
            asked.kind,
            asked.accounts,
            asked.markets.len(),
            asked.nodes,
            asked.most_under_way,
            if self.interrupted {
                "; ended early"
            } else {
                ""
            }
        )?;
        writeln!(
            out,
            "blocks        {} to {}, {:.1} s by their timestamps; missed slots {}",
            self.before_block + 1,
            self.last_block,
            seconds(self.time_ms),
            self.missed_slots
        )?;
        self.write_rates(out)?;
        self.write_times(out)?;
        self.write_machine(out)?;
        for (title, reasons) in [
            ("refused by the node", &self.sent.refusals),
            ("failed in a block", &self.counts.failures),
            ("entries refused", &self.counts.refusals),
            ("cancelled by the chain", &self.counts.chain_cancels),
            ("circuit breaker", &self.counts.breaker),
        ] {
            reasons_of(out, title, reasons)?;
        }
        Ok(())
    }

    fn write_rates(&self, out: &mut String) -> std::fmt::Result {
        let (rates, counts) = (&self.rates, &self.counts);
        writeln!(
            out,
            "acts/s        {:.1}: placed {:.1}, cancelled {:.1}",
            rates.acts, rates.placed, rates.cancelled
        )?;
        writeln!(
            out,
            "placed        {} single, {} in batches, {} quotes; {} quotes stood already, ladders replaced {}",
            counts.placed_single,
            counts.placed_batch,
            counts.placed_quotes,
            counts.kept_quotes,
            counts.replaced
        )?;
        writeln!(
            out,
            "cancelled     {} single, {} in batches; amended {}",
            counts.cancelled_single, counts.cancelled_batch, counts.amended
        )?;
        writeln!(
            out,
            "transactions  {:.1} /s: {} in blocks, {} failed there; {} reports of prices",
            rates.transactions, counts.transactions, counts.failed, counts.operational
        )?;
        writeln!(
            out,
            "fills         {:.1} /s: {} orders filled, {} lots, in {} clearings, {} of them unfinished",
            rates.fills, counts.fills, counts.lots, counts.clearings, counts.incomplete_clearings
        )?;
        let included = self.sent.included.iter();
        let included: Vec<String> = included
            .map(|(role, count)| format!("{count} {role}"))
            .collect();
        writeln!(
            out,
            "sent          {}; included {}; given up {}; held back {:.1} s, starved {:.1} s",
            self.sent.sent,
            included.join(", "),
            self.sent.given_up,
            seconds(self.sent.held_back_ms),
            seconds(self.sent.starved_ms)
        )
    }

    fn write_times(&self, out: &mut String) -> std::fmt::Result {
        for (title, spread) in [
            ("included", &self.included_ms),
            ("final", &self.final_ms),
            ("block seen", &self.block_seen_ms),
            ("block final", &self.block_final_ms),
        ] {
            writeln!(
                out,
                "{title:<13} p50 {} ms, p99 {} ms, max {} ms",
                spread.p50, spread.p99, spread.max
            )?;
        }
        let lag = &self.finality_lag;
        writeln!(
            out,
            "finality lag  p50 {}, p99 {}, max {} blocks",
            lag.p50, lag.p99, lag.max
        )
    }

    fn write_machine(&self, out: &mut String) -> std::fmt::Result {
        let fill = &self.fill;
        writeln!(
            out,
            "block fill    normal {:.1} % on average, p99 {}, max {} %; whole {:.1} %, max {} %; body p50 {} B, max {} B",
            fill.normal_mean,
            whole_percent(fill.normal.p99),
            whole_percent(fill.normal.max),
            fill.whole_mean,
            whole_percent(fill.whole.max),
            fill.bytes.p50,
            fill.bytes.max
        )?;
        let ends = self.proposal_ends.iter();
        let ends: Vec<String> = ends
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        writeln!(
            out,
            "blocks made   {:.1} ms each on average; ended by: {}",
            self.made_in_ms,
            if ends.is_empty() {
                "unknown".to_owned()
            } else {
                ends.join(", ")
            }
        )?;
        for (title, used) in [("nodes", &self.nodes), ("generator", &self.generator)] {
            writeln!(
                out,
                "{title:<13} {:.0} % of a core; memory {} MiB, then {} MiB, peak {} MiB",
                used.cpu_percent, used.begin_mib, used.end_mib, used.peak_mib
            )?;
        }
        writeln!(
            out,
            "disk          {} MiB, then {} MiB",
            self.disk_before / MIB_BYTES,
            self.disk_after / MIB_BYTES
        )
    }
}

fn reasons_of(out: &mut String, title: &str, reasons: &BTreeMap<String, u64>) -> std::fmt::Result {
    if reasons.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<(&String, &u64)> = reasons.iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    writeln!(out, "{title}:")?;
    for (reason, count) in sorted.iter().take(MOST_REASONS) {
        writeln!(out, "  {count:>8}  {reason}")?;
    }
    if sorted.len() > MOST_REASONS {
        writeln!(out, "  and {} other reasons", sorted.len() - MOST_REASONS)?;
    }
    Ok(())
}

/// Hundredths of a percent as percent.
fn whole_percent(hundredths: u64) -> f64 {
    percent(hundredths, 10_000)
}

/// Milliseconds as seconds.
fn seconds(milliseconds: u64) -> f64 {
    // Runs last far less than 2^53 milliseconds.
    #[allow(clippy::cast_precision_loss)]
    let seconds = milliseconds as f64 / 1_000.0;
    seconds
}
