//! What a run says while it goes on.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use crate::{
    money::{hundredths, price_of_whole},
    tape::Tape,
};

/// At most so often a line is written.
const PAUSE: Duration = Duration::from_secs(2);

/// Tells a terminal how far a run is. Goes to stderr, so that results can be piped.
#[derive(Clone, Debug)]
pub struct Progress {
    name: Option<String>,
    blocks: Option<u32>,
    started: Instant,
    last: Instant,
}

impl Progress {
    /// Says nothing.
    pub fn quiet() -> Self {
        Self::of(None)
    }

    /// Speaks of a run by its name.
    pub fn named(name: &str) -> Self {
        Self::of(Some(name.to_owned()))
    }

    fn of(name: Option<String>) -> Self {
        let now = Instant::now();
        Self {
            name,
            blocks: None,
            started: now,
            last: now,
        }
    }

    /// The scenario begins, and will take so many blocks if that is known.
    pub fn begin(&mut self, blocks: Option<u32>) {
        self.blocks = blocks;
        self.say("prepared");
    }

    /// A block was recorded.
    pub fn block(&mut self, tape: &Tape) {
        if self.name.is_none() || self.last.elapsed() < PAUSE {
            return;
        }
        self.last = Instant::now();
        let (Some(sample), Some(subject)) = (tape.samples.last(), &tape.subject) else {
            return;
        };
        let of = self
            .blocks
            .map_or_else(String::new, |blocks| format!(" of {blocks}"));
        let line = format!(
            "block {}{of}, price {}, {} unsafe, {:?}",
            sample.place,
            hundredths(price_of_whole(sample.state.mark, subject.lot_size)),
            sample.state.unsafe_accounts,
            sample.state.level,
        );
        self.say(&line);
    }

    /// The scenario is over.
    pub fn end(&mut self) {
        self.say("done");
    }

    fn say(&self, what: &str) {
        let Some(name) = &self.name else {
            return;
        };
        let seconds = self.started.elapsed().as_secs();
        // Nobody may be listening, which is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{name}: {what} ({seconds} s)");
    }
}
