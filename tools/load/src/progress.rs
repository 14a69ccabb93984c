//! A line a second, while it runs.

use crate::{
    figures::{per_second, percent},
    observer::{limits, Sight},
};
use std::io::Write;

/// Over how many blocks the rate of acts is shown.
const BLOCKS: usize = 10;

/// What the line needs besides what the observer knows.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Of the phase, in seconds.
    pub passed_s: u64,
    /// The whole of the phase, in seconds.
    pub of_s: u64,
    /// Sent and in no block.
    pub under_way: usize,
    /// Signed and not sent.
    pub waiting: usize,
    /// Refused by the node so far.
    pub refused: u64,
}

/// The line.
pub fn line(phase: &str, moment: &Moment, sight: &Sight) -> String {
    let recent = &sight.records[sight.records.len().saturating_sub(BLOCKS + 1)..];
    let (mut acts, mut transactions, mut fill, mut time) = (0, 0, 0.0, 0);
    if let ([first, rest @ ..], Some(last)) = (recent, recent.last()) {
        acts = rest.iter().map(|one| one.counts.acts()).sum();
        transactions = rest.iter().map(|one| one.counts.transactions).sum();
        time = last.time_ms.saturating_sub(first.time_ms);
        fill = percent(last.normal, limits().0);
    }
    format!(
        "{phase} {:>3}/{} s  block {} (final {} behind)  {:>5} in it  {:>7.1} tx/s  {:>7.1} acts/s  block {fill:>5.1} % full  under way {:>5}  \
         signed {:>6}  refused {}",
        moment.passed_s,
        moment.of_s,
        sight.best,
        sight.best.saturating_sub(sight.finalised),
        sight.transactions,
        per_second(transactions, time),
        per_second(acts, time),
        moment.under_way,
        moment.waiting,
        moment.refused
    )
}

/// Says something on standard error.
pub fn say(text: &str) {
    // Nobody may be there to read it; then there is nobody to tell that, either.
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_should_stand_before_any_block_is_final() {
        let moment = Moment {
            passed_s: 1,
            of_s: 60,
            under_way: 7,
            waiting: 9,
            refused: 0,
        };
        let text = line("run", &moment, &Sight::default());
        assert!(
            text.contains("1/60 s") && text.contains("0.0 acts/s"),
            "{text}"
        );
    }
}
