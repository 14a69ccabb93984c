//! Reports: what makes one valid, and how it is stored. SPEC 4.

use alloc::vec::Vec;
use caisson_primitives::oracle::{
    crypto::{AuthorityId, AuthoritySignature},
    AuthorityIndex, BlockTime, Round,
};
use codec::Encode;
use frame_support::pallet_prelude::*;
use sp_application_crypto::RuntimeAppPublic;

use crate::{
    aggregation,
    pallet::{Authorities, Config, Event, LatestReports, Pallet, Parameters, Waiting},
    performance,
    types::{Authority, Observation, Report},
};

/// How many slots after its round a report may still enter a block.
pub const MAX_DELAY_SLOTS: u64 = 8;

/// How many slots a reporter's clock may be ahead of the block's slot.
pub const MAX_AHEAD_SLOTS: u64 = 1;

/// Reports outrank all transactions of users, whose priority the runtime caps below this. Among the
/// reports of one validator the later outranks the earlier, and takes its place in the pool if it is the same.
pub const REPORT_PRIORITY: TransactionPriority = TransactionPriority::MAX - (1 << 40);

/// What a validator signs: the report, bound to this use and to this chain.
pub fn payload<T: Config>(report: &Report) -> Vec<u8> {
    let genesis = frame_system::Pallet::<T>::block_hash(
        frame_system::pallet_prelude::BlockNumberFor::<T>::zero(),
    );
    (b"caisson/oracle/report", genesis, report).encode()
}

/// Whether a report may enter the pool, or the block that is being made. SPEC 4.2.
///
/// The cheap checks come first and the signature last, so that junk costs little.
///
/// Cost: five storage reads and one signature check.
pub fn authorize<T: Config>(
    source: TransactionSource,
    report: &Report,
    signature: &AuthoritySignature,
) -> TransactionValidityWithRefund {
    check_session::<T>(report)?;
    check_prices(report)?;
    let authority = Authorities::<T>::get(report.authority).ok_or(InvalidTransaction::BadSigner)?;
    check_round::<T>(source, report.round, &authority)?;
    if !authority.key.verify(&payload::<T>(report), signature) {
        return Err(InvalidTransaction::BadProof.into());
    }
    let valid = ValidTransaction::with_tag_prefix("CaissonOracle")
        .priority(REPORT_PRIORITY.saturating_add(report.round))
        .and_provides(tag(report))
        .longevity(MAX_DELAY_SLOTS)
        .propagate(true)
        .build()?;
    Ok((valid, Weight::zero()))
}

/// The place of a report in the pool: a validator has one for its even rounds and one for its odd rounds.
///
/// When a block has been imported, the pool drops whatever provides a tag of the block's transactions. With one
/// tag for all rounds that would be the validator's next report, where it is faster than the block; with
/// the round in the tag a validator could fill the pool with reports of future rounds, which the pool
/// can't refuse.
fn tag(report: &Report) -> (sp_staking::SessionIndex, AuthorityIndex, bool) {
    (report.session, report.authority, report.round & 1 == 1)
}

/// The report must be of this session, or of the last one by an authority whose place and key are still the
/// same: the block that rotates the session would otherwise refuse what was reported just before it.
fn check_session<T: Config>(report: &Report) -> Result<(), TransactionValidityError> {
    let current = Pallet::<T>::session_index();
    if report.session > current {
        return Err(InvalidTransaction::Future.into());
    }
    if report.session.saturating_add(1) < current {
        return Err(InvalidTransaction::Stale.into());
    }
    Ok(())
}

/// There are prices, and one for each feed at most.
fn check_prices(report: &Report) -> Result<(), TransactionValidityError> {
    let ascending = report
        .prices
        .iter()
        .zip(report.prices.iter().skip(1))
        .all(|(first, second)| first.feed < second.feed);
    if report.prices.is_empty() || !ascending {
        return Err(InvalidTransaction::Call.into());
    }
    Ok(())
}

/// The round is later than the validator's last one and not too old. In a block it is not ahead of
/// the slot either; the pool can't know the slot, because the last block may be long ago.
fn check_round<T: Config>(
    source: TransactionSource,
    round: Round,
    authority: &Authority<T::AccountId, AuthorityId>,
) -> Result<(), TransactionValidityError> {
    let slot = T::Time::slot();
    if round.saturating_add(MAX_DELAY_SLOTS) < slot {
        return Err(InvalidTransaction::Stale.into());
    }
    let in_block = matches!(source, TransactionSource::InBlock);
    if in_block && round > slot.saturating_add(MAX_AHEAD_SLOTS) {
        return Err(InvalidTransaction::Future.into());
    }
    if LatestReports::<T>::get(&authority.validator).is_some_and(|last| round <= last.round) {
        return Err(InvalidTransaction::Stale.into());
    }
    Ok(())
}

/// Takes an authorized report in. Prices of feeds that don't exist are left out; prices beyond a feed's
/// bounds never enter and count as outliers. SPEC 4.4.
///
/// Cost: `O(n)` in the prices; four reads and three writes, whatever their number.
pub fn take_in<T: Config>(report: Report) -> DispatchResult {
    let Authority { validator, .. } = Authorities::<T>::get(report.authority)
        .ok_or(crate::pallet::Error::<T>::NoSuchAuthority)?;
    let parameters = Parameters::<T>::get();
    let mut waiting = Waiting::<T>::get();
    let slot = T::Time::slot();
    let mut insane: u32 = 0;
    LatestReports::<T>::mutate(&validator, |latest| {
        let latest = latest.get_or_insert_default();
        latest.round = report.round;
        for reported in &report.prices {
            let Some(parameters) = parameters.get(&reported.feed) else {
                continue;
            };
            if !aggregation::is_sane(reported.price, parameters) {
                insane = insane.saturating_add(1);
                continue;
            }
            waiting.insert(reported.feed);
            latest.observe(Observation {
                feed: reported.feed,
                arrived: slot,
                price: reported.price,
                // A spread wider than the price itself says no more than that.
                confidence: reported.confidence.min(reported.price),
                round: report.round,
                suspect: None,
            });
        }
    });
    Waiting::<T>::put(waiting);
    if insane > 0 {
        performance::note_insane::<T>(report.authority, insane);
        Pallet::<T>::deposit_event(Event::InsanePrices {
            validator,
            prices: insane,
        });
    }
    Ok(())
}
