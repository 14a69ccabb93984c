//! Block production, finality, sessions and offences.

use alloc::vec::Vec;

use caisson_primitives::{
    currency::deposit,
    time::{BONDING_ERAS, SESSIONS_PER_ERA, SESSION_SLOTS, SLOT_MILLIS},
    AccountId, Balance,
};
use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64},
};
use sp_runtime::{
    impl_opaque_keys,
    traits::{ConvertInto, OpaqueKeys},
};

use crate::{
    configs::staking::{MAX_BACKERS_PER_VALIDATOR, MAX_VALIDATORS},
    AuthorityDiscovery, Babe, Balances, Grandpa, Historical, Offences, Oracle, Runtime,
    RuntimeEvent, Session, Staking,
};

/// One block in four slots has a primary author chosen by VRF; every other slot falls to a secondary
/// author, also by VRF, so that no slot stays empty while its author is up.
pub const BABE_GENESIS_EPOCH_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
    sp_consensus_babe::BabeEpochConfiguration {
        c: (1, 4),
        allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
    };

/// Eras for which the keys of past sessions stay provable, so that an equivocation can be reported as
/// long as the stake that pays for it is bonded.
const REPORT_SESSIONS: u32 = BONDING_ERAS * SESSIONS_PER_ERA;

parameter_types! {
    /// Slots in a BABE epoch, which is a session.
    pub const EpochDuration: u64 = SESSION_SLOTS as u64;
    /// Blocks for which an equivocation can be reported.
    pub const ReportLongevity: u64 = REPORT_SESSIONS as u64 * SESSION_SLOTS as u64;
    /// The deposit for session keys on record: the keys and the entries that own each of them.
    /// Free keys are an invitation to fill the state with them.
    pub const SessionKeyDeposit: Balance = deposit(5, 4 * 32 + 4 * 68);
}

impl pallet_babe::Config for Runtime {
    type EpochDuration = EpochDuration;
    type ExpectedBlockTime = ConstU64<SLOT_MILLIS>;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = Session;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type MaxNominators = ConstU32<MAX_BACKERS_PER_VALIDATOR>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem =
        pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type MaxNominators = ConstU32<MAX_BACKERS_PER_VALIDATOR>;
    type MaxSetIdSessionEntries = ConstU64<{ REPORT_SESSIONS as u64 }>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem =
        pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
    type EventHandler = Staking;
}

impl pallet_authority_discovery::Config for Runtime {
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
}

impl_opaque_keys! {
    /// The keys a validator's node signs with, apart from the account that owns them.
    pub struct SessionKeys {
        /// Signs blocks.
        pub babe: Babe,
        /// Votes on finality.
        pub grandpa: Grandpa,
        /// Publishes the node's network address.
        pub authority_discovery: AuthorityDiscovery,
        /// Reports prices.
        pub oracle: Oracle,
    }
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Babe;
    type NextSessionRotation = Babe;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Staking>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = pallet_session::disabling::UpToLimitWithReEnablingDisablingStrategy;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = SessionKeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Self>;
}

impl pallet_offences::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
    type OnOffenceHandler = Staking;
}
