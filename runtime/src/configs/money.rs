//! The native token, the assets, and the price of a transaction.

use caisson_primitives::{
    currency::{deposit, EXISTENTIAL_DEPOSIT, MICRO, MILLI},
    AccountId, AssetId, Balance,
};
use frame_support::{
    parameter_types,
    traits::{
        fungible::Credit, tokens::imbalance::ResolveTo, AsEnsureOriginWithArg, ConstU128, ConstU32,
        ConstU8, Imbalance, NeverEnsureOrigin, OnUnbalanced,
    },
    weights::{
        ConstantMultiplier, WeightToFeeCoefficient, WeightToFeeCoefficients, WeightToFeePolynomial,
    },
    PalletId,
};
use frame_system::EnsureRoot;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use smallvec::smallvec;
use sp_runtime::{
    traits::{AccountIdConversion, Bounded},
    FixedPointNumber, Perbill, Perquintill,
};

use crate::{
    configs::{
        base::{self, InBase},
        oracle::OraclePot,
        DbWeight,
    },
    weights, Authorship, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason,
    System,
};

/// The asset in which profit and loss are settled, with six decimals.
pub const SETTLEMENT_ASSET: AssetId = 1;

/// A second asset in the development presets, to be used as collateral with a haircut.
pub const DEVELOPMENT_COLLATERAL: AssetId = 2;

parameter_types! {
    /// The identifier of the treasury, from which its account is derived.
    pub const TreasuryPalletId: PalletId = PalletId(*b"csn/trsy");
    /// The account of the treasury.
    pub TreasuryAccount: AccountId = TreasuryPalletId::get().into_account_truncating();
    /// Two entries: the asset and its metadata's key.
    pub const AssetDeposit: Balance = deposit(2, 210);
    /// One account's balance of one asset.
    pub const AssetAccountDeposit: Balance = deposit(1, 68);
    /// The metadata of an asset, without its strings.
    pub const AssetMetadataDepositBase: Balance = deposit(1, 68);
    /// Each byte of name and symbol.
    pub const AssetMetadataDepositPerByte: Balance = deposit(0, 1);
    /// One approval.
    pub const AssetApprovalDeposit: Balance = deposit(1, 68);
    /// The fee rises while blocks are fuller than this, and falls while they are emptier.
    pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
    /// How fast the fee follows: at full blocks it doubles in about two hours of one-second blocks.
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(12, 100_000);
    /// The fee never falls under a hundredth of its base, so that spam is never free.
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 100);
    /// No upper end: at some price the flood stops.
    pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = weights::pallet_balances::WeightInfo<DbWeight>;
    type Balance = Balance;
    type DustRemoval = ResolveTo<TreasuryAccount, Balances>;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = ConstU32<8>;
    type DoneSlashHandler = ();
}

impl pallet_assets::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type RemoveItemsLimit = ConstU32<1000>;
    type AssetId = AssetId;
    type AssetIdParameter = codec::Compact<AssetId>;
    type ReserveData = ();
    type Currency = Balances;
    /// Nobody mints an asset of their own here: governance registers what may be collateral.
    type CreateOrigin = AsEnsureOriginWithArg<NeverEnsureOrigin<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type AssetDeposit = AssetDeposit;
    type AssetAccountDeposit = AssetAccountDeposit;
    type MetadataDepositBase = AssetMetadataDepositBase;
    type MetadataDepositPerByte = AssetMetadataDepositPerByte;
    type ApprovalDeposit = AssetApprovalDeposit;
    type StringLimit = ConstU32<50>;
    type Freezer = ();
    type Holder = ();
    type Extra = ();
    type CallbackHandle = ();
    type AssetIdAllocator = ();
    type WeightInfo = weights::pallet_assets::WeightInfo<DbWeight>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
}

/// One thousandth of a CSN for the base weight of a transaction, and in proportion for the rest.
pub struct WeightToFee;

impl WeightToFeePolynomial for WeightToFee {
    type Balance = Balance;

    fn polynomial() -> WeightToFeeCoefficients<Balance> {
        let price = MILLI;
        let base = Balance::from(base::transaction().ref_time());
        smallvec![WeightToFeeCoefficient {
            degree: 1,
            negative: false,
            coeff_frac: Perbill::from_rational(price % base, base),
            coeff_integer: price / base,
        }]
    }
}

/// Where fees go: seven tenths to the treasury, one tenth to the oracle's reporters, two tenths and all tips
/// to the author of the block.
///
/// An author who earned the whole fee could fill blocks with transactions of its own for nothing.
pub struct NativeFees;

impl OnUnbalanced<Credit<AccountId, Balances>> for NativeFees {
    fn on_unbalanceds(mut fees_then_tips: impl Iterator<Item = Credit<AccountId, Balances>>) {
        let Some(fees) = fees_then_tips.next() else {
            return;
        };
        let (shared, mut author) = fees.ration(80, 20);
        let (treasury, reporters) = shared.ration(70, 10);
        if let Some(tips) = fees_then_tips.next() {
            tips.merge_into(&mut author);
        }
        ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(treasury);
        ResolveTo::<OraclePot, Balances>::on_unbalanced(reporters);
        pay_author(author);
    }
}

/// Pays the author of the block; the treasury, when the block has none on record.
fn pay_author(credit: Credit<AccountId, Balances>) {
    use frame_support::traits::fungible::Balanced;

    let unpaid = match Authorship::author() {
        Some(author) => Balances::resolve(&author, credit).err(),
        None => Some(credit),
    };
    if let Some(credit) = unpaid {
        ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(credit);
    }
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, NativeFees>;
    type WeightToFee = WeightToFee;
    type LengthToFee = ConstantMultiplier<Balance, ConstU128<MICRO>>;
    type FeeMultiplierUpdate = TargetedFeeAdjustment<
        Runtime,
        TargetBlockFullness,
        AdjustmentVariable,
        MinimumMultiplier,
        MaximumMultiplier,
    >;
    type OperationalFeeMultiplier = ConstU8<5>;
    // Part of `base::transaction`.
    type WeightInfo = InBase;
}
