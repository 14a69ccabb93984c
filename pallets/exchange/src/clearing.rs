//! The end of a block: each market whose call ended clears. SPEC 6.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use caisson_primitives::{
    oracle::BlockTime,
    trading::{
        AccountIndex, CallDecision, CallGuard, Contract, Level, LotPrice, MarketId, MarketPrices,
        Markets, Permit, Side, Ticks, TradingAccounts,
    },
    BlockNumber, Moment,
};
use caisson_risk::auction::{self, Margin};
use frame_support::{defensive, storage::with_storage_layer, traits::Get, weights::WeightMeter};
use sp_runtime::DispatchError;

use crate::{
    cancelling,
    commit::{self, Batch, Failure},
    desk::{AccountOf, Desk},
    floor::{Met, Pit, Scene},
    flow,
    pallet::{Book, Books, Config, Cursor, Event, Immediates, Pallet, Touched},
    summary,
    types::{BookSummary, CancelReason, LongCall},
    uncross::{self, Outcome},
    weights::{self, WeightInfo},
};

/// For how long a market that can't be booked, for no account's fault, is left alone: some minutes, in blocks.
const RETRY_BLOCKS: BlockNumber = 300;

/// What all markets of a block share.
struct Run {
    block: BlockNumber,
    now: Moment,
    meter: WeightMeter,
    indicative: WeightMeter,
    /// Whether the orders of an account that failed may still be cancelled in this block: the weight of one such act is
    /// reserved.
    may_expel: bool,
    /// The orders of the market that is looked at which their owners cancelled; zero once the guard was told.
    cancels: u32,
}

/// What is left to do in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visit {
    /// Nothing.
    Done,
    /// Its call goes on.
    Waits,
    /// Its call ended, but orders that the level keeps from trading may still cross: it is looked at in each block until
    /// they may trade.
    Skipped,
    /// Its clearing.
    Unfinished,
}

/// A market that is looked at.
struct Ring<'a> {
    market: MarketId,
    contract: &'a Contract,
    prices: &'a MarketPrices,
    level: Level,
    call: LongCall,
}

impl<'a> Ring<'a> {
    const fn scene(&self, now: Moment) -> Scene<'a> {
        Scene {
            market: self.market,
            contract: self.contract,
            prices: self.prices,
            level: self.level,
            since: self.call.since,
            now,
        }
    }
}

/// Looks at all markets in which something happened. SPEC 6.1.
///
/// When the budget ends in a market, the next block begins with the one after it, so a busy market starves no other.
pub fn run<T: Config>() {
    let mut touched = Touched::<T>::get();
    if touched.is_empty() {
        return;
    }
    let visits = u64::try_from(touched.len()).unwrap_or(u64::MAX);
    let visits = weights::each(T::WeightInfo::visit).saturating_mul(visits);
    let mut run = Run {
        block: summary::now::<T>(),
        now: T::Time::now_ms(),
        // Looking at each market is paid for first, so that the best prices are exact whatever happens.
        meter: WeightMeter::with_limit(T::ClearingBudget::get().saturating_sub(visits)),
        indicative: WeightMeter::with_limit(T::IndicativeBudget::get()),
        may_expel: true,
        cancels: 0,
    };
    let first = Cursor::<T>::get();
    let start = touched.partition_point(|one| one.market < first);
    let mut next = None;
    let mut done = BTreeSet::new();
    for place in (start..touched.len()).chain(0..start) {
        let Some(one) = touched.get_mut(place) else {
            continue;
        };
        run.cancels = one.cancels;
        match visit::<T>(one.market, &mut run) {
            Visit::Done => {
                done.insert(one.market);
            }
            Visit::Waits | Visit::Skipped => {}
            Visit::Unfinished => {
                next.get_or_insert(one.market.saturating_add(1));
            }
        }
        one.cancels = run.cancels;
    }
    touched.retain(|one| !done.contains(&one.market));
    // Nothing to remember is no key: the state is the same whether something was looked at or not.
    if touched.is_empty() {
        Touched::<T>::kill();
    } else {
        Touched::<T>::put(touched);
    }
    if let Some(next) = next {
        Cursor::<T>::put(next);
    }
}

fn visit<T: Config>(market: MarketId, run: &mut Run) -> Visit {
    let before = Books::<T>::get(market);
    let mut summary = before;
    let mut visit = step::<T>(market, &mut summary, run);
    summary::refresh::<T>(market, &mut summary);
    if visit == Visit::Skipped && !summary.is_crossed() {
        visit = Visit::Done;
    }
    if matches!(visit, Visit::Done | Visit::Skipped) {
        summary.call = None;
        summary.indicative = None;
    }
    if summary == BookSummary::default() {
        Books::<T>::remove(market);
    } else if summary != before {
        Books::<T>::insert(market, summary);
    }
    visit
}

fn step<T: Config>(market: MarketId, summary: &mut BookSummary, run: &mut Run) -> Visit {
    let Some(contract) = T::Markets::contract(market) else {
        return Visit::Done;
    };
    if !contract.phase.takes_orders() {
        // Its orders are cancelled when the block begins.
        return Visit::Done;
    }
    let call = summary::current_call(summary, &contract, run.block);
    let Some(prices) = T::Markets::prices(market) else {
        return wait(summary, call, run.block);
    };
    let ring = Ring {
        market,
        contract: &contract,
        prices: &prices,
        level: T::Guard::level(market),
        call,
    };
    if !summary::is_due(&call, &contract, run.block) {
        summary.indicative = indicative::<T>(&ring, run);
        return Visit::Waits;
    }
    match held::<T>(&ring, run.block) {
        None => clear::<T>(&ring, summary, run),
        Some(longer) => {
            summary.call = Some(longer);
            summary.indicative = indicative::<T>(&ring, run);
            Visit::Waits
        }
    }
}

/// The call as the guard makes it longer, if a due one may not clear yet. SPEC 13.4.
fn held<T: Config>(ring: &Ring, block: BlockNumber) -> Option<LongCall> {
    // A halt has no end that is known: the call stays due, and the guard is asked again in each block.
    if !ring.level.permits(Permit::Reduce) {
        return Some(ring.call);
    }
    let earliest = T::Guard::earliest_end(ring.market, ring.call.since);
    if earliest <= block {
        return None;
    }
    Some(match earliest {
        BlockNumber::MAX => ring.call,
        ends => LongCall {
            since: ring.call.since,
            ends: Some(ends),
        },
    })
}

/// The call goes on because nothing can clear now.
fn wait(summary: &mut BookSummary, call: LongCall, block: BlockNumber) -> Visit {
    summary.call = Some(LongCall {
        since: call.since,
        ends: call.ends.map(|ends| ends.max(block)),
    });
    Visit::Waits
}

/// At what price how many lots would clear now, within the budget for that. SPEC 6.9.
fn indicative<T: Config>(ring: &Ring, run: &mut Run) -> Option<(Ticks, u64)> {
    if !ring.level.permits(Permit::Reduce) {
        return None;
    }
    let mut pit = Pit::<T>::new(ring.scene(run.now), &mut run.indicative);
    let outcome = uncross::run(&mut pit);
    let price = price(&outcome, ring.contract, ring.prices)?;
    Some((price, outcome.lots))
}

/// The price valid for all that was matched: the mark clamped into the interval that clears the same volume. SPEC 6.6.
pub fn price(outcome: &Outcome, contract: &Contract, prices: &MarketPrices) -> Option<Ticks> {
    let (last_bid, last_ask) = outcome.last?;
    let limit = |next: Option<(Ticks, u64)>| next.map(|(ticks, _)| i128::from(ticks));
    let margin = Margin {
        last_bid: i128::from(last_bid),
        last_ask: i128::from(last_ask),
        next_bid: limit(outcome.next_bid),
        next_ask: limit(outcome.next_ask),
    };
    let tick = LotPrice(i128::from(contract.tick));
    let price = auction::clearing_price(&margin, &prices.mark, &tick).ok()?;
    Ticks::try_from(price).ok()
}

fn clear<T: Config>(ring: &Ring, summary: &mut BookSummary, run: &mut Run) -> Visit {
    let mut pit = Pit::<T>::new(ring.scene(run.now), &mut run.meter);
    let outcome = uncross::run(&mut pit);
    let Pit {
        orders, traders, ..
    } = pit;
    let ticks = price(&outcome, ring.contract, ring.prices);
    if outcome.lots > 0 {
        let Some(ticks) = ticks else {
            defensive!("a matching without a price");
            return retry_later::<T>(ring, summary, run, None, DispatchError::Corruption);
        };
        let decision = T::Guard::admit(ring.market, ring.contract.price(ticks), outcome.lots);
        if let CallDecision::Extend(blocks) = decision {
            return extend::<T>(ring, summary, run, blocks, (ticks, outcome.lots));
        }
    }
    let batch = Batch {
        market: ring.market,
        contract: ring.contract,
        prices: ring.prices,
        now: run.now,
        price: ring.contract.price(ticks.unwrap_or_default()),
    };
    let mut accounts: BTreeMap<AccountIndex, AccountOf<T>> = traders
        .into_iter()
        .filter_map(|(index, trader)| Some((index, trader.account?)))
        .collect();
    if let Err(failure) = commit::commit::<T>(&batch, &orders, &mut accounts) {
        return fail::<T>(ring, summary, run, failure);
    }
    if let (Some(ticks), true) = (ticks, outcome.lots > 0) {
        summary.cleared = Some((ticks, run.now));
        say_cleared::<T>(ring, &batch, &orders, &outcome, ticks);
    }
    summary.indicative = None;
    let cancels = core::mem::take(&mut run.cancels);
    let flow = flow::of(&orders, &outcome, ring.contract, ticks, cancels);
    T::Guard::cleared(ring.market, &flow);
    if outcome.complete && sweep_immediates::<T>(ring.market, &mut run.meter) {
        return match outcome.skipped {
            true => Visit::Skipped,
            false => Visit::Done,
        };
    }
    carry_over(ring, summary, run)
}

/// The clearing goes on in the next block, as part of the same call.
fn carry_over(ring: &Ring, summary: &mut BookSummary, run: &Run) -> Visit {
    summary.call = Some(LongCall {
        since: ring.call.since,
        ends: Some(run.block),
    });
    Visit::Unfinished
}

fn extend<T: Config>(
    ring: &Ring,
    summary: &mut BookSummary,
    run: &Run,
    blocks: u32,
    indicative: (Ticks, u64),
) -> Visit {
    let ends = run.block.saturating_add(blocks.max(1));
    summary.call = Some(LongCall {
        since: ring.call.since,
        ends: Some(ends),
    });
    summary.indicative = Some(indicative);
    Pallet::<T>::deposit_event(Event::CallExtended {
        market: ring.market,
        since: ring.call.since,
        ends,
        price: ring.contract.price(indicative.0),
        lots: indicative.1,
    });
    Visit::Waits
}

/// Nothing was booked. The orders of the account that could not be are cancelled, and the market clears without them
/// in the next block. SPEC 6.8.
fn fail<T: Config>(
    ring: &Ring,
    summary: &mut BookSummary,
    run: &mut Run,
    failure: Failure,
) -> Visit {
    let Some(account) = failure.account else {
        return retry_later::<T>(ring, summary, run, None, failure.error);
    };
    if !core::mem::take(&mut run.may_expel) {
        return carry_over(ring, summary, run);
    }
    if let Err(error) = expel::<T>(account, ring.market) {
        return retry_later::<T>(ring, summary, run, Some(account), error);
    }
    say_failed::<T>(ring.market, Some(account), failure.error);
    carry_over(ring, summary, run)
}

fn expel<T: Config>(account: AccountIndex, market: MarketId) -> Result<(), DispatchError> {
    with_storage_layer(|| {
        let loaded = T::Accounts::load(account).ok_or(DispatchError::Corruption)?;
        let (left, _) =
            cancelling::clear_market::<T>(account, loaded, market, CancelReason::Failed)?;
        T::Accounts::store(account, &left);
        Ok(())
    })
}

fn retry_later<T: Config>(
    ring: &Ring,
    summary: &mut BookSummary,
    run: &Run,
    account: Option<AccountIndex>,
    error: DispatchError,
) -> Visit {
    say_failed::<T>(ring.market, account, error);
    summary.call = Some(LongCall {
        since: ring.call.since,
        ends: Some(run.block.saturating_add(RETRY_BLOCKS)),
    });
    Visit::Waits
}

fn say_failed<T: Config>(market: MarketId, account: Option<AccountIndex>, error: DispatchError) {
    log::error!(target: crate::LOG_TARGET, "market {market}, account {account:?}: {error:?}");
    Pallet::<T>::deposit_event(Event::ClearingFailed {
        market,
        account,
        error,
    });
}

fn say_cleared<T: Config>(
    ring: &Ring,
    batch: &Batch,
    orders: &[Met],
    outcome: &Outcome,
    ticks: Ticks,
) {
    let filled = orders.iter().filter(|met| met.filled > 0).count();
    Pallet::<T>::deposit_event(Event::Cleared {
        market: ring.market,
        price: batch.price,
        lots: outcome.lots,
        orders: u32::try_from(filled).unwrap_or(u32::MAX),
        bid_left: outcome.left_at(Side::Long, ticks),
        ask_left: outcome.left_at(Side::Short, ticks),
        complete: outcome.complete,
    });
}

/// Removes what is left of the immediate orders. `false` when the budget ended; then they stay for the clearing's next
/// part.
pub(crate) fn sweep_immediates<T: Config>(market: MarketId, meter: &mut WeightMeter) -> bool {
    if !Immediates::<T>::contains_key(market) {
        return true;
    }
    if meter.try_consume(T::WeightInfo::remove(0)).is_err() {
        return false;
    }
    let each = weights::each(T::WeightInfo::remove);
    let mut keys = Immediates::<T>::take(market).into_inner();
    // In the order of the book, whatever order they came in.
    keys.sort_unstable_by_key(|key| (key.side, key.ticks, key.lottery, key.account, key.number));
    let mut left = Vec::new();
    for key in keys {
        if !left.is_empty() || meter.try_consume(each).is_err() {
            left.push(key);
        } else if Book::<T>::contains_key(key) {
            let removed = with_storage_layer(|| {
                let account = T::Accounts::load(key.account).ok_or(DispatchError::Corruption)?;
                let mut desk = Desk::<T>::open(key.account, account, market);
                desk.take_out(key.number)
                    .map_err(|_| DispatchError::Corruption)?;
                let (account, _) = desk.close()?;
                T::Accounts::store(key.account, &account);
                Ok::<_, DispatchError>(())
            });
            match removed {
                Ok(()) => Pallet::<T>::deposit_event(Event::Cancelled {
                    account: key.account,
                    market,
                    number: key.number,
                    reason: CancelReason::Unfilled,
                }),
                Err(error) => say_failed::<T>(market, Some(key.account), error),
            }
        }
    }
    let complete = left.is_empty();
    if !complete {
        Immediates::<T>::insert(market, frame_support::BoundedVec::truncate_from(left));
    }
    complete
}
