//! A runtime for unit tests: the oracle over balances, with a validator set that tests write.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::{
        crypto::{AuthorityId, AuthorityPair, AuthoritySignature},
        BlockTime, FeedId,
    },
    StakeSource,
};
use core::cell::RefCell;
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        ConstU32, KeyOwnerProofSystem, OneSessionHandler, ValidatorSet,
        ValidatorSetWithIdentification,
    },
    PalletId,
};
use frame_system::offchain::{
    CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase,
};
use sp_core::{crypto::KeyTypeId, Pair};
use sp_runtime::{BuildStorage, Perbill, Permill};
use sp_session::MembershipProof;
use sp_staking::{
    offence::{Offence, OffenceError, ReportOffence},
    SessionIndex,
};

use crate as pallet_price_oracle;
use crate::offences::{OffenceKind, ReporterOffence};

pub type AccountId = u64;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Oracle = pallet_price_oracle;
}

pub type TxExtension = (frame_system::AuthorizeCall<Test>,);
pub type Extrinsic = sp_runtime::generic::UncheckedExtrinsic<
    AccountId,
    RuntimeCall,
    sp_runtime::testing::TestSignature,
    TxExtension,
>;
type Block = sp_runtime::generic::Block<
    sp_runtime::generic::Header<u64, sp_runtime::traits::BlakeTwo256>,
    Extrinsic,
>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u128>;
    type DbWeight = frame_support::weights::constants::ParityDbWeight;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = u128;
    type ExistentialDeposit = frame_support::traits::ConstU128<1>;
}

impl<C> CreateTransactionBase<C> for Test
where
    RuntimeCall: From<C>,
{
    type Extrinsic = Extrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<C> CreateTransaction<C> for Test
where
    RuntimeCall: From<C>,
{
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
        Extrinsic::new_transaction(call, extension)
    }
}

impl<C> CreateAuthorizedTransaction<C> for Test
where
    RuntimeCall: From<C>,
{
    fn create_extension() -> TxExtension {
        (frame_system::AuthorizeCall::new(),)
    }
}

/// What the world around the oracle is like.
#[derive(Clone, Debug)]
pub struct World {
    pub slot: u64,
    pub session: SessionIndex,
    /// Validators with their stake.
    pub stakes: Vec<(AccountId, u128)>,
    /// Offences that were reported: kind, offender, slash.
    pub offences: Vec<([u8; 16], AccountId, Perbill)>,
    pub in_use: Vec<FeedId>,
    pub author: Option<AccountId>,
    /// Keys of validators that have others than [`pair`]: benchmarks'.
    pub keys: Vec<(AccountId, AuthorityId)>,
}

std::thread_local! {
    static WORLD: RefCell<World> = const { RefCell::new(World {
        slot: 0, session: 0, stakes: Vec::new(), offences: Vec::new(), in_use: Vec::new(), author: None,
        keys: Vec::new(),
    }) };
}

pub fn world<R>(change: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(change)
}

pub struct Surroundings;

impl BlockTime for Surroundings {
    fn slot() -> u64 {
        world(|world| world.slot)
    }
    fn slot_millis() -> u64 {
        1_000
    }
}

impl StakeSource<AccountId, u128> for Surroundings {
    fn active_stakes() -> Vec<(AccountId, u128)> {
        world(|world| world.stakes.clone())
    }
    fn active_stake(validator: &AccountId) -> u128 {
        let found = |world: &mut World| {
            world
                .stakes
                .iter()
                .find(|(one, _)| one == validator)
                .map(|(_, stake)| *stake)
        };
        world(found).unwrap_or_default()
    }
}

impl ValidatorSet<AccountId> for Surroundings {
    type ValidatorId = AccountId;
    type ValidatorIdOf = sp_runtime::traits::ConvertInto;
    fn session_index() -> SessionIndex {
        world(|world| world.session)
    }
    fn validators() -> Vec<AccountId> {
        world(|world| {
            world
                .stakes
                .iter()
                .map(|(validator, _)| *validator)
                .collect()
        })
    }
}

impl frame_support::traits::Get<Option<AccountId>> for Surroundings {
    fn get() -> Option<AccountId> {
        world(|world| world.author)
    }
}

/// Every validator is identified by itself.
pub struct NoIdentification;

impl sp_runtime::traits::Convert<AccountId, Option<()>> for NoIdentification {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

impl ValidatorSetWithIdentification<AccountId> for Surroundings {
    type Identification = ();
    type IdentificationOf = NoIdentification;
}

impl<K: OffenceKind> ReportOffence<AccountId, (AccountId, ()), ReporterOffence<K, (AccountId, ())>>
    for Surroundings
{
    fn report_offence(
        _reporters: Vec<AccountId>,
        offence: ReporterOffence<K, (AccountId, ())>,
    ) -> Result<(), OffenceError> {
        let offender = offence.offenders()[0].0;
        world(|world| {
            world
                .offences
                .push((K::ID, offender, offence.slash_fraction(1)))
        });
        Ok(())
    }

    fn is_known_offence(offenders: &[(AccountId, ())], _: &(SessionIndex, u64)) -> bool {
        let is_there = |(kind, who, _): &([u8; 16], AccountId, Perbill)| {
            *kind == K::ID && *who == offenders[0].0
        };
        world(|world| world.offences.iter().any(is_there))
    }
}

impl KeyOwnerProofSystem<(KeyTypeId, AuthorityId)> for Surroundings {
    type Proof = MembershipProof;
    type IdentificationTuple = (AccountId, ());

    fn prove(_: (KeyTypeId, AuthorityId)) -> Option<MembershipProof> {
        let count = world(|world| world.stakes.len());
        Some(MembershipProof {
            session: world(|world| world.session),
            trie_nodes: Vec::new(),
            validator_count: count as u32,
        })
    }

    fn check_proof(
        (_, key): (KeyTypeId, AuthorityId),
        _: MembershipProof,
    ) -> Option<(AccountId, ())> {
        let owner = |(validator, _): &(AccountId, u128)| pair(*validator).public() == key;
        world(|world| {
            if let Some((validator, _)) = world.keys.iter().find(|(_, other)| *other == key) {
                return Some((*validator, ()));
            }
            world
                .stakes
                .iter()
                .find(|one| owner(one))
                .map(|(validator, _)| (*validator, ()))
        })
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Surroundings {
    fn set_slot(slot: u64) {
        world(|world| world.slot = slot);
    }
    fn seat(validators: &[(AccountId, AuthorityId)]) {
        world(|world| {
            world.stakes = validators.iter().map(|(id, _)| (*id, 1_000)).collect();
            world.keys = validators.to_vec();
        });
    }
}

impl frame_support::traits::Contains<FeedId> for Surroundings {
    fn contains(feed: &FeedId) -> bool {
        world(|world| world.in_use.contains(feed))
    }
}

parameter_types! {
    pub const PotId: PalletId = PalletId(*b"csn/orcl");
    pub const RewardShare: Permill = Permill::from_percent(50);
    pub const MinParticipation: Perbill = Perbill::from_percent(50);
    pub const DeviationSlash: Perbill = Perbill::from_percent(1);
    pub const EquivocationSlash: Perbill = Perbill::from_percent(2);
    pub const SilenceSlash: Perbill = Perbill::from_percent(1);
    pub const MaxSilenceSlash: Perbill = Perbill::from_percent(3);
    pub const OffenceWeight: frame_support::weights::Weight =
        frame_support::weights::Weight::from_parts(1, 0);
}

impl pallet_price_oracle::Config for Test {
    type ListingOrigin = frame_system::EnsureRoot<AccountId>;
    type RiskOrigin = frame_system::EnsureRoot<AccountId>;
    type FeedsInUse = Surroundings;
    type Time = Surroundings;
    type Stakes = Surroundings;
    type ValidatorSet = Surroundings;
    type ReportOffence = Surroundings;
    type BlockAuthor = Surroundings;
    type OffenceWeight = OffenceWeight;
    type KeyOwnerProof = MembershipProof;
    type KeyOwnerProofSystem = Surroundings;
    type Currency = Balances;
    type PotId = PotId;
    type RewardShare = RewardShare;
    type MaxReporters = ConstU32<100>;
    type MaxWeightPpm = ConstU32<400_000>;
    type ToleratedOutliers = ConstU32<2>;
    type MinParticipation = MinParticipation;
    type DeviationSlash = DeviationSlash;
    type EquivocationSlash = EquivocationSlash;
    type SilenceSlash = SilenceSlash;
    type MaxSilenceSlash = MaxSilenceSlash;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Surroundings;
}

/// The oracle key of a validator.
pub fn pair(validator: AccountId) -> AuthorityPair {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&validator.to_le_bytes());
    AuthorityPair::from_seed(&seed)
}

/// The validators with their keys, as the session pallet hands them over.
fn keyed(stakes: &[(AccountId, u128)]) -> Vec<(AccountId, AuthorityId)> {
    stakes
        .iter()
        .map(|(validator, _)| (*validator, pair(*validator).public()))
        .collect()
}

/// A chain whose validators have these stakes, at genesis, without feeds.
pub fn new_chain(stakes: &[u128]) -> sp_io::TestExternalities {
    let stakes: Vec<_> = (1..).zip(stakes.iter().copied()).collect();
    WORLD.set(World {
        slot: 1_000_000,
        session: 5,
        stakes: stakes.clone(),
        offences: Vec::new(),
        in_use: Vec::new(),
        author: None,
        keys: Vec::new(),
    });
    let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| {
        let keyed = keyed(&stakes);
        Oracle::on_genesis_session(
            keyed
                .iter()
                .map(|(validator, key)| (validator, key.clone())),
        );
    });
    ext
}

/// Such a chain for benchmarks, which make keys.
#[cfg(feature = "runtime-benchmarks")]
pub fn chain_with_keystore() -> sp_io::TestExternalities {
    let mut ext = new_chain(&[10]);
    let keystore = sp_keystore::testing::MemoryKeystore::new();
    ext.register_extension(sp_keystore::KeystoreExt::new(keystore));
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Runs a test on such a chain, one block after genesis, and checks the invariants after it.
pub fn chain(stakes: &[u128], test: impl FnOnce()) {
    new_chain(stakes).execute_with(|| {
        next_block();
        test();
        crate::try_state::check::<Test>().unwrap();
    });
}

/// The next block, one slot later; checks the invariants of the last one first.
pub fn next_block() {
    use frame_support::traits::Hooks;

    if System::block_number() > 0 {
        crate::try_state::check::<Test>().unwrap();
    }
    world(|world| world.slot += 1);
    let number = System::block_number() + 1;
    System::reset_events();
    System::set_block_number(number);
    Oracle::on_initialize(number);
}

/// Ends the session and begins the next one with these validators.
pub fn next_session(stakes: &[(AccountId, u128)]) {
    Oracle::on_before_session_ending();
    world(|world| {
        world.session += 1;
        world.stakes = stakes.to_vec();
    });
    let keyed = keyed(stakes);
    let iter = || {
        keyed
            .iter()
            .map(|(validator, key)| (validator, key.clone()))
    };
    Oracle::on_new_session(true, iter(), iter());
}

/// Signs a report with a validator's key.
pub fn sign(validator: AccountId, report: &crate::types::Report) -> AuthoritySignature {
    pair(validator).sign(&crate::reporting::payload::<Test>(report))
}

/// The events of the oracle in this block.
pub fn events() -> Vec<crate::Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Oracle(event) => Some(event),
            _ => None,
        })
        .collect()
}
