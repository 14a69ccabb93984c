//! The chain stood still, or is a new one. SPEC 4.3.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{Level, Scope},
    BlockNumber, Moment,
};
use frame_support::traits::Get as _;

use crate::{
    machine::{Cause, Clock, Raise},
    pallet::{Config, LastBeat},
    terms::Terms,
    trips,
    types::Beat,
};

/// Raises the chain if the last block was long ago, or made by another runtime. Constant cost.
pub fn beat<T: Config>(terms: &Terms, clock: Clock) {
    let version = <T as frame_system::Config>::Version::get();
    let beat = Beat {
        at: clock.now,
        spec_version: version.spec_version,
    };
    let Some(last) = LastBeat::<T>::get() else {
        LastBeat::<T>::put(beat);
        return;
    };
    LastBeat::<T>::put(beat);
    let gap_ms = clock.now.saturating_sub(last.at);
    let due = terms.gaps.iter().rev().find(|gap| gap.gap_ms <= gap_ms);
    if let Some(due) = due {
        let raise = Raise {
            hold: hold::<T>(clock.block, due.call_ms),
            ..Raise::new(
                Cause::BlockGap,
                Level::LongCalls,
                gap_ms.into(),
                due.gap_ms.into(),
            )
        };
        trips::raise::<T>(Scope::Chain, &raise);
    }
    if last.spec_version != beat.spec_version {
        let raise = Raise {
            hold: hold::<T>(clock.block, terms.upgrade_call_ms),
            ..Raise::new(
                Cause::RuntimeUpgrade,
                Level::LongCalls,
                beat.spec_version.into(),
                last.spec_version.into(),
            )
        };
        trips::raise::<T>(Scope::Chain, &raise);
    }
}

/// The block in which a call of so long ends, if every slot has a block; rounded up, to the longer call.
fn hold<T: Config>(block: BlockNumber, call_ms: Moment) -> BlockNumber {
    let slot_ms = T::Time::slot_millis().max(1);
    let blocks = BlockNumber::try_from(call_ms.div_ceil(slot_ms)).unwrap_or(BlockNumber::MAX);
    block.saturating_add(blocks)
}
