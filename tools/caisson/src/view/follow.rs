//! Follows the chain block by block, over lost connections.

use super::{
    collect::{collect, step, Step},
    frame::{FeedFigures, Frame, Skipped},
    history::{History, KEPT_BLOCKS, MINUTE_MS},
};
use crate::{
    chain::Chain,
    error::{Error, Result},
};
use caisson_primitives::{BlockNumber, Hash};
use caisson_runtime::Header;
use futures::FutureExt;
use jsonrpsee::core::client::Subscription;
use sp_runtime::traits::Header as _;
use std::time::Duration;
use tokio::{
    sync::mpsc::Sender,
    time::{sleep, timeout, Instant},
};

/// For how long a node that is gone is looked for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// What the follower has to say.
#[derive(Clone, Debug)]
pub enum Update {
    /// A block's figures.
    Frame(Box<Frame>),
    /// The node doesn't answer; in words. The next frame says that it does again.
    Trouble(String),
}

/// Reads blocks as they come.
#[derive(Debug)]
pub struct Follower {
    chain: Chain,
    history: History,
    feeds: Vec<FeedFigures>,
    every: BlockNumber,
    shown: Option<BlockNumber>,
    failing_since: Option<Instant>,
}

/// Why following a connection ended without an error: nobody listens any more.
struct Unheard;

impl Follower {
    /// Reads each `every`th block of a chain.
    pub fn new(chain: Chain, every: BlockNumber) -> Self {
        Self {
            chain,
            history: History::default(),
            feeds: Vec::new(),
            every: every.max(1),
            shown: None,
            failing_since: None,
        }
    }

    /// Reads blocks until nobody listens any more, or until the node was gone for too long.
    pub async fn follow(mut self, updates: Sender<Update>) -> Result<()> {
        loop {
            let error = match self.follow_connection(&updates).await {
                Ok(Unheard) => return Ok(()),
                Err(error) => error,
            };
            if self.wait_for_node(error, &updates).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// Connects again. Fails when the node was gone for too long.
    async fn wait_for_node(
        &mut self,
        mut error: Error,
        updates: &Sender<Update>,
    ) -> Result<Option<Unheard>> {
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        loop {
            let left = PATIENCE.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Err(Error::new(format!(
                    "the node at {} is gone for {} s: {error}",
                    self.chain.url(),
                    PATIENCE.as_secs()
                )));
            }
            let words = format!(
                "the node doesn't answer ({}); looking for it for {} s more",
                first_line(&error.to_string()),
                left.as_secs()
            );
            if updates.send(Update::Trouble(words)).await.is_err() {
                return Ok(Some(Unheard));
            }
            sleep(PAUSE.min(left)).await;
            let url = self.chain.url().to_owned();
            match timeout(left, Chain::connect(&url)).await {
                Ok(Ok(chain)) => {
                    self.chain = chain;
                    return Ok(None);
                }
                Ok(Err(again)) => error = again,
                Err(_) => error = Error::new(format!("no answer at {url}")),
            }
        }
    }

    /// Reads blocks while a connection lasts.
    async fn follow_connection(&mut self, updates: &Sender<Update>) -> Result<Unheard> {
        let mut heads = self.chain.best_blocks().await?;
        loop {
            let head = latest(&mut heads).await?;
            if !self.is_due(*head.number()) {
                continue;
            }
            let frame = self.read(&head).await?;
            self.shown = Some(frame.number);
            self.failing_since = None;
            if updates.send(Update::Frame(Box::new(frame))).await.is_err() {
                return Ok(Unheard);
            }
        }
    }

    /// Whether a block of that height gets a frame. After a fork or on another chain heights may be lower than before.
    fn is_due(&self, number: BlockNumber) -> bool {
        let Some(shown) = self.shown else {
            return true;
        };
        number <= shown || number - shown >= self.every
    }

    /// The figures of a block and of the minute before it.
    async fn read(&mut self, head: &Header) -> Result<Frame> {
        let (hash, number) = (head.hash(), *head.number());
        let is_first = self.history.is_empty();
        let state = self.chain.at(hash);
        let ((mut frame, last), finalised) = futures::try_join!(
            collect(state, number, *head.parent_hash()),
            self.finalised_height()
        )?;
        self.feeds = frame.feeds.clone();
        let gap = if is_first {
            self.minute_before(&last).await
        } else {
            self.gap_before(&last).await?
        };
        if !is_first {
            frame.skipped = gap.iter().map(skipped).collect();
        }
        let mut blocks = gap;
        blocks.push(last);
        self.history.extend(blocks);
        frame.finalised = Some(finalised);
        for market in &mut frame.markets {
            market.minute = self.history.minute(market.terms.market);
            market.trail = self.history.trail(market.terms.market);
        }
        Ok(frame)
    }

    async fn finalised_height(&self) -> Result<BlockNumber> {
        let hash = self.chain.finalized().await?;
        Ok(*self.chain.header(hash).await?.number())
    }

    /// The blocks of the minute before the first one, and one before that, as far as the node still has their state.
    async fn minute_before(&self, last: &Step) -> Vec<Step> {
        let begins = last.time_ms.saturating_sub(MINUTE_MS);
        let mut blocks: Vec<Step> = Vec::new();
        let mut child = last.clone();
        while child.number > 1 && child.time_ms > begins && blocks.len() < KEPT_BLOCKS {
            let Ok(block) = self.parent_of(&child).await else {
                break;
            };
            child = block.clone();
            blocks.push(block);
        }
        blocks.reverse();
        blocks
    }

    /// The blocks between those that are known and this one.
    async fn gap_before(&self, last: &Step) -> Result<Vec<Step>> {
        let mut blocks: Vec<Step> = Vec::new();
        let mut child = last.clone();
        while child.number > 1 && !self.history.has(child.parent) && blocks.len() < KEPT_BLOCKS {
            child = self.parent_of(&child).await?;
            blocks.push(child.clone());
        }
        blocks.reverse();
        Ok(blocks)
    }

    async fn parent_of(&self, child: &Step) -> Result<Step> {
        let hash: Hash = child.parent;
        let header = self.chain.header(hash).await?;
        step(
            self.chain.at(hash),
            *header.number(),
            *header.parent_hash(),
            &self.feeds,
        )
        .await
    }
}

/// The next head, or the last of several if they came faster than they were read.
async fn latest(heads: &mut Subscription<Header>) -> Result<Header> {
    let ended = || Error::new("the connection ended");
    let mut head = heads.next().await.ok_or_else(ended)?;
    while let Some(Some(next)) = heads.next().now_or_never() {
        head = next;
    }
    head.map_err(|error| {
        Error::new(format!(
            "the node sent a header that can't be read: {error}"
        ))
    })
}

fn skipped(block: &Step) -> Skipped {
    Skipped {
        number: block.number,
        hash: block.hash,
        fills: block.traded.values().map(|one| one.fills).sum(),
        events: block.events.clone(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
