//! The last blocks, and what the minute before a block was like.

use super::{
    collect::Step,
    frame::{Minute, Traded},
};
use caisson_primitives::{
    trading::{LotPrice, MarketId},
    Hash,
};
use std::collections::VecDeque;

/// How many blocks are kept: ten minutes of one-second blocks.
pub const KEPT_BLOCKS: usize = 600;

/// What the view calls a minute, in milliseconds.
pub const MINUTE_MS: u64 = 60_000;

/// A part of a chain without gaps, up to the last block that was read.
#[derive(Clone, Debug, Default)]
pub struct History {
    steps: VecDeque<Step>,
}

impl History {
    /// Whether a block is in it.
    pub fn has(&self, hash: Hash) -> bool {
        // New blocks are asked for most.
        self.steps.iter().rev().any(|step| step.hash == hash)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Takes in blocks that follow each other, oldest first. Blocks that they don't follow on were on another fork, and are
    /// dropped.
    pub fn extend(&mut self, blocks: Vec<Step>) {
        let Some(first) = blocks.first() else {
            return;
        };
        while self
            .steps
            .back()
            .is_some_and(|last| last.hash != first.parent)
        {
            self.steps.pop_back();
        }
        self.steps.extend(blocks);
        while self.steps.len() > KEPT_BLOCKS {
            self.steps.pop_front();
        }
    }

    /// The minute of a market that ends with the last block.
    pub fn minute(&self, market: MarketId) -> Minute {
        let Some(last) = self.steps.back() else {
            return Minute::default();
        };
        let begins = last.time_ms.saturating_sub(MINUTE_MS);
        let mut minute = Minute::default();
        for step in self.steps.iter().rev() {
            if step.time_ms <= begins {
                minute.change_ppm = change_ppm(step.marks.get(&market), last.marks.get(&market));
                break;
            }
            minute.blocks = minute.blocks.saturating_add(1);
            let traded: Traded = step.traded.get(&market).copied().unwrap_or_default();
            minute.traded = minute.traded.plus(traded);
        }
        minute
    }

    /// The last marks of a market, oldest first.
    pub fn trail(&self, market: MarketId) -> Vec<LotPrice> {
        self.steps
            .iter()
            .filter_map(|step| step.marks.get(&market).copied())
            .collect()
    }
}

/// How far a price moved, in parts per million, rounded towards zero.
fn change_ppm(before: Option<&LotPrice>, after: Option<&LotPrice>) -> Option<i128> {
    let (before, after) = (before?.0, after?.0);
    after
        .checked_sub(before)?
        .checked_mul(1_000_000)?
        .checked_div(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// A block of a chain with a block each twenty seconds; `fork` tells chains apart.
    fn block(number: u32, fork: u8, mark: i128) -> Step {
        let hash = |number: u32, fork: u8| {
            let mut bytes = [fork; 32];
            bytes[0] = number as u8;
            Hash::from(bytes)
        };
        let parent_fork = if number <= 3 { 0 } else { fork };
        Step {
            number,
            hash: hash(number, if number < 3 { 0 } else { fork }),
            parent: hash(number - 1, if number <= 3 { 0 } else { parent_fork }),
            time_ms: u64::from(number) * 20_000,
            marks: BTreeMap::from([(0, LotPrice(mark))]),
            traded: BTreeMap::from([(
                0,
                Traded {
                    fills: 2,
                    forced: 0,
                    lots: u64::from(number),
                },
            )]),
            events: Vec::new(),
        }
    }

    #[test]
    fn minute_should_count_its_blocks_and_compare_with_the_block_before_it() {
        let mut history = History::default();
        history.extend(vec![
            block(1, 0, 100_000),
            block(2, 0, 101_000),
            block(3, 0, 102_000),
        ]);
        let young = history.minute(0);
        assert_eq!(
            (young.blocks, young.traded.fills, young.change_ppm),
            (3, 6, None)
        );
        history.extend(vec![block(4, 0, 103_000)]);
        let minute = history.minute(0);
        assert_eq!((minute.blocks, minute.traded.fills), (3, 6));
        assert_eq!(minute.traded.lots, 2 + 3 + 4);
        assert_eq!(minute.change_ppm, Some(30_000));
        assert_eq!(history.minute(7).change_ppm, None);
    }

    #[test]
    fn history_should_drop_blocks_when_the_chain_goes_another_way() {
        let mut history = History::default();
        history.extend(vec![
            block(1, 0, 1),
            block(2, 0, 2),
            block(3, 1, 3),
            block(4, 1, 4),
        ]);
        history.extend(vec![block(3, 2, 30)]);
        assert_eq!(
            history.trail(0),
            vec![LotPrice(1), LotPrice(2), LotPrice(30)]
        );
    }
}
