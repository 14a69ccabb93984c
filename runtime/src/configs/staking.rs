//! Nominated proof of stake: bonding, the election of validators, rewards and slashes.

use caisson_primitives::{
    currency::UNIT,
    time::{BONDING_ERAS, SESSIONS_PER_ERA},
    AccountId, Balance, StakeSource,
};
use frame_election_provider_support::{
    bounds::{ElectionBounds, ElectionBoundsBuilder},
    onchain, SequentialPhragmen, VoteWeight,
};
use frame_support::{
    parameter_types,
    traits::{tokens::imbalance::ResolveTo, ConstBool, ConstU32, Nothing},
};
use frame_system::EnsureRoot;
use pallet_staking::UseValidatorsMap;
use sp_runtime::{curve::PiecewiseLinear, Perbill, Vec};

use crate::{
    configs::{money::TreasuryAccount, DbWeight},
    weights, Balances, Runtime, RuntimeEvent, RuntimeHoldReason, Session, Staking, Timestamp,
    VoterList,
};

/// The most validators there can be.
pub const MAX_VALIDATORS: u32 = 100;

/// The most voters (nominators, and candidates for themselves) an election counts, those with the
/// highest stake first.
///
/// The election runs inside one block, so its size is bounded by what fits: see
/// `docs/architecture.md` for the time measured.
pub const MAX_VOTERS_IN_ELECTION: u32 = 500;

/// The most validators and candidates an election considers.
pub const MAX_CANDIDATES_IN_ELECTION: u32 = 200;

/// The most nominators that can back one validator.
pub const MAX_BACKERS_PER_VALIDATOR: u32 = MAX_VOTERS_IN_ELECTION;

/// The most validators a nominator can vote for.
const MAX_NOMINATIONS: u32 = 16;

pallet_staking_reward_curve::build! {
    // New tokens in a year, as a share of the supply: least when nobody stakes, most when half the
    // supply does, and falling quickly beyond.
    const REWARD_CURVE: PiecewiseLinear<'static> = curve!(
        min_inflation: 0_025_000,
        max_inflation: 0_080_000,
        ideal_stake: 0_500_000,
        falloff: 0_050_000,
        max_piece_count: 40,
        test_precision: 0_005_000,
    );
}

parameter_types! {
    /// See [`REWARD_CURVE`].
    pub const RewardCurve: &'static PiecewiseLinear<'static> = &REWARD_CURVE;
    /// Eras in which a slash can still be cancelled by governance: a quarter less than the bonding
    /// time, so that it always reaches stake that is bonded.
    pub const SlashDeferDuration: u32 = BONDING_ERAS * 3 / 4;
    /// The bounds of an election.
    pub Bounds: ElectionBounds = ElectionBoundsBuilder::default()
        .voters_count(MAX_VOTERS_IN_ELECTION.into())
        .targets_count(MAX_CANDIDATES_IN_ELECTION.into())
        .build();
    /// The bags in which voters are sorted by stake.
    pub const BagThresholds: &'static [VoteWeight] = &BAG_THRESHOLDS;
}

const BAGS: usize = 200;

/// Bags from one CSN up to 10^9 CSN, each about 10.9 % above the one before (200 bags over nine
/// decades): fine enough that the voters found highest are nearly the true ones.
static BAG_THRESHOLDS: [VoteWeight; BAGS] = bag_thresholds();

/// Votes are counted in millionths of one CSN so that any supply fits 64 bits.
const VOTE_UNIT: Balance = UNIT / 1_000_000;

const fn bag_thresholds() -> [VoteWeight; BAGS] {
    let mut bags = [0; BAGS];
    // In thousandths of a vote unit, so that the ratio loses nothing at the small end.
    let mut threshold: u128 = 1_000_000 * 1_000;
    let mut i = 0;
    while i < BAGS {
        bags[i] = (threshold / 1_000) as VoteWeight;
        threshold = threshold * 1_109 / 1_000;
        i += 1;
    }
    bags[BAGS - 1] = VoteWeight::MAX;
    bags
}

/// Stake as the election counts it: in millionths of one CSN, rounded down.
pub struct StakeToVotes;

impl sp_staking::currency_to_vote::CurrencyToVote<Balance> for StakeToVotes {
    fn to_vote(value: Balance, _issuance: Balance) -> u64 {
        u64::try_from(value / VOTE_UNIT).unwrap_or(u64::MAX)
    }

    fn to_currency(value: u128, _issuance: Balance) -> Balance {
        value.saturating_mul(VOTE_UNIT)
    }

    fn will_downscale(_issuance: Balance) -> Option<bool> {
        Some(true)
    }
}

/// The election of validators: sequential Phragmén on chain, in the block that ends the era.
///
/// Five hundred voters and a hundred seats fit a block, so neither the off-chain election nor
/// its unsigned transactions are needed.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
    type Sort = ConstBool<true>;
    type System = Runtime;
    type Solver = SequentialPhragmen<AccountId, Perbill>;
    type MaxBackersPerWinner = ConstU32<MAX_BACKERS_PER_VALIDATOR>;
    type MaxWinnersPerPage = ConstU32<MAX_VALIDATORS>;
    type DataProvider = Staking;
    type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
    type Bounds = Bounds;
}

/// Sizes of the worlds that benchmarks build.
pub struct StakingBenchmarks;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarks {
    type MaxNominators = ConstU32<MAX_VOTERS_IN_ELECTION>;
    type MaxValidators = ConstU32<MAX_VALIDATORS>;
}

impl pallet_staking::Config for Runtime {
    type OldCurrency = Balances;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type CurrencyBalance = Balance;
    type UnixTime = Timestamp;
    type CurrencyToVote = StakeToVotes;
    type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
    type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
    type NominationsQuota = pallet_staking::FixedNominationsQuota<MAX_NOMINATIONS>;
    type HistoryDepth = ConstU32<84>;
    type RewardRemainder = ResolveTo<TreasuryAccount, Balances>;
    type RuntimeEvent = RuntimeEvent;
    type Slash = ResolveTo<TreasuryAccount, Balances>;
    type Reward = ();
    type SessionsPerEra = ConstU32<SESSIONS_PER_ERA>;
    type BondingDuration = ConstU32<BONDING_ERAS>;
    type SlashDeferDuration = SlashDeferDuration;
    /// Slashing by hand and mending ledgers are in here: for a referendum only.
    type AdminOrigin = EnsureRoot<AccountId>;
    type SessionInterface = Self;
    type EraPayout = pallet_staking::ConvertCurve<RewardCurve>;
    type NextNewSession = Session;
    type MaxExposurePageSize = ConstU32<256>;
    type MaxValidatorSet = ConstU32<MAX_VALIDATORS>;
    type VoterList = VoterList;
    type TargetList = UseValidatorsMap<Self>;
    type MaxUnlockingChunks = ConstU32<32>;
    // This chain never had any controllers; only their benchmark needs room for some.
    #[cfg(not(feature = "runtime-benchmarks"))]
    type MaxControllersInDeprecationBatch = ConstU32<0>;
    #[cfg(feature = "runtime-benchmarks")]
    type MaxControllersInDeprecationBatch = ConstU32<16>;
    type EventListeners = ();
    type Filter = Nothing;
    type BenchmarkingConfig = StakingBenchmarks;
    type WeightInfo = weights::pallet_staking::WeightInfo<DbWeight>;
}

impl pallet_bags_list::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = weights::pallet_bags_list::WeightInfo<DbWeight>;
    #[cfg(not(feature = "runtime-benchmarks"))]
    type ScoreProvider = Staking;
    #[cfg(feature = "runtime-benchmarks")]
    type ScoreProvider = crate::benchmarks::VoterScores;
    type BagThresholds = BagThresholds;
    type MaxAutoRebagPerBlock = ConstU32<10>;
    type Score = VoteWeight;
}

/// The stake behind the validators, read from `pallet-staking`.
pub struct ActiveEraStake;

impl StakeSource<AccountId, Balance> for ActiveEraStake {
    fn active_stakes() -> Vec<(AccountId, Balance)> {
        let validators = pallet_session::Validators::<Runtime>::get();
        let Some(era) = pallet_staking::ActiveEra::<Runtime>::get() else {
            return validators
                .into_iter()
                .map(|validator| (validator, 0))
                .collect();
        };
        validators
            .into_iter()
            .map(|validator| {
                let overview =
                    pallet_staking::ErasStakersOverview::<Runtime>::get(era.index, &validator);
                let stake = overview.map_or(0, |exposure| exposure.total);
                (validator, stake)
            })
            .collect()
    }

    fn active_stake(validator: &AccountId) -> Balance {
        pallet_staking::ActiveEra::<Runtime>::get()
            .and_then(|era| {
                pallet_staking::ErasStakersOverview::<Runtime>::get(era.index, validator)
            })
            .map_or(0, |exposure| exposure.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_staking::currency_to_vote::CurrencyToVote;

    #[test]
    fn bag_thresholds_should_rise_strictly_and_cover_any_stake() {
        assert!(BAG_THRESHOLDS.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(BAG_THRESHOLDS[0], StakeToVotes::to_vote(UNIT, 0));
        let last_but_one = StakeToVotes::to_currency(BAG_THRESHOLDS[BAGS - 2].into(), 0);
        assert!(last_but_one > 100_000_000 * UNIT, "{last_but_one}");
    }

    #[test]
    fn votes_should_round_down_and_never_wrap() {
        assert_eq!(StakeToVotes::to_vote(UNIT - 1, 0), 999_999);
        assert_eq!(StakeToVotes::to_vote(Balance::MAX, 0), u64::MAX);
        assert_eq!(StakeToVotes::to_currency(1_000_000, 0), UNIT);
    }
}
