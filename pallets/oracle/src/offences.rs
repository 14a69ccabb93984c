//! Misconduct of reporters, and how it reaches the staking system. SPEC 8.

use alloc::{vec, vec::Vec};
use caisson_primitives::oracle::{
    crypto::{AuthorityId, AuthoritySignature},
    KEY_TYPE,
};
use core::marker::PhantomData;
use frame_support::{
    pallet_prelude::*,
    traits::{Get, KeyOwnerProofSystem},
    weights::Weight,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{traits::Convert, Perbill};
use sp_session::{GetSessionNumber, GetValidatorCount};
use sp_staking::{
    offence::{Kind, Offence, OffenceError, ReportOffence},
    SessionIndex,
};

use crate::{
    aggregation::Panelist,
    pallet::{
        Config, Error, Event, IdentificationOf, Pallet, PendingOffenceOf, PendingOffences,
        Reporters,
    },
    types::{EquivocationProof, Misconduct, PendingOffence},
    weights::WeightInfo,
};

/// The identifier of a kind of offence.
pub trait OffenceKind {
    /// As `pallet-offences` and its events name it.
    const ID: Kind;
}

/// See [`Misconduct::Deviation`].
pub struct Deviation;
/// See [`Misconduct::Silence`].
pub struct Silence;
/// See [`Misconduct::Equivocation`].
pub struct Equivocation;

impl OffenceKind for Deviation {
    const ID: Kind = *b"oracle:deviation";
}
impl OffenceKind for Silence {
    const ID: Kind = *b"oracle:silence__";
}
impl OffenceKind for Equivocation {
    const ID: Kind = *b"oracle:equivocat";
}

/// An offence of one reporter.
///
/// Every offender has a time slot of its own: `pallet-offences` slashes all offenders of one
/// time slot again with every further one, and the work for a report must not grow with their number.
pub struct ReporterOffence<K, Offender> {
    /// The session in which it happened.
    pub session: SessionIndex,
    /// How many validators there were.
    pub validators: u32,
    /// Tells apart what happened in the session: a hash of the offender, or the round.
    pub time_slot: u64,
    /// Who did it.
    pub offender: Offender,
    /// The share of its stake to slash.
    pub slash: Perbill,
    /// What it is.
    pub kind: PhantomData<K>,
}

impl<K: OffenceKind, Offender: Clone> Offence<Offender> for ReporterOffence<K, Offender> {
    const ID: Kind = K::ID;
    type Slot = (SessionIndex, u64);

    fn offenders(&self) -> Vec<Offender> {
        vec![self.offender.clone()]
    }

    fn session_index(&self) -> SessionIndex {
        self.session
    }

    fn validator_set_count(&self) -> u32 {
        self.validators
    }

    fn slot(&self) -> Self::Slot {
        (self.session, self.time_slot)
    }

    fn slash_fraction(&self, _offenders_count: u32) -> Perbill {
        self.slash
    }
}

/// Queues the offence of a reporter whose outliers are more than tolerated, once in a session. Says if it did.
pub fn note_deviation<T: Config>(panelist: &mut Panelist<T::AccountId>) -> bool {
    let performance = &mut panelist.performance;
    if performance.reported || performance.outliers <= T::ToleratedOutliers::get() {
        return false;
    }
    performance.reported = true;
    let validator = panelist.reporter.validator.clone();
    queue::<T>(validator, Misconduct::Deviation, T::DeviationSlash::get());
    true
}

/// Queues an offence that the chain found in this session.
pub fn queue<T: Config>(validator: T::AccountId, kind: Misconduct, slash: Perbill) {
    let Some(offender) = identification::<T>(&validator) else {
        log::warn!(target: crate::LOG_TARGET, "the staking system doesn't know {validator:?}");
        return;
    };
    let queued = enqueue::<T>(PendingOffence {
        time_slot: u64::from_le_bytes(sp_io::hashing::twox_64(&offender.encode())),
        offender,
        kind,
        session: Pallet::<T>::session_index(),
        validators: u32::try_from(Reporters::<T>::decode_len().unwrap_or_default())
            .unwrap_or(u32::MAX),
        slash,
        reporter: None,
    });
    // Each kind of these happens to a reporter once a session at most, so only proofs of equivocations could
    // fill the queue.
    if queued.is_err() {
        frame_support::defensive!("oracle: the queue of offences is full");
    }
}

/// Puts an offence into the queue, from which each block takes one at most.
fn enqueue<T: Config>(offence: PendingOffenceOf<T>) -> Result<(), Error<T>> {
    let event = Event::OffenceFound {
        validator: offence.offender.0.clone(),
        kind: offence.kind,
        slash: offence.slash,
    };
    PendingOffences::<T>::try_append(offence).map_err(|()| Error::<T>::TooManyOffences)?;
    Pallet::<T>::deposit_event(event);
    Ok(())
}

/// Hands the oldest queued offence over, unless its offender is the author of this block; returns what that
/// cost.
///
/// One in a block, since the staking system visits every backer of the offender.
pub fn hand_over_one<T: Config>() -> Weight {
    if PendingOffences::<T>::decode_len().unwrap_or_default() == 0 {
        return Weight::zero();
    }
    let author = T::BlockAuthor::get().and_then(|author| identification::<T>(&author));
    let mut pending = PendingOffences::<T>::get();
    let is_anothers = |offence: &PendingOffenceOf<T>| Some(&offence.offender) != author.as_ref();
    let Some(place) = pending.iter().position(is_anothers) else {
        return T::WeightInfo::hand_over_offence();
    };
    let offence = pending.remove(place);
    PendingOffences::<T>::put(pending);
    let result = match offence.kind {
        Misconduct::Deviation => hand_over::<Deviation, T>(offence),
        Misconduct::Silence => hand_over::<Silence, T>(offence),
        Misconduct::Equivocation => hand_over::<Equivocation, T>(offence),
    };
    if let Err(error) = result {
        log::warn!(target: crate::LOG_TARGET, "the offence was not taken: {error:?}");
    }
    T::WeightInfo::hand_over_offence().saturating_add(T::OffenceWeight::get())
}

fn hand_over<K, T: Config>(offence: PendingOffenceOf<T>) -> Result<(), OffenceError>
where
    T::ReportOffence:
        ReportOffence<T::AccountId, IdentificationOf<T>, ReporterOffence<K, IdentificationOf<T>>>,
    K: OffenceKind,
{
    let PendingOffence {
        offender,
        session,
        validators,
        time_slot,
        slash,
        reporter,
        ..
    } = offence;
    let offence = ReporterOffence {
        session,
        validators,
        time_slot,
        offender,
        slash,
        kind: PhantomData,
    };
    T::ReportOffence::report_offence(reporter.into_iter().collect(), offence)
}

fn identification<T: Config>(validator: &T::AccountId) -> Option<IdentificationOf<T>> {
    use frame_support::traits::{ValidatorSet, ValidatorSetWithIdentification};

    type IdOf<T> = <<T as Config>::ValidatorSet as ValidatorSet<
        <T as frame_system::Config>::AccountId,
    >>::ValidatorIdOf;
    let id = <IdOf<T> as Convert<_, _>>::convert(validator.clone())?;
    let full = <T::ValidatorSet as ValidatorSetWithIdentification<_>>::IdentificationOf::convert(
        id.clone(),
    )?;
    Some((id, full))
}

/// Checks a proof of equivocation and reports the offence. SPEC 8.3.
pub fn report_equivocation<T: Config>(
    reporter: T::AccountId,
    proof: EquivocationProof<AuthorityId, AuthoritySignature>,
    key_owner_proof: T::KeyOwnerProof,
) -> DispatchResult {
    let EquivocationProof {
        key,
        first,
        second,
        first_signature,
        second_signature,
    } = proof;
    ensure!(first.round == second.round, Error::<T>::NotTheSameRound);
    ensure!(first != second, Error::<T>::ReportsAreEqual);
    let session = key_owner_proof.session();
    let validators = key_owner_proof.validator_count();
    ensure!(
        [first.session, second.session].contains(&session),
        Error::<T>::KeyProofOfAnotherSession
    );
    let signed = |report, signature| key.verify(&crate::reporting::payload::<T>(report), signature);
    ensure!(
        signed(&first, &first_signature) && signed(&second, &second_signature),
        Error::<T>::BadSignature
    );
    let offender = T::KeyOwnerProofSystem::check_proof((KEY_TYPE, key), key_owner_proof)
        .ok_or(Error::<T>::BadKeyOwnershipProof)?;
    let offence = PendingOffence {
        offender,
        kind: Misconduct::Equivocation,
        session,
        validators,
        time_slot: first.round,
        slash: T::EquivocationSlash::get(),
        reporter: Some(reporter),
    };
    ensure!(!is_known::<T>(&offence), Error::<T>::EquivocationIsKnown);
    enqueue::<T>(offence)?;
    Ok(())
}

/// Whether an equivocation waits in the queue, or was handed over before.
fn is_known<T: Config>(offence: &PendingOffenceOf<T>) -> bool {
    let key =
        |one: &PendingOffenceOf<T>| (one.kind, one.session, one.time_slot, one.offender.clone());
    let waits = PendingOffences::<T>::get()
        .iter()
        .any(|other| key(other) == key(offence));
    waits
        || <T::ReportOffence as ReportOffence<
            T::AccountId,
            IdentificationOf<T>,
            ReporterOffence<Equivocation, IdentificationOf<T>>,
        >>::is_known_offence(
            core::slice::from_ref(&offence.offender),
            &(offence.session, offence.time_slot),
        )
}
