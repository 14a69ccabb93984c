//! Reads each block once: what is in it, what it weighs, when it came, when it was final.
//!
//! A transaction is included when the first block with it is seen here. Everything else is counted on final blocks only, in
//! their order: what a fork took back never was.

use crate::{
    fleet::Fleet,
    ledger::Ledger,
    tally::{Counts, Tally},
};
use caisson::{
    chain::{Chain, State},
    error::{Error, Result},
};
use caisson_price_server::clock::wall_ms;
use caisson_primitives::{BlockNumber, Hash, Hashing};
use caisson_runtime::{Header, Runtime, RuntimeEvent};
use codec::Encode;
use frame_support::{
    dispatch::{DispatchClass, PerDispatchClass},
    storage::storage_prefix,
    weights::Weight,
};
use frame_system::EventRecord;
use parking_lot::Mutex;
use serde::Serialize;
use sp_consensus_babe::digests::CompatibleDigestItem;
use sp_runtime::traits::{Hash as _, Header as _};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long the chain may be without a new block.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many blocks of unknown parents are fetched at most: more means that the program can't follow.
const MOST_BEHIND: usize = 500;

/// A final block.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Its height.
    pub number: BlockNumber,
    /// Its slot.
    pub slot: u64,
    /// Its timestamp, in milliseconds since 1970: its author's clock when it began to make it, within its slot.
    pub time_ms: u64,
    /// Its body, in bytes.
    pub bytes: u64,
    /// What normal transactions weigh, in picoseconds.
    pub normal: u64,
    /// What operational ones weigh.
    pub operational: u64,
    /// What hooks, inherents and reservations weigh.
    pub mandatory: u64,
    /// How many of its transactions were sent from here.
    pub ours: u64,
    /// How long after its timestamp it was seen here, in milliseconds.
    pub seen_after_ms: u64,
    /// How long after its timestamp it was seen to be final, in milliseconds.
    pub final_after_ms: u64,
    /// How many blocks were not final when it was seen, itself among them; nothing for blocks that were seen late.
    pub lag: Option<u32>,
    /// What happened in it.
    pub counts: Counts,
}

/// A block that was read.
struct Seen {
    header: Header,
    time_ms: u64,
    seen_ms: u64,
    lag: Option<u32>,
    hashes: Vec<Hash>,
    bytes: u64,
    weight: PerDispatchClass<Weight>,
    events: Vec<EventRecord<RuntimeEvent, Hash>>,
}

/// What the observer knows, for others to look at.
#[derive(Debug, Default)]
pub struct Sight {
    /// The height of the best block.
    pub best: BlockNumber,
    /// The height of the last final block.
    pub finalised: BlockNumber,
    /// Transactions of the best block, inherents among them.
    pub transactions: usize,
    /// The final blocks since the observer began, in their order.
    pub records: Vec<Record>,
    /// Counts events.
    pub tally: Tally,
}

/// Follows the chain.
pub struct Observer {
    chain: Chain,
    ledger: Arc<Ledger>,
    fleet: Arc<Fleet>,
    sight: Arc<Mutex<Sight>>,
    seen: HashMap<Hash, Seen>,
    /// Nothing at or below is read.
    begin: BlockNumber,
}

impl Observer {
    /// Begins behind the last final block.
    pub async fn begin(
        chain: Chain,
        ledger: Arc<Ledger>,
        fleet: Arc<Fleet>,
        sight: Arc<Mutex<Sight>>,
    ) -> Result<Self> {
        let last = chain.header(chain.finalized().await?).await?;
        let begin = *last.number();
        {
            let mut sight = sight.lock();
            sight.best = begin;
            sight.finalised = begin;
        }
        Ok(Self {
            chain,
            ledger,
            fleet,
            sight,
            seen: HashMap::new(),
            begin,
        })
    }

    /// Reads blocks until it can't. Returns why.
    pub async fn run(mut self) -> Error {
        match self.follow().await {
            Ok(()) => Error::new("the node closed the connection; see its log"),
            Err(error) => error,
        }
    }

    async fn follow(&mut self) -> Result<()> {
        let mut best = self.chain.best_blocks().await?;
        let mut last = self.chain.final_blocks().await?;
        loop {
            tokio::select! {
                header = best.next() => match header {
                    Some(Ok(header)) => self.best(header).await?,
                    Some(Err(error)) => return Err(Error::new(format!("a header can't be read: {error}"))),
                    None => return Ok(()),
                },
                header = last.next() => match header {
                    Some(Ok(header)) => self.finalised(header).await?,
                    Some(Err(error)) => return Err(Error::new(format!("a header can't be read: {error}"))),
                    None => return Ok(()),
                },
                () = tokio::time::sleep(PATIENCE) => {
                    return Err(Error::new(format!(
                        "no block for {} s: the chain stands still; see the node's log",
                        PATIENCE.as_secs()
                    )));
                }
            }
        }
    }

    /// A new best block.
    async fn best(&mut self, header: Header) -> Result<()> {
        let now_ms = wall_ms();
        let number = *header.number();
        let lag = number.saturating_sub(self.sight.lock().finalised);
        let hash = header.hash();
        self.read_up_to(header, now_ms).await?;
        let transactions = self.seen.get_mut(&hash).map_or(0, |seen| {
            seen.lag = Some(lag);
            seen.hashes.len()
        });
        let mut sight = self.sight.lock();
        sight.best = number;
        sight.transactions = transactions;
        Ok(())
    }

    /// Reads a block and those before it that were not read.
    async fn read_up_to(&mut self, header: Header, seen_ms: u64) -> Result<()> {
        let mut unread = vec![header];
        while let Some(first) = unread.last() {
            let is_known = self.seen.contains_key(&first.hash());
            if is_known || *first.number() <= self.begin.max(self.sight.lock().finalised) {
                unread.pop();
                break;
            }
            if unread.len() > MOST_BEHIND {
                return Err(Error::new(
                    "the generator is too slow to read the blocks; lower the rate, or give it more of the processor",
                ));
            }
            let parent = *first.parent_hash();
            let is_parent_known = self.seen.contains_key(&parent);
            if is_parent_known {
                break;
            }
            unread.push(self.chain.header(parent).await?);
        }
        for header in unread.into_iter().rev() {
            self.read(header, seen_ms).await?;
        }
        Ok(())
    }

    async fn read(&mut self, header: Header, seen_ms: u64) -> Result<()> {
        let now = Instant::now();
        let hash = header.hash();
        let state = self.chain.at(hash);
        let bodies = self.chain.transactions(hash).await?;
        let hashes: Vec<Hash> = bodies.iter().map(|body| Hashing::hash(body)).collect();
        // At once, so that reading the rest doesn't count as waiting.
        for settled in self.ledger.seen(&hashes, now) {
            if let Some(member) = self.fleet.members.get(settled.member) {
                member.included(settled.limited);
            }
        }
        let (weight, time_ms, events) =
            tokio::try_join!(weight(&state), state.time(), state.events())?;
        let seen = Seen {
            header,
            time_ms,
            seen_ms,
            lag: None,
            bytes: bodies.iter().map(|body| body.encoded_size() as u64).sum(),
            hashes,
            weight,
            events,
        };
        self.seen.insert(hash, seen);
        Ok(())
    }

    /// A block is final, and all before it.
    async fn finalised(&mut self, header: Header) -> Result<()> {
        let (now, now_ms) = (Instant::now(), wall_ms());
        let last = *header.number();
        let mut hash = header.hash();
        self.read_up_to(header, now_ms).await?;
        let mut path = Vec::new();
        while let Some(seen) = self.seen.remove(&hash) {
            hash = *seen.header.parent_hash();
            path.push(seen);
        }
        for seen in path.into_iter().rev() {
            let number = *seen.header.number();
            let ours = self.ledger.finalised(number, &seen.hashes, now);
            let mut sight = self.sight.lock();
            let counts = sight.tally.block(&seen.events);
            sight
                .records
                .push(record(&seen, now_ms, ours as u64, counts)?);
        }
        // What is left at that height or below is of forks that were given up.
        self.seen.retain(|_, seen| *seen.header.number() > last);
        let mut sight = self.sight.lock();
        sight.finalised = sight.finalised.max(last);
        sight.best = sight.best.max(last);
        Ok(())
    }
}

async fn weight(state: &State<'_>) -> Result<PerDispatchClass<Weight>> {
    let key = storage_prefix(b"System", b"BlockWeight");
    let weight = state.storage::<ConsumedWeight>(&key).await?;
    Ok(weight.unwrap_or_default())
}

type ConsumedWeight = PerDispatchClass<Weight>;

fn record(seen: &Seen, final_ms: u64, ours: u64, counts: Counts) -> Result<Record> {
    let time = |class| seen.weight.get(class).ref_time();
    Ok(Record {
        number: *seen.header.number(),
        slot: slot(&seen.header)?,
        time_ms: seen.time_ms,
        bytes: seen.bytes,
        normal: time(DispatchClass::Normal),
        operational: time(DispatchClass::Operational),
        mandatory: time(DispatchClass::Mandatory),
        ours,
        seen_after_ms: seen.seen_ms.saturating_sub(seen.time_ms),
        final_after_ms: final_ms.saturating_sub(seen.time_ms),
        lag: seen.lag,
        counts,
    })
}

/// The slot in which a block was made, from its header.
fn slot(header: &Header) -> Result<u64> {
    let digests = header.digest().logs().iter();
    let digest = digests
        .filter_map(CompatibleDigestItem::as_babe_pre_digest)
        .next();
    digest
        .map(|digest| u64::from(digest.slot()))
        .ok_or_else(|| {
            Error::new(format!(
                "block {} doesn't say its slot; is this a chain of BABE?",
                header.number()
            ))
        })
}

/// The weight that transactions of the normal class may have in a block, and the whole of a block, in picoseconds.
pub fn limits() -> (u64, u64) {
    let weights = <<Runtime as frame_system::Config>::BlockWeights as frame_support::traits::Get<
        frame_system::limits::BlockWeights,
    >>::get();
    let normal = weights.get(DispatchClass::Normal).max_total;
    (
        normal.unwrap_or(weights.max_block).ref_time(),
        weights.max_block.ref_time(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_should_be_those_of_the_runtime() {
        let (normal, whole) = limits();
        assert_eq!(
            whole,
            caisson_runtime::configs::MAXIMUM_BLOCK_WEIGHT.ref_time()
        );
        assert!(normal > 0 && normal < whole);
    }
}
