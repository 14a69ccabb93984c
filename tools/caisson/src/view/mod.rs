//! The live view of a chain in a terminal.
//!
//! - `follow` reads each block as it comes: `collect` asks the runtime's APIs and the block's events at the block's hash,
//!   `happenings` puts events into words, `history` adds what the last minute was like. The result is a `Frame`;
//! - a frame is shown on the `screen`, as `plain` lines, or as `json`.

mod collect;
mod draw;
mod follow;
mod frame;
mod happenings;
mod history;
mod json;
mod plain;
mod screen;
pub mod signals;
mod terminal;
#[cfg(test)]
mod test_frames;
mod words;

use crate::{
    chain::Chain,
    error::{Error, Result},
};
use caisson_primitives::BlockNumber;
use clap::Args;
use follow::{Follower, Update};
use frame::Frame;
use signals::Signals;
use std::io::{IsTerminal, Write};
use tokio::sync::mpsc::{channel, Receiver};

/// How many frames may wait for being shown.
const WAITING_FRAMES: usize = 8;

/// What `caisson view` can be told.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Write lines instead of drawing a screen; so does output that is no terminal.
    #[arg(long)]
    pub plain: bool,
    /// Write one JSON document a block, on one line.
    #[arg(long)]
    pub json: bool,
    /// End after so many blocks.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub blocks: Option<u32>,
    /// Show each Nth block; what happens in the others is told with it.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub every: u32,
    /// What stands on top.
    #[arg(long, value_name = "TEXT", default_value = "Caisson")]
    pub title: String,
    /// A line below the title, for instance which price history is played. May be given several times.
    #[arg(long = "note", value_name = "TEXT")]
    pub notes: Vec<String>,
}

/// Shows the chain until it is stopped, by a key, a signal or the number of blocks asked for.
pub async fn run(chain: Chain, options: Options) -> Result<()> {
    let url = chain.url().to_owned();
    let (updates, shown) = channel(WAITING_FRAMES);
    let follower = tokio::spawn(Follower::new(chain, options.every).follow(updates));
    let end = if options.json || options.plain || !std::io::stdout().is_terminal() {
        write_lines(shown, &options, &url).await?
    } else {
        screen::run(shown, &options, &url).await?
    };
    match end {
        End::Asked => {
            follower.abort();
            Ok(())
        }
        // Nothing comes any more: the follower says why.
        End::NoMore => follower
            .await
            .map_err(|error| Error::new(format!("the view failed: {error}")))?,
    }
}

/// Why showing frames ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// By a key, a signal, the number of blocks, or because nobody reads the output any more.
    Asked,
    /// There are no more frames.
    NoMore,
}

/// Counts blocks up to the number asked for.
#[derive(Debug)]
struct Countdown {
    left: Option<BlockNumber>,
}

impl Countdown {
    const fn new(blocks: Option<BlockNumber>) -> Self {
        Self { left: blocks }
    }

    /// Counts a frame with the blocks that it stands for. Says whether that was the last.
    fn is_over_with(&mut self, frame: &Frame) -> bool {
        let Some(left) = self.left.as_mut() else {
            return false;
        };
        let blocks = frame.skipped.len().saturating_add(1);
        *left = left.saturating_sub(BlockNumber::try_from(blocks).unwrap_or(BlockNumber::MAX));
        *left == 0
    }
}

/// Writes frames to the standard output.
async fn write_lines(mut shown: Receiver<Update>, options: &Options, url: &str) -> Result<End> {
    let mut signals = Signals::listen()?;
    let mut countdown = Countdown::new(options.blocks);
    if !options.json && !write(&plain::opening(options, url))? {
        return Ok(End::Asked);
    }
    loop {
        let update = tokio::select! {
            update = shown.recv() => update,
            () = signals.next() => return Ok(End::Asked),
        };
        match update {
            None => return Ok(End::NoMore),
            Some(Update::Trouble(words)) => eprintln!("{words}"),
            Some(Update::Frame(frame)) => {
                let text = if options.json {
                    format!("{}\n", json::frame(&frame))
                } else {
                    plain::lines(&frame)
                };
                if !write(&text)? || countdown.is_over_with(&frame) {
                    return Ok(End::Asked);
                }
            }
        }
    }
}

/// Writes to the standard output at once. Says whether anybody reads it.
fn write(text: &str) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::new(format!("can't write the output: {error}"))),
    }
}

/// Where polkadot.js Apps shows the same chain.
fn apps_address(url: &str) -> String {
    format!(
        "https://polkadot.js.org/apps/?rpc={}",
        url.trim_end_matches('/')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countdown_should_count_blocks_without_a_frame_too() {
        let mut frame = test_frames::quiet();
        let mut countdown = Countdown::new(Some(3));
        assert!(!countdown.is_over_with(&frame));
        frame.skipped = test_frames::crash().skipped;
        assert_eq!(frame.skipped.len(), 1);
        assert!(countdown.is_over_with(&frame));
        assert!(!Countdown::new(None).is_over_with(&frame));
    }

    #[test]
    fn apps_address_should_name_the_node() {
        assert_eq!(
            apps_address("ws://127.0.0.1:9944/"),
            "https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:9944"
        );
    }
}
