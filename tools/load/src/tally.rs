//! What happened in a block, counted from its events.

use caisson::chain::words;
use caisson_primitives::{
    trading::{AccountIndex, OrderNumber},
    Hash,
};
use caisson_runtime::{Runtime, RuntimeEvent};
use frame_support::dispatch::DispatchClass;
use frame_system::{EventRecord, Phase};
use pallet_exchange::{
    refusals::{EntryResult, Refusal},
    types::CancelReason,
    Event,
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    ops::AddAssign,
};

/// Counts of one block, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Transactions of the normal class: all but inherents and the oracle's reports.
    pub transactions: u64,
    /// Those of the operational class: the oracle's reports.
    pub operational: u64,
    /// Those of the normal class whose call failed; reasons are in `failures`.
    pub failed: u64,
    /// Orders placed by a call of their own.
    pub placed_single: u64,
    /// Orders placed by a batch.
    pub placed_batch: u64,
    /// Quotes placed by `replace_all`.
    pub placed_quotes: u64,
    /// Quotes of `replace_all` that were just like an order that stood, which so stayed: no act.
    pub kept_quotes: u64,
    /// Orders amended.
    pub amended: u64,
    /// Orders that their owners cancelled by a call for one.
    pub cancelled_single: u64,
    /// Orders that their owners cancelled by a batch or by cancelling all.
    pub cancelled_batch: u64,
    /// Orders that `replace_all` cancelled: part of placing the quotes, no act of its own.
    pub replaced: u64,
    /// Entries of batches and ladders that were refused; reasons are in `refusals`.
    pub refused: u64,
    /// Orders filled, whole or in part, in a clearing; a trade between two orders is two.
    pub fills: u64,
    /// Lots that were bought, which equal those sold.
    pub lots: u64,
    /// Clearings in which something traded.
    pub clearings: u64,
    /// Those that the block had no room to finish.
    pub incomplete_clearings: u64,
    /// Transfers of the native token.
    pub transfers: u64,
    /// Why calls failed.
    pub failures: BTreeMap<String, u64>,
    /// Why entries were refused.
    pub refusals: BTreeMap<String, u64>,
    /// Why the chain cancelled orders.
    pub chain_cancels: BTreeMap<String, u64>,
    /// What the circuit breaker did.
    pub breaker: BTreeMap<String, u64>,
}

impl Counts {
    /// Orders placed.
    pub const fn placed(&self) -> u64 {
        self.placed_single + self.placed_batch + self.placed_quotes
    }

    /// Orders cancelled by their owners, but for those that a ladder replaced.
    pub const fn cancelled(&self) -> u64 {
        self.cancelled_single + self.cancelled_batch
    }

    /// Acts: orders placed, amended or cancelled. What `replace_all` cancels is not counted, nor what it leaves alone.
    pub const fn acts(&self) -> u64 {
        self.placed() + self.amended + self.cancelled()
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.transactions += other.transactions;
        self.operational += other.operational;
        self.failed += other.failed;
        self.placed_single += other.placed_single;
        self.placed_batch += other.placed_batch;
        self.placed_quotes += other.placed_quotes;
        self.kept_quotes += other.kept_quotes;
        self.amended += other.amended;
        self.cancelled_single += other.cancelled_single;
        self.cancelled_batch += other.cancelled_batch;
        self.replaced += other.replaced;
        self.refused += other.refused;
        self.fills += other.fills;
        self.lots += other.lots;
        self.clearings += other.clearings;
        self.incomplete_clearings += other.incomplete_clearings;
        self.transfers += other.transfers;
        for (mine, its) in [
            (&mut self.failures, &other.failures),
            (&mut self.refusals, &other.refusals),
            (&mut self.chain_cancels, &other.chain_cancels),
            (&mut self.breaker, &other.breaker),
        ] {
            for (reason, count) in its {
                *mine.entry(reason.clone()).or_default() += count;
            }
        }
    }
}

/// Counts blocks of one chain in their order.
///
/// It remembers the next order number of each account, to tell a quote that was placed from one that stayed: numbers ascend.
#[derive(Debug, Default)]
pub struct Tally {
    next_order: HashMap<AccountIndex, OrderNumber>,
}

impl Tally {
    /// An account's next order has this number.
    pub fn starts_at(&mut self, account: AccountIndex, next: OrderNumber) {
        self.next_order.insert(account, next);
    }

    /// Counts a block.
    pub fn block(&mut self, events: &[EventRecord<RuntimeEvent, Hash>]) -> Counts {
        let mut counts = Counts::default();
        for record in events {
            match &record.event {
                RuntimeEvent::System(event) => system(&mut counts, event),
                RuntimeEvent::Exchange(event) => {
                    let by_call = matches!(record.phase, Phase::ApplyExtrinsic(_));
                    self.exchange(&mut counts, event, by_call);
                }
                RuntimeEvent::CircuitBreaker(event) => breaker(&mut counts, event),
                RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. }) => {
                    counts.transfers += 1;
                }
                _ => {}
            }
        }
        counts
    }

    fn exchange(&mut self, counts: &mut Counts, event: &Event<Runtime>, by_call: bool) {
        match event {
            Event::Placed {
                account, number, ..
            } => {
                counts.placed_single += 1;
                self.is_new(*account, *number);
            }
            Event::BatchPlaced {
                account, results, ..
            } => {
                let (new, kept) = self.entries(counts, *account, results);
                counts.placed_batch += new + kept;
            }
            Event::Replaced {
                account,
                cancelled,
                results,
                ..
            } => {
                let (new, kept) = self.entries(counts, *account, results);
                counts.placed_quotes += new;
                counts.kept_quotes += kept;
                counts.replaced += cancelled.len() as u64;
            }
            Event::Amended { .. } => counts.amended += 1,
            Event::Cancelled {
                reason: CancelReason::Owner,
                ..
            } if by_call => counts.cancelled_single += 1,
            Event::Cancelled { reason, .. } => {
                *counts
                    .chain_cancels
                    .entry(format!("{reason:?}"))
                    .or_default() += 1;
            }
            Event::BatchCancelled { results, .. } => {
                counts.cancelled_batch += results.iter().filter(|one| one.is_ok()).count() as u64;
                refusals(counts, results);
            }
            Event::AllCancelled {
                numbers, reason, ..
            } => {
                let count = numbers.len() as u64;
                match reason {
                    CancelReason::Owner => counts.cancelled_batch += count,
                    other => {
                        *counts
                            .chain_cancels
                            .entry(format!("{other:?}"))
                            .or_default() += count
                    }
                }
            }
            Event::Filled { .. } => counts.fills += 1,
            Event::Cleared { lots, complete, .. } => {
                counts.clearings += 1;
                counts.lots += lots;
                counts.incomplete_clearings += u64::from(!complete);
            }
            _ => {}
        }
    }

    /// How many entries of a call are new orders, and how many are orders that stood before.
    fn entries(
        &mut self,
        counts: &mut Counts,
        account: AccountIndex,
        results: &[EntryResult],
    ) -> (u64, u64) {
        refusals(counts, results);
        let (mut new, mut kept) = (0, 0);
        for number in results.iter().flatten() {
            if self.is_new(account, *number) {
                new += 1;
            } else {
                kept += 1;
            }
        }
        (new, kept)
    }

    /// Whether an order has a number that its account did not have before.
    fn is_new(&mut self, account: AccountIndex, number: OrderNumber) -> bool {
        let next = self.next_order.entry(account).or_default();
        let is_new = number >= *next;
        if is_new {
            *next = number.saturating_add(1);
        }
        is_new
    }
}

fn refusals(counts: &mut Counts, results: &[EntryResult]) {
    for refusal in results.iter().filter_map(|one| one.err()) {
        counts.refused += 1;
        *counts.refusals.entry(name(refusal)).or_default() += 1;
    }
}

fn name(refusal: Refusal) -> String {
    format!("{refusal:?}")
}

fn system(counts: &mut Counts, event: &frame_system::Event<Runtime>) {
    let (info, error) = match event {
        frame_system::Event::ExtrinsicSuccess { dispatch_info } => (dispatch_info, None),
        frame_system::Event::ExtrinsicFailed {
            dispatch_info,
            dispatch_error,
        } => (dispatch_info, Some(dispatch_error)),
        _ => return,
    };
    match info.class {
        DispatchClass::Normal => counts.transactions += 1,
        DispatchClass::Operational => counts.operational += 1,
        DispatchClass::Mandatory => return,
    }
    if let (Some(error), DispatchClass::Normal) = (error, info.class) {
        counts.failed += 1;
        let words = words::dispatch(error);
        *counts.failures.entry(words).or_default() += 1;
    }
}

fn breaker(counts: &mut Counts, event: &pallet_circuit_breaker::Event<Runtime>) {
    use pallet_circuit_breaker::Event;
    let words = match event {
        Event::Raised {
            scope,
            cause,
            level,
            ..
        } => format!("{scope:?} raised to {level:?}: {cause:?}"),
        Event::Lowered { scope, after, .. } => format!("{scope:?} lowered to {after:?}"),
        _ => return,
    };
    *counts.breaker.entry(words).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use frame_support::{dispatch::Pays, weights::Weight, BoundedVec};
    use frame_system::DispatchEventInfo;

    fn at(event: impl Into<RuntimeEvent>, phase: Phase) -> EventRecord<RuntimeEvent, Hash> {
        EventRecord {
            phase,
            event: event.into(),
            topics: Vec::new(),
        }
    }

    fn by_call(event: impl Into<RuntimeEvent>) -> EventRecord<RuntimeEvent, Hash> {
        at(event, Phase::ApplyExtrinsic(1))
    }

    fn replaced(cancelled: &[u32], results: &[EntryResult]) -> EventRecord<RuntimeEvent, Hash> {
        by_call(Event::<Runtime>::Replaced {
            account: 7,
            market: 0,
            cancelled: BoundedVec::truncate_from(cancelled.to_vec()),
            results: BoundedVec::truncate_from(results.to_vec()),
        })
    }

    #[test]
    fn ladder_should_count_the_quotes_that_it_placed_and_no_others() {
        let mut tally = Tally::default();
        tally.starts_at(7, 10);
        let first = tally.block(&[replaced(&[], &[Ok(10), Ok(11)])]);
        assert_eq!((first.placed_quotes, first.acts()), (2, 2));
        let second = tally.block(&[replaced(
            &[10],
            &[Ok(11), Ok(12), Err(Refusal::NotEnoughMargin)],
        )]);
        assert_eq!(second.placed_quotes, 1);
        assert_eq!(second.kept_quotes, 1);
        assert_eq!(second.replaced, 1);
        assert_eq!(second.acts(), 1);
        assert_eq!(second.refusals["NotEnoughMargin"], 1);
    }

    #[test]
    fn cancels_should_count_as_acts_only_when_an_owner_asked_for_them() {
        let cancelled = |reason| Event::<Runtime>::Cancelled {
            account: 7,
            market: 0,
            number: 1,
            reason,
        };
        let counts = Tally::default().block(&[
            by_call(cancelled(CancelReason::Owner)),
            at(cancelled(CancelReason::Unfilled), Phase::Finalization),
            by_call(Event::<Runtime>::BatchCancelled {
                account: 7,
                market: 0,
                results: BoundedVec::truncate_from(vec![Ok(1), Err(Refusal::NoSuchOrder)]),
            }),
        ]);
        assert_eq!((counts.cancelled_single, counts.cancelled_batch), (1, 1));
        assert_eq!(counts.acts(), 2);
        assert_eq!(counts.chain_cancels["Unfilled"], 1);
        assert_eq!(counts.refusals["NoSuchOrder"], 1);
    }

    #[test]
    fn transactions_should_be_counted_by_class_and_failures_by_reason() {
        let info = |class| DispatchEventInfo {
            weight: Weight::zero(),
            class,
            pays_fee: Pays::Yes,
        };
        let ended = |class| {
            by_call(frame_system::Event::<Runtime>::ExtrinsicSuccess {
                dispatch_info: info(class),
            })
        };
        let failed = by_call(frame_system::Event::<Runtime>::ExtrinsicFailed {
            dispatch_error: pallet_exchange::Error::<Runtime>::NotOwner.into(),
            dispatch_info: info(DispatchClass::Normal),
        });
        let counts = Tally::default().block(&[
            ended(DispatchClass::Mandatory),
            ended(DispatchClass::Operational),
            ended(DispatchClass::Normal),
            failed,
        ]);
        assert_eq!(
            (counts.transactions, counts.operational, counts.failed),
            (2, 1, 1)
        );
        let reason = counts.failures.keys().next().expect("a reason");
        assert!(reason.starts_with("Exchange.NotOwner"), "{reason}");
        let mut sum = counts.clone();
        sum += &counts;
        assert_eq!(sum.failures[reason], 2);
        assert_eq!(sum.transactions, 4);
    }
}
