//! What a run says while it goes on. Goes to stderr, so that results can be piped.

use std::{io::Write as _, time::Instant};

/// Says how far a run is, with the seconds since it began.
#[derive(Clone, Debug)]
pub struct Progress {
    started: Instant,
}

impl Progress {
    /// A run begins.
    pub fn begin() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// One line.
    pub fn say(&self, what: &str) {
        let seconds = self.started.elapsed().as_secs();
        // Nobody may be listening, which is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{seconds:>5} s  {what}");
    }
}
