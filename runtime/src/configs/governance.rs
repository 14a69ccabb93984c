//! Council and technical committee, referenda with conviction voting, whitelist and treasury.

use caisson_primitives::{
    currency::{deposit, UNIT},
    time::DAYS,
    AccountId, Balance, BlockNumber,
};
use frame_support::{
    parameter_types,
    traits::{
        tokens::{PayFromAccount, UnityAssetBalanceConversion},
        ConstU32, EitherOfDiverse, LockIdentifier,
    },
    weights::Weight,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureSigned, EnsureWithSuccess};
use sp_runtime::{traits::IdentityLookup, Perbill, Permill};

use crate::{
    configs::{
        money::{TreasuryAccount, TreasuryPalletId},
        staking::StakeToVotes,
        system::MAXIMUM_BLOCK_WEIGHT,
        DbWeight,
    },
    governance::{
        origins::{self, ReferendumCanceller, ReferendumKiller, Treasurer, WhitelistedCaller},
        Tracks,
    },
    weights, Balances, Council, GovernancePace, Preimage, Referenda, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeOrigin, Scheduler, System, TechnicalCommittee, Treasury,
};

/// The council: elected by token holders, it lists, sets parameters inside bounds, and warns.
pub type CouncilInstance = pallet_collective::Instance1;
/// The technical committee: appointed by the council, it whitelists and pulls the brake.
pub type TechnicalInstance = pallet_collective::Instance2;

/// More than half of the council.
pub type CouncilMajority =
    pallet_collective::EnsureProportionMoreThan<AccountId, CouncilInstance, 1, 2>;
/// At least two thirds of the council.
pub type CouncilSuperMajority =
    pallet_collective::EnsureProportionAtLeast<AccountId, CouncilInstance, 2, 3>;
/// More than half of the technical committee.
pub type TechnicalMajority =
    pallet_collective::EnsureProportionMoreThan<AccountId, TechnicalInstance, 1, 2>;
/// At least two thirds of the technical committee.
pub type TechnicalSuperMajority =
    pallet_collective::EnsureProportionAtLeast<AccountId, TechnicalInstance, 2, 3>;

/// Root, or at least two thirds of the council.
type RootOrCouncil = EitherOfDiverse<EnsureRoot<AccountId>, CouncilSuperMajority>;

/// Seats in the council.
const COUNCIL_SEATS: u32 = 7;
/// The most voters a council election counts.
const MAX_COUNCIL_VOTERS: u32 = 2_000;
/// Members a collective can have: seats and room for a change of their number.
const MAX_MEMBERS: u32 = 21;

parameter_types! {
    /// How long a motion stays open.
    pub MotionDuration: BlockNumber = GovernancePace::paced(3 * DAYS);
    /// What one motion may cost when it is executed.
    pub MaxProposalWeight: Weight = Perbill::from_percent(50) * MAXIMUM_BLOCK_WEIGHT;
    /// What scheduled calls may cost in one block. It stays under the weight of ordinary
    /// transactions, so that what was scheduled can never crowd out safety.
    pub ScheduledWeight: Weight = Perbill::from_percent(60) * MAXIMUM_BLOCK_WEIGHT;
    /// The lock on tokens that vote for council candidates.
    pub const CouncilElectionsId: LockIdentifier = *b"csn/elec";
    /// How long an elected council sits.
    pub CouncilTerm: BlockNumber = GovernancePace::paced(7 * DAYS);
    /// The bond of a candidate.
    pub const CandidacyBond: Balance = 1_000 * UNIT;
    /// The bond of a voter, returned when it stops voting. An election with more voters than
    /// [`MAX_COUNCIL_VOTERS`] fails and leaves the council as it is, so it must cost a fortune to
    /// fill the list: two hundred thousand CSN.
    pub const VotingBondBase: Balance = 100 * UNIT;
    /// The bond of a voter, for each candidate voted for.
    pub const VotingBondFactor: Balance = deposit(0, 32);
    /// The deposit of whoever submits a referendum.
    pub const SubmissionDeposit: Balance = UNIT;
    /// How long a referendum waits for its decision deposit before it is dropped.
    pub UndecidingTimeout: BlockNumber = GovernancePace::paced(14 * DAYS);
    /// How long tokens stay locked for conviction 1x; the steps above lock 2, 4, 8, 16 and 32 times
    /// as long.
    pub VoteLockingPeriod: BlockNumber = GovernancePace::paced(7 * DAYS);
    /// How long a whitelisted call waits to be dispatched.
    pub WhitelistExpiration: BlockNumber = GovernancePace::paced(28 * DAYS);
    /// How often the treasury's deprecated local spends fall due; other spends are payable at once.
    pub const SpendPeriod: BlockNumber = DAYS;
    /// How long an approved spend can be claimed.
    pub const PayoutPeriod: BlockNumber = 30 * DAYS;
    /// The treasury burns nothing: it is the insurance's backstop.
    pub const Burn: Permill = Permill::zero();
    /// No bound but the treasury's balance: the track's own support is the bound.
    pub const MaxSpend: Balance = Balance::MAX;
}

impl crate::governance::pace::Config for Runtime {}

impl origins::Config for Runtime {}

impl pallet_collective::Config<CouncilInstance> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type MotionDuration = MotionDuration;
    type MaxProposals = ConstU32<50>;
    type MaxMembers = ConstU32<MAX_MEMBERS>;
    type DefaultVote = pallet_collective::PrimeDefaultVote;
    type WeightInfo = weights::pallet_collective_council::WeightInfo<DbWeight>;
    type SetMembersOrigin = EnsureRoot<AccountId>;
    type MaxProposalWeight = MaxProposalWeight;
    type DisapproveOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type Consideration = ();
}

impl pallet_collective::Config<TechnicalInstance> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type MotionDuration = MotionDuration;
    type MaxProposals = ConstU32<50>;
    type MaxMembers = ConstU32<MAX_MEMBERS>;
    type DefaultVote = pallet_collective::PrimeDefaultVote;
    type WeightInfo = weights::pallet_collective_technical_committee::WeightInfo<DbWeight>;
    type SetMembersOrigin = EnsureRoot<AccountId>;
    type MaxProposalWeight = MaxProposalWeight;
    type DisapproveOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type Consideration = ();
}

impl pallet_elections_phragmen::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type PalletId = CouncilElectionsId;
    type Currency = Balances;
    type ChangeMembers = Council;
    type InitializeMembers = Council;
    type CurrencyToVote = StakeToVotes;
    type CandidacyBond = CandidacyBond;
    type VotingBondBase = VotingBondBase;
    type VotingBondFactor = VotingBondFactor;
    type LoserCandidate = Treasury;
    type KickedMember = Treasury;
    type DesiredMembers = ConstU32<COUNCIL_SEATS>;
    type DesiredRunnersUp = ConstU32<COUNCIL_SEATS>;
    type TermDuration = CouncilTerm;
    type MaxCandidates = ConstU32<64>;
    type MaxVoters = ConstU32<MAX_COUNCIL_VOTERS>;
    type MaxVotesPerVoter = ConstU32<16>;
    type WeightInfo = pallet_elections_phragmen::weights::SubstrateWeight<Runtime>;
}

impl pallet_membership::Config<TechnicalInstance> for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type AddOrigin = RootOrCouncil;
    type RemoveOrigin = RootOrCouncil;
    type SwapOrigin = RootOrCouncil;
    type ResetOrigin = RootOrCouncil;
    type PrimeOrigin = RootOrCouncil;
    type MembershipInitialized = TechnicalCommittee;
    type MembershipChanged = TechnicalCommittee;
    type MaxMembers = ConstU32<MAX_MEMBERS>;
    type WeightInfo = weights::pallet_membership::WeightInfo<DbWeight>;
}

impl pallet_conviction_voting::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type Polls = Referenda;
    type MaxTurnout =
        frame_support::traits::tokens::currency::ActiveIssuanceOf<Balances, AccountId>;
    type MaxVotes = ConstU32<512>;
    type VoteLockingPeriod = VoteLockingPeriod;
    type BlockNumberProvider = System;
    type VotingHooks = ();
}

impl pallet_referenda::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = weights::pallet_referenda::WeightInfo<DbWeight>;
    type Scheduler = Scheduler;
    type Currency = Balances;
    type SubmitOrigin = frame_support::traits::AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type CancelOrigin = EitherOfDiverse<EnsureRoot<AccountId>, ReferendumCanceller>;
    type KillOrigin = EitherOfDiverse<EnsureRoot<AccountId>, ReferendumKiller>;
    type Slash = Treasury;
    type Votes = pallet_conviction_voting::VotesOf<Runtime>;
    type Tally = pallet_conviction_voting::TallyOf<Runtime>;
    type SubmissionDeposit = SubmissionDeposit;
    type MaxQueued = ConstU32<100>;
    type UndecidingTimeout = UndecidingTimeout;
    type AlarmInterval = ConstU32<1>;
    type Tracks = Tracks;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_whitelist::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    /// The committee vouches for the code, not for the wish: the wish is the referendum's.
    type WhitelistOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TechnicalSuperMajority>;
    type DispatchWhitelistedOrigin = EitherOfDiverse<EnsureRoot<AccountId>, WhitelistedCaller>;
    type Preimages = Preimage;
    type DeferredDispatchExpiration = WhitelistExpiration;
    type BlockNumberProvider = System;
    type WeightInfo = weights::pallet_whitelist::WeightInfo<DbWeight>;
}

impl pallet_treasury::Config for Runtime {
    type Currency = Balances;
    type RejectOrigin = RootOrCouncil;
    type RuntimeEvent = RuntimeEvent;
    type SpendPeriod = SpendPeriod;
    type Burn = Burn;
    type PalletId = TreasuryPalletId;
    type BurnDestination = ();
    type WeightInfo = weights::pallet_treasury::WeightInfo<DbWeight>;
    type SpendFunds = ();
    type MaxApprovals = ConstU32<100>;
    type SpendOrigin = frame_support::traits::EitherOf<
        EnsureRootWithSuccess<AccountId, MaxSpend>,
        EnsureWithSuccess<Treasurer, AccountId, MaxSpend>,
    >;
    type AssetKind = ();
    type Beneficiary = AccountId;
    type BeneficiaryLookup = IdentityLookup<AccountId>;
    type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
    type BalanceConverter = UnityAssetBalanceConversion;
    type PayoutPeriod = PayoutPeriod;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::LivingBeneficiaries;
    type BlockNumberProvider = System;
}
