//! Price feeds: who may set them, what reporters earn, and what misconduct costs them.

use caisson_primitives::{
    oracle::{BlockTime, FeedId},
    time::SLOT_MILLIS,
    AccountId, Moment,
};
use frame_support::{
    parameter_types,
    traits::{ConstU32, Contains, EitherOf, Get},
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
    PalletId,
};
use frame_system::EnsureRoot;
use sp_runtime::{traits::AccountIdConversion, Perbill, Permill};

use crate::{
    configs::staking::{ActiveEraStake, MAX_VALIDATORS},
    governance::origins::{ListingAdmin, RiskAdmin},
    Authorship, Balances, Historical, Offences, Runtime,
};

parameter_types! {
    /// From which the account is derived that rewards of reporters are paid from.
    pub const OraclePotId: PalletId = PalletId(*b"csn/orcl");
    /// That account.
    pub OraclePot: AccountId = OraclePotId::get().into_account_truncating();
    /// A session pays out nearly all that came in since the last one: a tenth stays, so that a session of
    /// few fees isn't one of no rewards.
    pub const OracleRewardShare: Permill = Permill::from_percent(90);
    /// Half of all prices: a node that is down for less than half of a session is not silent.
    pub const MinParticipation: Perbill = Perbill::from_percent(50);
    /// As much as an honest mistake may cost who was warned by his outliers for a while.
    pub const DeviationSlash: Perbill = Perbill::from_percent(1);
    /// Never an honest mistake: two machines run with one key.
    pub const OracleEquivocationSlash: Perbill = Perbill::from_percent(2);
    /// A tenth of a percent more with each silent session in a row after the first, which is free.
    pub const SilenceSlash: Perbill = Perbill::from_parts(1_000_000);
    /// Reached after ten silent sessions, over three hours.
    pub const MaxSilenceSlash: Perbill = Perbill::from_percent(1);
    /// What the staking system does for one offender with as many backers as it can have: 11 ms of
    /// processor time, measured in `runtime/tests/it/oracle_cost.rs`, and for each of 500 backers three
    /// reads and two writes.
    pub const OffenceWeight: Weight = Weight::from_parts(80 * WEIGHT_REF_TIME_PER_MILLIS, 0);
}

/// The time of a block from its BABE slot, which is known before the timestamp is.
pub struct SlotTime;

impl BlockTime for SlotTime {
    fn slot() -> u64 {
        pallet_babe::CurrentSlot::<Runtime>::get().into()
    }

    fn slot_millis() -> Moment {
        SLOT_MILLIS
    }
}

/// The author of the block, from its slot.
pub struct BlockAuthor;

impl Get<Option<AccountId>> for BlockAuthor {
    fn get() -> Option<AccountId> {
        Authorship::author()
    }
}

/// Feeds that one or the other needs.
pub struct EitherFeed<A, B>(core::marker::PhantomData<(A, B)>);

impl<A: Contains<FeedId>, B: Contains<FeedId>> Contains<FeedId> for EitherFeed<A, B> {
    fn contains(feed: &FeedId) -> bool {
        A::contains(feed) || B::contains(feed)
    }
}

impl pallet_price_oracle::Config for Runtime {
    type ListingOrigin = EitherOf<EnsureRoot<AccountId>, ListingAdmin>;
    type RiskOrigin = EitherOf<EnsureRoot<AccountId>, RiskAdmin>;
    /// A feed of a market that isn't settled, or of a collateral asset, can't be removed.
    type FeedsInUse = EitherFeed<
        pallet_markets::FeedsInUse<Runtime>,
        pallet_margin::collateral::FeedsInUse<Runtime>,
    >;
    type Time = SlotTime;
    type Stakes = ActiveEraStake;
    type ValidatorSet = Historical;
    type ReportOffence = Offences;
    type BlockAuthor = BlockAuthor;
    type OffenceWeight = OffenceWeight;
    type KeyOwnerProof = sp_session::MembershipProof;
    type KeyOwnerProofSystem = Historical;
    type Currency = Balances;
    type PotId = OraclePotId;
    type RewardShare = OracleRewardShare;
    type MaxReporters = ConstU32<MAX_VALIDATORS>;
    /// A fifth: less than the third that it takes to stop or to bend a price, whatever a validator's stake.
    type MaxWeightPpm = ConstU32<200_000>;
    /// About one in a minute of a session.
    type ToleratedOutliers = ConstU32<20>;
    type MinParticipation = MinParticipation;
    type DeviationSlash = DeviationSlash;
    type EquivocationSlash = OracleEquivocationSlash;
    type SilenceSlash = SilenceSlash;
    type MaxSilenceSlash = MaxSilenceSlash;
    type WeightInfo = pallet_price_oracle::weights::MeasuredWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::Seats;
}
