//! Block limits, the call filter, time and migrations.

use caisson_primitives::{
    time::SLOT_MILLIS, AccountId, Balance, BlockNumber, Hash, Hashing, Moment, Nonce,
};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    migrations::{FailedMigrationHandler, FailedMigrationHandling},
    parameter_types,
    traits::{ConstU32, ConstU64, InsideBoth, SafeMode as SafeModeTrait},
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::limits;
use sp_runtime::{traits::AccountIdLookup, Perbill};
use sp_version::RuntimeVersion;

use crate::{
    configs::base::{self, DbWeight, InBase},
    weights, Babe, Block, MultiBlockMigrations, PalletInfo, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeOrigin, RuntimeTask, SafeMode, TxPause, VERSION,
};

/// The prefix of addresses: the generic one of Substrate chains, until a prefix of Caisson's own is
/// in the public registry.
pub const SS58_PREFIX: u8 = 42;

/// What a block may claim: three quarters of a second of one core.
///
/// A slot is one second. The author has to build the block, the others to execute it, and the network to carry it in between. An
/// author's node takes transactions for half a slot whatever they claim, because each is a call of the runtime of its own there and
/// takes more than its share of a block that is executed in one piece; so this limit is for those who execute. What full blocks
/// took of it is in docs/performance.md ("Block limits"). There is no limit to the size of a storage proof, because no relay chain
/// verifies one.
pub const MAXIMUM_BLOCK_WEIGHT: Weight =
    Weight::from_parts(750 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// The share of a block that ordinary transactions may fill: all but the operational reserve. What hooks reserve for clearings and
/// use for safety is taken from a block before its transactions, and so from this share.
pub const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(80);

/// The share that stays free for operational transactions (oracle reports, permissionless
/// liquidations), however full of ordinary ones or of mandatory work the block is.
pub const OPERATIONAL_RESERVE_RATIO: Perbill = Perbill::from_percent(20);

/// The share assumed for `on_initialize` when limits of single transactions are derived.
const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(10);

/// The largest block body, in bytes.
const MAXIMUM_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

/// The largest header, in bytes: its digest carries the next epoch's and the next set's authorities.
const MAXIMUM_HEADER_BYTES: u32 = 100 * 1024;

parameter_types! {
    /// The version of the runtime.
    pub const Version: RuntimeVersion = VERSION;
    /// How many block hashes are kept: the longest life of a mortal transaction, over an hour.
    pub const BlockHashCount: BlockNumber = 4096;
    /// The limits to a block's weight.
    pub BlockWeights: limits::BlockWeights = block_weights();
    /// The limits to a block's size.
    pub BlockLength: limits::BlockLength = block_length();
    /// The weight that migrations in steps may use in a block: what the hooks of trading and safety leave when they need all
    /// of theirs, because an upgrade may meet a crash.
    pub MigrationServiceWeight: Weight = Perbill::from_rational(2u32, 15) * MAXIMUM_BLOCK_WEIGHT;
}

fn block_weights() -> limits::BlockWeights {
    limits::BlockWeights::builder()
        .base_block(weights::block::BlockExecutionWeight::get())
        .for_class(DispatchClass::all(), |weights| {
            weights.base_extrinsic = base::transaction();
        })
        .for_class(DispatchClass::Normal, |weights| {
            weights.max_total = Some(NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
        })
        .for_class(DispatchClass::Operational, |weights| {
            weights.max_total = Some(MAXIMUM_BLOCK_WEIGHT);
            // Included even when the block is full: a session's rotation alone claims a whole one.
            weights.reserved = Some(OPERATIONAL_RESERVE_RATIO * MAXIMUM_BLOCK_WEIGHT);
        })
        .avg_block_initialization(AVERAGE_ON_INITIALIZE_RATIO)
        .build_or_panic()
}

fn block_length() -> limits::BlockLength {
    limits::BlockLength::builder()
        .max_length(MAXIMUM_BLOCK_BYTES)
        .max_header_size(MAXIMUM_HEADER_BYTES)
        .modify_max_length_for_class(DispatchClass::Normal, |length| {
            *length = NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_BYTES;
        })
        .build()
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    /// Both rings of the emergency stop: safe mode closes everything but a list, the pause closes
    /// single calls.
    type BaseCallFilter = InsideBoth<SafeMode, TxPause>;
    type Block = Block;
    type BlockWeights = BlockWeights;
    type BlockLength = BlockLength;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type Hashing = Hashing;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type BlockHashCount = BlockHashCount;
    type DbWeight = DbWeight;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SystemWeightInfo = weights::frame_system::WeightInfo<DbWeight>;
    type ExtensionsWeightInfo = InBase;
    type SS58Prefix = frame_support::traits::ConstU16<{ SS58_PREFIX as u16 }>;
    type MaxConsumers = ConstU32<64>;
    type SingleBlockMigrations = crate::migrations::SingleBlock;
    type MultiBlockMigrator = MultiBlockMigrations;
}

impl pallet_timestamp::Config for Runtime {
    type Moment = Moment;
    /// BABE checks that the time is that of the block's slot.
    type OnTimestampSet = Babe;
    type MinimumPeriod = ConstU64<{ SLOT_MILLIS / 2 }>;
    type WeightInfo = weights::pallet_timestamp::WeightInfo<DbWeight>;
}

impl pallet_migrations::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    #[cfg(not(feature = "runtime-benchmarks"))]
    type Migrations = crate::migrations::MultiBlock;
    #[cfg(feature = "runtime-benchmarks")]
    type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
    type CursorMaxLen = ConstU32<65_536>;
    type IdentifierMaxLen = ConstU32<256>;
    type MigrationStatusHandler = ();
    type FailedMigrationHandler = SafeModeOnFailedMigration;
    type MaxServiceWeight = MigrationServiceWeight;
    type WeightInfo = weights::pallet_migrations::WeightInfo<DbWeight>;
}

/// What happens when a migration in steps fails: the chain goes on in safe mode.
///
/// Half-migrated state must not be traded on, but governance must stay able to mend it. Being stuck in the
/// migration would bar all transactions, the votes for a remedy among them, and refuse new code. Only
/// if safe mode can't be entered does the chain freeze.
pub struct SafeModeOnFailedMigration;

impl FailedMigrationHandler for SafeModeOnFailedMigration {
    fn failed(_migration: Option<u32>) -> FailedMigrationHandling {
        // Until a referendum ends it.
        let until = BlockNumber::MAX;
        let entered = if <SafeMode as SafeModeTrait>::is_entered() {
            <SafeMode as SafeModeTrait>::extend(until)
        } else {
            <SafeMode as SafeModeTrait>::enter(until)
        };
        match entered {
            Ok(()) => FailedMigrationHandling::ForceUnstuck,
            Err(_) => FailedMigrationHandling::KeepStuck,
        }
    }
}
