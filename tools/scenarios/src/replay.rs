//! A price path through a market with a crowd in it.

use caisson_primitives::oracle::FeedStatus;

use crate::{
    error::{Error, Result},
    market::{Crowd, Makers, Settled, Takers},
    money::{grouped, wholes, QUANTA},
    path::Path,
    progress::Progress,
    stage::{Stage, BTC, BTC_PERP, ETH},
    tape::Tape,
};

/// After the path has ended, so many blocks may pass until all are safe.
const AFTERMATH: u32 = 900;

/// The books are checked every so many blocks.
const CHECKS_EVERY: u32 = 50;

/// What goes wrong besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// From this block of the path on, no validator reports for so many blocks.
    OracleDies {
        /// The block.
        from: u32,
        /// How many.
        blocks: u32,
    },
    /// Before this block of the path there is none for so many seconds; the world goes on meanwhile.
    ChainStops {
        /// The block.
        at: u32,
        /// How many seconds.
        seconds: u64,
    },
}

/// A replay: a path, a crowd, what stands behind it, and what goes wrong.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The prices.
    pub path: Path,
    /// Who holds positions when it begins.
    pub crowd: Crowd,
    /// The insurance fund, in parts per thousand of open interest.
    pub fund_ppt: u32,
    /// What its backers stake, in parts per thousand of open interest.
    pub backers_ppt: u32,
    /// What makers show on each side, in parts per thousand of open interest.
    pub depth_ppt: u32,
    /// What goes wrong.
    pub mishaps: Vec<Mishap>,
    /// Draws the crowd and the orders of takers.
    pub seed: u64,
}

impl Replay {
    /// A path with the ordinary crowd of so many accounts: a fund of one percent of open interest, half as much from
    /// backers, and one percent of it in the book on each side.
    pub fn new(path: Path, accounts: u32, seed: u64) -> Self {
        Self {
            path,
            crowd: Crowd::before_a_crash(accounts),
            fund_ppt: 10,
            backers_ppt: 5,
            depth_ppt: 10,
            mishaps: Vec::new(),
            seed,
        }
    }

    /// Plays it.
    ///
    /// Errors: the crowd is too large for the market, or too small for anything to be seen.
    pub fn play(&self, progress: Progress) -> Result<Played> {
        let first = self
            .path
            .points()
            .first()
            .ok_or_else(|| Error::new("the path has no price; add at least one row"))?;
        if !(2..=200_000).contains(&self.crowd.accounts) {
            return Err(Error::new(format!(
                "{} accounts can't be played; choose from 2 to 200,000",
                grouped(self.crowd.accounts.into())
            )));
        }
        let mut stage = Stage::open(BTC_PERP, first.btc, first.eth, CHECKS_EVERY, progress);
        let settled = self.crowd.settle(&mut stage, BTC_PERP, self.seed);
        let share = |ppt: u32| {
            let money = settled.notional / 1_000 * i128::from(ppt) / QUANTA;
            u128::try_from(money).unwrap_or_default().max(10)
        };
        stage.insure(0, share(self.fund_ppt), share(self.backers_ppt));
        let depth = settled.lots * u64::from(self.depth_ppt) / 1_000;
        let mut makers = Makers::enter(&mut stage, BTC_PERP, 8, share(20).max(1_000), depth);
        let mut takers = Takers::enter(
            &mut stage,
            BTC_PERP,
            20,
            share(1).max(1_000),
            (depth / 100).max(2),
            self.seed,
        );
        let blocks = u32::try_from(self.path.points().len()).unwrap_or(u32::MAX);
        stage.begin(Some(blocks));
        let mut missed = 0;
        for (place, point) in (0u32..).zip(self.path.points()) {
            if place < missed {
                continue;
            }
            if let Some(seconds) = self.stop_at(place) {
                stage.tape.remark(format!("no block for {seconds} seconds"));
                stage.chain().skip_slots(seconds);
                missed = place + u32::try_from(seconds * 1_000 / self.path.step_ms).unwrap_or(0);
                continue;
            }
            stage.outside(BTC, point.btc);
            stage.outside(ETH, point.eth);
            self.silence(&mut stage, place);
            makers.quote(&mut stage);
            takers.trade(&mut stage);
            stage.block();
        }
        // What was silent to the end of the path speaks again after it.
        stage.status(BTC, None);
        stage.status(ETH, None);
        let settled_after = stage.settle_down(AFTERMATH, |stage| {
            makers.quote(stage);
            takers.trade(stage);
            stage.block();
        });
        stage.end();
        Ok(Played {
            tape: stage.tape,
            settled,
            settled_after,
        })
    }

    /// For how many seconds the chain stops before this block of the path.
    fn stop_at(&self, place: u32) -> Option<u64> {
        self.mishaps.iter().find_map(|mishap| match *mishap {
            Mishap::ChainStops { at, seconds } if at == place => Some(seconds),
            _ => None,
        })
    }

    /// What goes wrong with prices in this block of the path.
    fn silence(&self, stage: &mut Stage, place: u32) {
        for mishap in &self.mishaps {
            let Mishap::OracleDies { from, blocks } = *mishap else {
                continue;
            };
            if place == from {
                stage
                    .tape
                    .remark(format!("no validator reports for {blocks} blocks"));
            }
            let dead = (from..from + blocks).contains(&place);
            stage.status(BTC, dead.then_some(FeedStatus::Stale));
            stage.status(ETH, dead.then_some(FeedStatus::Stale));
        }
    }

    /// Who is in the market, for the report.
    pub fn people(&self, settled: &Settled) -> String {
        let classes = |side: &[(crate::market::LeverageClass, u64)]| {
            let words: Vec<_> = side
                .iter()
                .map(|(class, percent)| {
                    format!(
                        "{percent} % {} (margin {} to {} % of the position)",
                        class.name,
                        tenths(class.least_ppt),
                        tenths(class.most_ppt)
                    )
                })
                .collect();
            words.join(", ")
        };
        format!(
            "{} accounts in pairs, one long and one short of the same size, hold {} USDD of open interest with {} USDD \
             of margin. Of the longs are {}; of the shorts {}. They hold on: nobody adds margin, nobody closes by hand. \
             Eight market makers replace their quotes in every block, {} % of open interest on each side within one percent, \
             further away the faster the price moves; each stops buying (or selling) at five times what it shows. Twenty \
             takers send up to three small market orders in a block. The insurance fund has {} % of open interest, its \
             backers {} %. The crowd counts as having been there for hours.",
            grouped(settled.accounts.into()),
            wholes(settled.notional),
            wholes(settled.money),
            classes(&self.crowd.longs),
            classes(&self.crowd.shorts),
            tenths(self.depth_ppt.into()),
            tenths(self.fund_ppt.into()),
            tenths(self.backers_ppt.into()),
        )
    }
}

/// Parts per thousand as percent.
fn tenths(ppt: u64) -> String {
    match ppt % 10 {
        0 => format!("{}", ppt / 10),
        rest => format!("{}.{rest}", ppt / 10),
    }
}

/// What a replay came to.
pub struct Played {
    /// What happened.
    pub tape: Tape,
    /// The crowd.
    pub settled: Settled,
    /// In how many blocks after the path's end everyone was safe and no deficit open; nothing if that did not come.
    pub settled_after: Option<u32>,
}
