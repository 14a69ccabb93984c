//! A run, in order: nodes and prices, money and accounts, signing ahead, a warm-up, the measurement, the report.

use crate::{
    fleet::Fleet,
    ledger::Ledger,
    machine::{self, Usage},
    metrics::Proposals,
    observer::{Observer, Sight},
    plan::Kind,
    progress::{line, say, Moment},
    report::{self, Report},
    sender::{Lines, Outcomes, Sender},
    setup,
    signing::{Desk, Horizon},
    stack::{Ends, Stack},
    venue::Venue,
};
use caisson::{
    chain::{Chain, Life},
    error::{Error, Result},
    view::signals::Signals,
};
use caisson_price_server::clock::wall_ms;
use caisson_primitives::{Balance, BlockNumber};
use parking_lot::Mutex;
use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// How often the run looks at everything.
const LOOK: Duration = Duration::from_secs(1);
/// How long the last blocks may take to be final.
const TIME_TO_FINALITY: Duration = Duration::from_secs(60);
/// How long the chain finishes what is under way before the measurement is judged.
const TIME_TO_SETTLE: Duration = Duration::from_secs(20);

/// What is measured, and how.
#[derive(Clone, Debug)]
pub struct Order {
    /// The kind of load.
    pub kind: Kind,
    /// Acts a second; nothing is as many as the bound on those under way allows.
    pub rate: Option<f64>,
    /// How long the load runs before it is measured.
    pub warm_up: Duration,
    /// How long it is measured.
    pub time: Duration,
    /// How many accounts.
    pub accounts: usize,
    /// How many quotes a ladder has.
    pub quotes: u32,
    /// How far ahead transactions are signed; nothing is all before the load begins.
    pub ahead: Option<Duration>,
    /// How many transactions may be under way.
    pub most: usize,
    /// How many connections.
    pub connections: usize,
    /// The first deposit of each account, in the settlement asset's smallest units.
    pub deposit: Balance,
}

/// The figures that are read before and after the measurement.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The last best block.
    pub block: BlockNumber,
    /// When it was read, in milliseconds since 1970.
    pub at_ms: u64,
    /// What the nodes use together.
    pub nodes: Usage,
    /// What this program uses.
    pub own: Usage,
    /// The disk space of the nodes' folders, in bytes.
    pub disk: u64,
    /// The nodes' figures of the blocks they made.
    pub proposals: Proposals,
}

/// A look at the processes, once a second.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Since the measurement began, in milliseconds.
    pub at_ms: u64,
    /// Transactions under way.
    pub under_way: usize,
    /// Memory of the nodes together, in kibibytes.
    pub nodes_kib: u64,
    /// Memory of this program, in kibibytes.
    pub own_kib: u64,
}

/// Runs, and ends what was started whatever happens.
pub async fn run(order: &Order, mut stack: Stack) -> Result<Report> {
    let ends = stack.ends.clone();
    let result = tokio::select! {
        result = Run::go(order, &ends) => result,
        error = stack.ended() => Err(error),
    };
    stack.end().await;
    result
}

/// A run under way.
struct Run<'a> {
    order: &'a Order,
    ends: &'a Ends,
    chain: Chain,
    venue: Arc<Venue>,
    lines: Lines,
    sight: Arc<Mutex<Sight>>,
    observer: JoinHandle<Error>,
    interrupted: bool,
    samples: Vec<Sample>,
}

impl<'a> Run<'a> {
    async fn go(order: &'a Order, ends: &'a Ends) -> Result<Report> {
        let mut signals = Signals::listen()?;
        let mut run = tokio::select! {
            run = Self::prepare(order, ends) => run?,
            () = signals.next() => return Err(nothing_measured()),
        };
        let watch = {
            let lines = run.lines.clone();
            tokio::spawn(async move { lines.watch_for_lost().await })
        };
        let measured = run.measure(&mut signals).await;
        watch.abort();
        run.observer.abort();
        measured
    }

    /// Everything up to accounts that can trade.
    async fn prepare(order: &'a Order, ends: &'a Ends) -> Result<Self> {
        let chains = ends.connect(order.connections).await?;
        let chain = chains[0].clone();
        say(&format!("node at {}; waiting for prices", chain.url()));
        let venue = Arc::new(Venue::open(&chain).await?);
        // Names of orders begin with the time, so that they differ from those of an earlier run.
        let first_name = (wall_ms() / 1_000) << 32;
        let fleet = Arc::new(Fleet::new(
            order.kind,
            order.accounts,
            venue.markets.len(),
            order.quotes,
            first_name,
        )?);
        let ledger = Arc::new(Ledger::default());
        let sight = Arc::new(Mutex::new(Sight::default()));
        let observer = Observer::begin(chain.clone(), ledger.clone(), fleet.clone(), sight.clone());
        let observer = tokio::spawn(observer.await?.run());
        let lines = Lines {
            fleet,
            ledger,
            chains: Arc::new(chains),
            outcomes: Arc::new(Outcomes::default()),
        };
        say(&format!("preparing {} accounts", order.accounts));
        let deposit = order.kind.trades().then_some(order.deposit);
        setup::prepare(&lines, &venue, deposit, &sight).await?;
        Ok(Self {
            order,
            ends,
            chain,
            venue,
            lines,
            sight,
            observer,
            interrupted: false,
            samples: Vec::new(),
        })
    }

    /// Signs ahead, sends, measures.
    async fn measure(&mut self, signals: &mut Signals) -> Result<Report> {
        let order = self.order;
        let whole = order.warm_up + order.time;
        let ahead = order.ahead.unwrap_or(whole).min(whole);
        let desk = Desk {
            fleet: self.lines.fleet.clone(),
            venue: self.venue.clone(),
            life: Life::immortal(self.chain.genesis()),
            horizon: Arc::new(Horizon::new(
                order.kind,
                &self.lines.fleet,
                order.rate,
                order.quotes,
                ahead,
            )),
        };
        tokio::select! {
            signed = self.sign_ahead(&desk) => signed?,
            () = signals.next() => return Err(nothing_measured()),
        }
        let stop = Arc::new(AtomicBool::new(false));
        let signer = desk.keep_filled(stop.clone());
        let sender = Sender::new(
            self.lines.clone(),
            order.kind.parts(),
            order.rate,
            order.most,
        );
        let sender = tokio::spawn(sender.run(stop.clone()));
        let begun = Instant::now();
        let measured = self.load(&desk, begun, ahead, signals).await;
        stop.store(true, Ordering::Relaxed);
        // Both end by themselves now; a panic in one is a defect that the figures would hide.
        let ended = sender.await.is_ok()
            & tokio::task::spawn_blocking(|| signer.join())
                .await
                .is_ok_and(|one| one.is_ok());
        let (before, after) = measured?;
        if !ended {
            return Err(Error::new(
                "a part of the generator failed; please report what stands above",
            ));
        }
        self.wait_for_finality(after.block).await?;
        self.report(&before, &after)
    }

    /// Signs what is to be signed before the load begins.
    async fn sign_ahead(&mut self, desk: &Desk) -> Result<()> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let filling = {
            let desk = desk.clone();
            tokio::task::spawn_blocking(move || desk.fill(threads))
        };
        while !filling.is_finished() {
            self.check()?;
            say(&format!(
                "signed {} transactions",
                self.lines.fleet.waiting()
            ));
            tokio::time::sleep(LOOK).await;
        }
        say(&format!(
            "signed {} transactions",
            self.lines.fleet.waiting()
        ));
        Ok(())
    }

    /// Warms up, then measures. Returns what was read before and after.
    async fn load(
        &mut self,
        desk: &Desk,
        begun: Instant,
        ahead: Duration,
        signals: &mut Signals,
    ) -> Result<(Reading, Reading)> {
        let whole = self.order.warm_up + self.order.time;
        let look = |passed: Duration| desk.horizon.look(ahead.min(whole.saturating_sub(passed)));
        while begun.elapsed() < self.order.warm_up && !self.interrupted {
            self.second("warm-up", begun, self.order.warm_up, signals)
                .await?;
            look(begun.elapsed());
        }
        let before = self.read().await?;
        self.lines.outcomes.clear();
        let measured = Instant::now();
        while measured.elapsed() < self.order.time && !self.interrupted {
            self.second("run", measured, self.order.time, signals)
                .await?;
            look(begun.elapsed());
            self.sample(measured);
        }
        Ok((before, self.read().await?))
    }

    /// Waits a second, and says how it goes.
    async fn second(
        &mut self,
        phase: &str,
        begun: Instant,
        time: Duration,
        signals: &mut Signals,
    ) -> Result<()> {
        let pause = LOOK.min(time.saturating_sub(begun.elapsed()));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = signals.next() => {
                say("stopping; the report is of what was measured so far");
                self.interrupted = true;
            }
        }
        self.check()?;
        if self.order.kind.follows_the_mark() {
            self.venue.follow(&self.chain).await?;
        }
        let moment = Moment {
            passed_s: begun.elapsed().as_secs(),
            of_s: time.as_secs(),
            under_way: self.lines.ledger.under_way(),
            waiting: self.lines.fleet.waiting(),
            refused: self.lines.outcomes.refusals.lock().values().sum(),
        };
        let line = line(phase, &moment, &self.sight.lock());
        say(&line);
        Ok(())
    }

    fn sample(&mut self, begun: Instant) {
        let own = machine::usage(std::process::id()).unwrap_or_default();
        self.samples.push(Sample {
            at_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            under_way: self.lines.ledger.under_way(),
            nodes_kib: self.ends.usage().resident_kib,
            own_kib: own.resident_kib,
        });
    }

    async fn read(&self) -> Result<Reading> {
        // The lock must not be held while the metrics are waited for.
        let block = self.sight.lock().best;
        Ok(Reading {
            block,
            at_ms: wall_ms(),
            nodes: self.ends.usage(),
            own: machine::usage(std::process::id()).unwrap_or_default(),
            disk: self.ends.disk_bytes(),
            proposals: self.ends.proposals().await?,
        })
    }

    /// Fails if blocks are not read any more.
    fn check(&mut self) -> Result<()> {
        if !self.observer.is_finished() {
            return Ok(());
        }
        let ended = futures::FutureExt::now_or_never(&mut self.observer);
        match ended {
            Some(Ok(error)) => Err(error),
            _ => Err(Error::new(
                "the reading of blocks failed; please report what stands above",
            )),
        }
    }

    /// Waits until a block is final, and then a while for what is under way.
    async fn wait_for_finality(&mut self, last: BlockNumber) -> Result<()> {
        let begun = Instant::now();
        while self.sight.lock().finalised < last {
            self.check()?;
            if begun.elapsed() > TIME_TO_FINALITY {
                return Err(Error::new(format!(
                    "block {last} is not final {} s after the load ended; the chain has lost finality, so nothing of it counts",
                    TIME_TO_FINALITY.as_secs()
                )));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        while !self.lines.ledger.is_settled() && begun.elapsed() < TIME_TO_SETTLE {
            self.check()?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    fn report(&self, before: &Reading, after: &Reading) -> Result<Report> {
        let sight = self.sight.lock();
        report::make(&report::Input {
            order: self.order,
            nodes: self.ends.urls.len(),
            markets: &self.venue.markets,
            fleet: &self.lines.fleet,
            ledger: &self.lines.ledger,
            outcomes: &self.lines.outcomes,
            records: &sight.records,
            samples: &self.samples,
            before,
            after,
            interrupted: self.interrupted,
        })
    }
}

fn nothing_measured() -> Error {
    Error::new("interrupted before anything was measured")
}
