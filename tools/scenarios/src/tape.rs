//! What happened, block by block.

use std::collections::BTreeSet;

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        AccountIndex, Contract, Level, MarketId, Markets as _, OpenInterestSource as _, Scope,
    },
    BlockNumber, Moment,
};
use caisson_runtime::{CircuitBreaker, Margin, Markets, Runtime, RuntimeEvent};
use pallet_circuit_breaker::{machine::Cause, Event as Breaker};
use pallet_exchange::Event as Exchanged;
use pallet_insurance::Event as Insured;
use pallet_liquidation::{
    types::{Latencies, Totals},
    Event as Liquidated,
};
use pallet_margin::Event as Booked;

/// What is said when a deficit opens, and when it is paid.
const DEFICIT_OPENED: &str = "a loss is not covered: nothing leaves the compartment";
/// See [`DEFICIT_OPENED`].
const DEFICIT_COVERED: &str = "the loss is covered";

/// What can be read of the chain after a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The index, in quanta for a lot.
    pub index: i128,
    /// The mark.
    pub mark: i128,
    /// What one long lot has paid in funding since the market began.
    pub funding: i128,
    /// Lots held long, which equal those held short.
    pub open_interest: u64,
    /// Accounts short of maintenance margin.
    pub unsafe_accounts: u32,
    /// Those of them that the block had no room for.
    pub backlog: u32,
    /// The insurance fund of the market's compartment, in quanta.
    pub insurance: i128,
    /// What its backers stake.
    pub backers: i128,
    /// What nobody covered yet in the market.
    pub deficit: i128,
    /// Cut from profits in the market so far.
    pub haircuts: i128,
    /// Lots closed at mark against the other side so far.
    pub deleveraged: u64,
    /// The level that holds in the market.
    pub level: Level,
    /// How far the index is trusted.
    pub status: FeedStatus,
}

/// A block of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its place in the scenario, from 1.
    pub place: u32,
    /// Milliseconds since the scenario began.
    pub at_ms: Moment,
    /// The state after it.
    pub state: State,
    /// Accounts that were found short of margin in it.
    pub found: u32,
    /// Accounts that were restored in it, and the longest that one of them had waited, in blocks.
    pub restored: u32,
    /// See `restored`.
    pub waited: u32,
    /// Orders of the liquidation engine that entered the call.
    pub engine_orders: u32,
    /// Lots of the engine's orders that traded.
    pub engine_lots: u64,
    /// Accounts that the fund took over.
    pub taken_over: u32,
    /// Lots that the fund bought of accounts it did not take over.
    pub bought: u64,
    /// Lots that changed hands in calls.
    pub traded: u64,
}

/// Something worth a line: when, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The block, from the beginning of the scenario.
    pub place: u32,
    /// What happened.
    pub text: String,
}

/// All that was recorded.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// The market that is recorded, and how its figures are read; nothing before the scenario begins.
    pub subject: Option<Subject>,
    /// Before the first block.
    pub before: Option<State>,
    /// Block by block.
    pub samples: Vec<Sample>,
    /// What is worth a line.
    pub notices: Vec<Notice>,
    /// How long accounts were unsafe, in blocks, one for each that was restored, in the order of restoration.
    pub waits: Vec<u32>,
    /// The accounts that were short of margin, however often.
    pub short: BTreeSet<AccountIndex>,
    /// How often the books were checked.
    pub checks: u32,
    /// Paid by the insurance fund, backers and treasury for losses of the market, in quanta.
    pub paid: [i128; 3],
    /// Losses of the market's fund that neither insurance nor backers nor treasury covered when they arose, in quanta.
    pub uncovered: i128,
    /// What the waterfall did in the market, at the end.
    pub totals: Totals,
    /// How long accounts were unsafe, as the chain counts it, at the end.
    pub latencies: Latencies,
    /// Whether the market was given up and settles.
    pub given_up: bool,
    started: Moment,
    is_recording: bool,
}

/// The market that is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its number.
    pub market: MarketId,
    /// Its compartment.
    pub compartment: u16,
    /// One lot, in 10^-18 of the base.
    pub lot_size: u128,
}

impl Tape {
    /// Recording begins.
    pub fn begin(&mut self, market: MarketId, contract: &Contract, started: Moment, state: State) {
        self.subject = Some(Subject {
            market,
            compartment: contract.compartment,
            lot_size: contract.lot_size,
        });
        self.before = Some(state);
        self.started = started;
        self.is_recording = true;
    }

    /// Recording ends.
    pub fn end(&mut self, totals: Totals, latencies: Latencies) {
        (self.totals, self.latencies) = (totals, latencies);
        self.is_recording = false;
    }

    /// Whether blocks are recorded.
    pub const fn is_recording(&self) -> bool {
        self.is_recording
    }

    /// Reads the state of a market, inside the chain's externalities.
    pub fn state(market: MarketId) -> State {
        let prices = Markets::prices(market);
        let compartment = Markets::contract(market).map_or(0, |contract| contract.compartment);
        let ledger = pallet_margin::Ledgers::<Runtime>::get(compartment);
        let totals = pallet_liquidation::TotalsOf::<Runtime>::get(market);
        State {
            index: prices.as_ref().map_or(0, |prices| prices.index.0),
            mark: prices.as_ref().map_or(0, |prices| prices.mark.0),
            funding: prices.as_ref().map_or(0, |prices| prices.funding.0),
            open_interest: Margin::open_interest(market),
            unsafe_accounts: pallet_liquidation::UnsafeAccounts::<Runtime>::get(),
            backlog: pallet_liquidation::BacklogState::<Runtime>::get().accounts,
            insurance: ledger.insurance.0,
            backers: ledger.backers.0,
            deficit: pallet_liquidation::Work::<Runtime>::get(market)
                .map_or(0, |work| work.deficit.0),
            haircuts: totals.haircuts.0,
            deleveraged: totals.deleveraged,
            level: CircuitBreaker::level(market),
            status: prices.map_or(FeedStatus::Down, |prices| prices.status),
        }
    }

    /// Records a block. `next` is the time of the block after it.
    pub fn record(
        &mut self,
        number: BlockNumber,
        next: Moment,
        state: State,
        events: Vec<RuntimeEvent>,
    ) {
        let Some(subject) = self.subject.clone() else {
            return;
        };
        let mut sample = Sample {
            place: u32::try_from(self.samples.len() + 1).unwrap_or(u32::MAX),
            at_ms: next.saturating_sub(self.started),
            state,
            found: 0,
            restored: 0,
            waited: 0,
            engine_orders: 0,
            engine_lots: 0,
            taken_over: 0,
            bought: 0,
            traded: 0,
        };
        for event in events {
            self.note(&mut sample, &subject, number, event);
        }
        self.samples.push(sample);
    }

    fn note(
        &mut self,
        sample: &mut Sample,
        subject: &Subject,
        number: BlockNumber,
        event: RuntimeEvent,
    ) {
        match event {
            RuntimeEvent::Margin(Booked::BecameUnsafe { account, .. }) => {
                sample.found += 1;
                self.short.insert(account);
            }
            RuntimeEvent::Exchange(event) => self.note_exchange(sample, subject, event),
            RuntimeEvent::Liquidation(event) => self.note_liquidation(sample, subject, event),
            RuntimeEvent::CircuitBreaker(event) => {
                if let Some(text) = breaker_words(&event, subject, number) {
                    self.notice_of_breaker(sample.place, text);
                }
            }
            RuntimeEvent::Insurance(Insured::LossCovered {
                market,
                insurance,
                backers,
                treasury,
                ..
            }) if market == subject.market => {
                for (sum, paid) in self.paid.iter_mut().zip([insurance, backers, treasury]) {
                    *sum += paid.0;
                }
            }
            _ => {}
        }
    }

    fn note_exchange(
        &mut self,
        sample: &mut Sample,
        subject: &Subject,
        event: pallet_exchange::Event<Runtime>,
    ) {
        match event {
            Exchanged::Filled {
                market,
                lots,
                forced: true,
                ..
            } if market == subject.market => sample.engine_lots += lots,
            Exchanged::Cleared { market, lots, .. } if market == subject.market => {
                sample.traded += lots;
            }
            _ => {}
        }
    }

    fn note_liquidation(
        &mut self,
        sample: &mut Sample,
        subject: &Subject,
        event: pallet_liquidation::Event<Runtime>,
    ) {
        match event {
            Liquidated::Restored { blocks, .. } => {
                sample.restored += 1;
                sample.waited = sample.waited.max(blocks);
                self.waits.push(blocks);
            }
            Liquidated::OrderEntered { market, .. } if market == subject.market => {
                sample.engine_orders += 1;
            }
            Liquidated::Bought { market, lots, .. } if market == subject.market => {
                sample.bought += lots;
            }
            Liquidated::TakenOver { market, .. } if market == subject.market => {
                sample.taken_over += 1;
            }
            Liquidated::DeficitChanged {
                market,
                before,
                after,
            } if market == subject.market => self.uncovered += (after.0 - before.0).max(0),
            Liquidated::GivenUp { market, .. } if market == subject.market => {
                self.given_up = true;
                self.notice(sample.place, "the market is given up and settles".into());
            }
            // These should never be; a report that hid them would be worth nothing.
            Liquidated::CouldNotLiquidate { account, error } => {
                self.notice(
                    sample.place,
                    format!("account {account} could not be liquidated: {error:?}"),
                );
            }
            Liquidated::FundFailed { market, error } => {
                self.notice(
                    sample.place,
                    format!("the fund of market {market} failed: {error:?}"),
                );
            }
            _ => {}
        }
    }

    /// Notes something that the scenario itself did.
    pub fn remark(&mut self, text: impl Into<String>) {
        let place = u32::try_from(self.samples.len() + 1).unwrap_or(u32::MAX);
        self.notice(place, text.into());
    }

    /// A deficit that is paid in the block in which it arose is no line of its own: there may be hundreds, and the figures have
    /// their sum.
    fn notice_of_breaker(&mut self, place: u32, text: String) {
        let opened = Notice {
            place,
            text: DEFICIT_OPENED.to_owned(),
        };
        if text == DEFICIT_COVERED && self.notices.last() == Some(&opened) {
            self.notices.pop();
        } else {
            self.notice(place, text);
        }
    }

    fn notice(&mut self, place: u32, text: String) {
        self.notices.push(Notice { place, text });
    }
}

/// A change of level in words; nothing for other events and other scopes.
fn breaker_words(
    event: &pallet_circuit_breaker::Event<Runtime>,
    subject: &Subject,
    number: BlockNumber,
) -> Option<String> {
    let concerns = |scope: &Scope| match scope {
        Scope::Market(market) => *market == subject.market,
        Scope::Compartment(compartment) => *compartment == subject.compartment,
        Scope::Chain => true,
    };
    match event {
        Breaker::Raised {
            scope,
            cause,
            before,
            after,
            hold,
            ..
        } if concerns(scope) && after > before => {
            let call = match hold.saturating_sub(number) {
                0 => String::new(),
                blocks => format!("; no call ends for {blocks} blocks"),
            };
            Some(format!(
                "raised to {}, because {}{call}",
                level_words(*after),
                cause_words(*cause)
            ))
        }
        Breaker::Recovered {
            scope,
            cause,
            after,
            level,
            ..
        } if concerns(scope) => Some(format!(
            "what was raised because {} is down to {}; the market is at {}",
            cause_words(*cause),
            level_words(*after),
            level_words(*level)
        )),
        Breaker::LetThrough { market, .. } if *market == subject.market => {
            Some("the price was outside its band for so long that it is let through".to_owned())
        }
        Breaker::DeficitOpened { compartment, .. } if *compartment == subject.compartment => {
            Some(DEFICIT_OPENED.to_owned())
        }
        Breaker::DeficitCovered { compartment, .. } if *compartment == subject.compartment => {
            Some(DEFICIT_COVERED.to_owned())
        }
        _ => None,
    }
}

/// A level as the guides call it.
pub const fn level_words(level: Level) -> &'static str {
    match level {
        Level::Open => "Open",
        Level::LongCalls => "LongCalls",
        Level::ReduceOnly => "ReduceOnly",
        Level::CancelOnly => "CancelOnly",
        Level::Halted => "Halted",
    }
}

/// Why a level was raised.
const fn cause_words(cause: Cause) -> &'static str {
    match cause {
        Cause::PriceBand => "the price left its band",
        Cause::OracleHealth => "the index could not be fully trusted",
        Cause::BlockGap => "the chain had stood still",
        Cause::RuntimeUpgrade => "the runtime is a new one",
        Cause::OrderFlow => "the orders were unlike those before",
        Cause::OpenInterest => "open interest grew fast",
        Cause::LiquidationPressure => "much was being liquidated",
        Cause::InsuranceDrawdown => "the fund was paying out fast",
        Cause::Guardian => "guardians said so",
        Cause::Ratified => "a referendum said so",
    }
}
