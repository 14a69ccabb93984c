//! What a tape comes to in figures.

use caisson_primitives::trading::Level;

use crate::{
    money::ppm,
    tape::{Sample, State, Tape},
};

/// The figures of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Recorded blocks.
    pub blocks: u32,
    /// Seconds of the chain's time, stops included.
    pub seconds: u64,
    /// One lot, in 10^-18 of the base.
    pub lot_size: u128,
    /// The state before the first block.
    pub before: State,
    /// The state after the last.
    pub after: State,
    /// The most lots of open interest.
    pub interest_at_most: u64,
    /// The lowest index, in quanta for a lot, and its block.
    pub lowest: (i128, u32),
    /// The highest.
    pub highest: (i128, u32),
    /// The furthest that the mark was from the index, in parts per million of the index.
    pub mark_off_ppm: i128,
    /// How often an account was found short of margin: one that was restored may fall short again.
    pub found: u32,
    /// How many accounts that were.
    pub accounts_found: u32,
    /// The most in one block.
    pub found_at_most: u32,
    /// How often one was restored, or had nothing left.
    pub restored: u32,
    /// Half of them took no longer, in blocks; nothing when nobody was restored.
    pub half_within: Option<u32>,
    /// 99 of 100 took no longer.
    pub most_within: Option<u32>,
    /// The slowest.
    pub slowest: Option<u32>,
    /// The most accounts that were unsafe, and that the block had no room for.
    pub unsafe_at_most: u32,
    /// See `unsafe_at_most`.
    pub backlog_at_most: u32,
    /// Lots of the engine's orders that traded in calls.
    pub engine_lots: u64,
    /// Lots that the fund bought.
    pub bought: u64,
    /// Accounts that the fund took over.
    pub taken_over: u32,
    /// Lots that changed hands in calls.
    pub traded: u64,
    /// What those who were taken over fell short of nothing, in quanta.
    pub losses: i128,
    /// What funds paid for that.
    pub covered: i128,
    /// Paid by insurance, backers and treasury.
    pub paid: [i128; 3],
    /// What nobody had covered when it arose.
    pub uncovered: i128,
    /// Cut from profits.
    pub haircuts: i128,
    /// Lots closed at mark against the other side.
    pub deleveraged: u64,
    /// The largest deficit, and for how many blocks one was open.
    pub deficit_at_most: i128,
    /// See `deficit_at_most`.
    pub deficit_blocks: u32,
    /// The least that was in the insurance fund.
    pub insurance_at_least: i128,
    /// How many blocks ended at each level, from Open to Halted.
    pub at_level: [u32; 5],
    /// The strictest level.
    pub strictest: Level,
    /// How often the books were checked.
    pub checks: u32,
}

impl Figures {
    /// The figures of a tape; nothing of one without a block.
    pub fn of(tape: &Tape) -> Option<Self> {
        let (before, subject) = (tape.before?, tape.subject.as_ref()?);
        let last = tape.samples.last()?;
        let mut waits = tape.waits.clone();
        waits.sort_unstable();
        let mut figures = Self {
            blocks: last.place,
            seconds: last.at_ms / 1_000,
            lot_size: subject.lot_size,
            before,
            after: last.state,
            lowest: (before.index, 0),
            highest: (before.index, 0),
            mark_off_ppm: 0,
            found: 0,
            accounts_found: u32::try_from(tape.short.len()).unwrap_or(u32::MAX),
            interest_at_most: before.open_interest,
            found_at_most: 0,
            restored: u32::try_from(waits.len()).unwrap_or(u32::MAX),
            half_within: quantile(&waits, 50),
            most_within: quantile(&waits, 99),
            slowest: waits.last().copied(),
            unsafe_at_most: 0,
            backlog_at_most: 0,
            engine_lots: 0,
            bought: 0,
            taken_over: 0,
            traded: 0,
            losses: tape.totals.losses.0,
            covered: tape.totals.covered.0,
            paid: tape.paid,
            uncovered: tape.uncovered,
            haircuts: tape.totals.haircuts.0,
            deleveraged: tape.totals.deleveraged,
            deficit_at_most: 0,
            deficit_blocks: 0,
            insurance_at_least: before.insurance,
            at_level: [0; 5],
            strictest: Level::Open,
            checks: tape.checks,
        };
        tape.samples.iter().for_each(|sample| figures.add(sample));
        Some(figures)
    }

    fn add(&mut self, sample: &Sample) {
        let state = &sample.state;
        if state.index < self.lowest.0 {
            self.lowest = (state.index, sample.place);
        }
        if state.index > self.highest.0 {
            self.highest = (state.index, sample.place);
        }
        let off = ppm((state.mark - state.index).abs(), state.index);
        self.mark_off_ppm = self.mark_off_ppm.max(off);
        self.found += sample.found;
        self.interest_at_most = self.interest_at_most.max(state.open_interest);
        self.found_at_most = self.found_at_most.max(sample.found);
        self.unsafe_at_most = self.unsafe_at_most.max(state.unsafe_accounts);
        self.backlog_at_most = self.backlog_at_most.max(state.backlog);
        self.engine_lots += sample.engine_lots;
        self.bought += sample.bought;
        self.taken_over += sample.taken_over;
        self.traded += sample.traded;
        self.deficit_at_most = self.deficit_at_most.max(state.deficit);
        self.deficit_blocks += u32::from(state.deficit > 0);
        self.insurance_at_least = self.insurance_at_least.min(state.insurance);
        self.at_level[level_place(state.level)] += 1;
        self.strictest = self.strictest.max(state.level);
    }

    /// How far the index went down from where it began, in parts per million.
    pub fn fall_ppm(&self) -> i128 {
        ppm(self.before.index - self.lowest.0, self.before.index)
    }

    /// How far it went up.
    pub fn rise_ppm(&self) -> i128 {
        ppm(self.highest.0 - self.before.index, self.before.index)
    }
}

/// The place of a level, from the loosest on.
pub const fn level_place(level: Level) -> usize {
    match level {
        Level::Open => 0,
        Level::LongCalls => 1,
        Level::ReduceOnly => 2,
        Level::CancelOnly => 3,
        Level::Halted => 4,
    }
}

/// What so many of a hundred don't exceed: one of the numbers, which must ascend.
fn quantile(ascending: &[u32], of_hundred: usize) -> Option<u32> {
    let place = (ascending.len() * of_hundred).div_ceil(100).max(1) - 1;
    ascending.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_should_be_one_of_the_numbers() {
        let hundred: Vec<u32> = (1..=100).collect();
        assert_eq!(quantile(&hundred, 50), Some(50));
        assert_eq!(quantile(&hundred, 99), Some(99));
        assert_eq!(quantile(&[0, 7], 99), Some(7));
        assert_eq!(quantile(&[3], 50), Some(3));
        assert_eq!(quantile(&[], 50), None);
    }
}
