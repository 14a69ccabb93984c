//! Takes signed transactions from the accounts' queues and hands them over: at a rate, over several connections, and never with
//! more under way than a bound.

use crate::{
    fleet::{Fleet, Prepared},
    ledger::Ledger,
    pace::Bucket,
    plan::{Mix, Part},
};
use caisson::{
    chain::{Chain, Refusal},
    error::Result,
};
use caisson_primitives::Nonce;
use jsonrpsee::rpc_params;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

/// How often the sender looks at what it may send.
const TICK: Duration = Duration::from_millis(5);
/// How long an account rests when the pool was full.
const REST: Duration = Duration::from_millis(500);
/// How long an account waits before it asks for its nonce, so that the pool has settled.
const PAUSE: Duration = Duration::from_secs(2);
/// After how long a transaction in no block is given up: the pool must have dropped it.
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(120);

/// What became of what was sent.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Transactions handed over, those that were refused among them.
    pub sent: AtomicU64,
    /// How long the bound on those under way held back what the rate would have sent, in milliseconds.
    pub held_back_ms: AtomicU64,
    /// How long no account had a signed transaction that it might send, in milliseconds.
    pub starved_ms: AtomicU64,
    /// Those that no block took and that were given up.
    pub given_up: AtomicU64,
    /// Why the node refused some, in its words. Those that it may take later are sent again.
    pub refusals: Mutex<BTreeMap<String, u64>>,
}

impl Outcomes {
    /// Forgets all, because the measurement begins.
    pub fn clear(&self) {
        for number in [
            &self.sent,
            &self.held_back_ms,
            &self.starved_ms,
            &self.given_up,
        ] {
            number.store(0, Ordering::Relaxed);
        }
        self.refusals.lock().clear();
    }
}

/// The connections and books that sending needs.
#[derive(Clone)]
pub struct Lines {
    /// The accounts.
    pub fleet: Arc<Fleet>,
    /// What is under way.
    pub ledger: Arc<Ledger>,
    /// Connections, which take turns.
    pub chains: Arc<Vec<Chain>>,
    /// What became of it.
    pub outcomes: Arc<Outcomes>,
}

impl Lines {
    /// Sends what a member has next, if it may send now. Returns the acts that the rate counts.
    fn send_of(&self, place: usize, turn: usize) -> Option<u32> {
        let member = self.fleet.members.get(place)?;
        let chain = self.chains.get(turn % self.chains.len().max(1))?;
        let now = Instant::now();
        let prepared = member.take(now)?;
        let acts = prepared.acts;
        self.ledger
            .sent(prepared.hash, place, prepared.limited, now);
        self.outcomes.sent.fetch_add(1, Ordering::Relaxed);
        let (lines, chain) = (self.clone(), chain.clone());
        tokio::spawn(async move { lines.hand_over(&chain, place, prepared).await });
        Some(acts)
    }

    async fn hand_over(&self, chain: &Chain, place: usize, prepared: Prepared) {
        let Some(member) = self.fleet.members.get(place) else {
            return;
        };
        let refused = match chain.submit_sealed(prepared.bytes.clone()).await {
            Ok(_) => return member.handed_over(),
            Err(refused) => refused,
        };
        if refused.refusal == Refusal::Known {
            return member.handed_over();
        }
        *self
            .outcomes
            .refusals
            .lock()
            .entry(refused.error.to_string())
            .or_default() += 1;
        if self.ledger.refused(&prepared.hash).is_none() {
            // A block has it, whatever the pool says.
            return member.handed_over();
        }
        match refused.refusal {
            Refusal::Later => member.put_back(prepared, Instant::now() + REST),
            _ => {
                member.lose(&prepared);
                self.find_again(chain, place).await;
            }
        }
    }

    /// Asks the node for a member's nonce until it answers.
    async fn find_again(&self, chain: &Chain, place: usize) {
        let Some(member) = self.fleet.members.get(place) else {
            return;
        };
        loop {
            tokio::time::sleep(PAUSE).await;
            if let Ok(nonce) = next_nonce(chain, &member.signer).await {
                return member.count_from(nonce);
            }
        }
    }

    /// Gives up what is in no block for long, again and again.
    pub async fn watch_for_lost(&self) {
        let Some(chain) = self.chains.first() else {
            return;
        };
        loop {
            tokio::time::sleep(PAUSE).await;
            let Some(before) = Instant::now().checked_sub(GIVEN_UP_AFTER) else {
                continue;
            };
            for missed in self.ledger.give_up(before) {
                self.outcomes.given_up.fetch_add(1, Ordering::Relaxed);
                if let Some(member) = self.fleet.members.get(missed.member) {
                    member.missed(missed.limited);
                    let (lines, chain) = (self.clone(), chain.clone());
                    tokio::spawn(async move { lines.find_again(&chain, missed.member).await });
                }
            }
        }
    }

    /// Sends everything that waits in the queues, with at most so many under way.
    pub async fn send_all(&self, most: usize) {
        let mut turn = 0;
        while self.fleet.waiting() > 0 {
            for place in 0..self.fleet.members.len() {
                while self.ledger.under_way() >= most {
                    tokio::time::sleep(TICK).await;
                }
                if self.send_of(place, turn).is_some() {
                    turn += 1;
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }
}

/// The nonce of an account's next transaction, as the node counts its pool and its chain.
pub async fn next_nonce(chain: &Chain, signer: &caisson::keys::Signer) -> Result<Nonce> {
    let account = signer.account().to_string();
    chain
        .request("system_accountNextIndex", rpc_params![account])
        .await
}

/// Sends a kind of load.
pub struct Sender {
    lines: Lines,
    parts: &'static [Part],
    mix: Mix,
    /// Of each part the member whose turn it is.
    cursors: Vec<usize>,
    bucket: Bucket,
    most: usize,
    turn: usize,
}

impl Sender {
    /// So many acts a second (nothing is without a bound), with at most so many transactions under way.
    pub fn new(lines: Lines, parts: &'static [Part], rate: Option<f64>, most: usize) -> Self {
        Self {
            cursors: lines.fleet.parts.iter().map(|range| range.start).collect(),
            lines,
            parts,
            mix: Mix::new(parts),
            bucket: Bucket::new(rate, Instant::now()),
            most,
            turn: 0,
        }
    }

    /// Sends until it is told to stop.
    pub async fn run(mut self, stop: Arc<AtomicBool>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut last = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            ticks.tick().await;
            let now = Instant::now();
            self.bucket.fill(now);
            let since = now.saturating_duration_since(last);
            last = now;
            let passed = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
            let paused = self.send_what_may_go();
            let outcomes = &self.lines.outcomes;
            match paused {
                Paused::Paced => {}
                Paused::HeldBack => {
                    outcomes.held_back_ms.fetch_add(passed, Ordering::Relaxed);
                }
                Paused::Starved => {
                    outcomes.starved_ms.fetch_add(passed, Ordering::Relaxed);
                }
            }
        }
    }

    fn send_what_may_go(&mut self) -> Paused {
        while self.bucket.is_open() {
            if self.lines.ledger.under_way() >= self.most {
                return Paused::HeldBack;
            }
            let part = self.mix.peek();
            let Some(acts) = self.send_of_part(part) else {
                return Paused::Starved;
            };
            self.mix.took(part);
            if self.parts.get(part).is_some_and(|part| part.paced) {
                self.bucket.pay(acts);
            }
        }
        Paused::Paced
    }

    /// Sends something of the next member of a part that may send.
    fn send_of_part(&mut self, part: usize) -> Option<u32> {
        let range = self.lines.fleet.parts.get(part)?.clone();
        let cursor = self.cursors.get_mut(part)?;
        for _ in range.clone() {
            let place = *cursor;
            *cursor = if place + 1 < range.end {
                place + 1
            } else {
                range.start
            };
            if let Some(acts) = self.lines.send_of(place, self.turn) {
                self.turn = self.turn.wrapping_add(1);
                return Some(acts);
            }
        }
        None
    }
}

/// Why the sender stopped for now.
enum Paused {
    /// The rate is kept.
    Paced,
    /// Too many are under way.
    HeldBack,
    /// No account may send.
    Starved,
}
