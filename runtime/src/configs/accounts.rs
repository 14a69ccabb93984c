//! What an account can do besides signing alone: batches, multisigs, proxies, identities, and
//! preimages of large calls.

use caisson_primitives::{
    currency::deposit, time::DAYS, AccountId, AccountPublic, Balance, BlockNumber, Hashing,
    Signature,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    parameter_types,
    traits::{
        fungible::HoldConsideration, ConstU32, EitherOfDiverse, InstanceFilter, LinearStoragePrice,
    },
};
use frame_system::EnsureRoot;
use scale_info::TypeInfo;

use crate::{
    configs::{governance::CouncilMajority, DbWeight},
    weights, Balances, OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeHoldReason, System, Treasury,
};

parameter_types! {
    /// One open multisig operation, without its approvals.
    pub const MultisigDepositBase: Balance = deposit(1, 88);
    /// One signatory of it.
    pub const MultisigDepositFactor: Balance = deposit(0, 32);
    /// The list of an account's proxies.
    pub const ProxyDepositBase: Balance = deposit(1, 8);
    /// One proxy in it: account, type and delay.
    pub const ProxyDepositFactor: Balance = deposit(0, 37);
    /// The list of an account's announcements.
    pub const AnnouncementDepositBase: Balance = deposit(1, 8);
    /// One announcement in it.
    pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
    /// One preimage, without its bytes.
    pub const PreimageBaseDeposit: Balance = deposit(2, 64);
    /// One byte of it.
    pub const PreimageByteDeposit: Balance = deposit(0, 1);
    /// Why the deposit of a preimage is on hold.
    pub const PreimageHoldReason: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    /// One identity, without its fields.
    pub const IdentityBasicDeposit: Balance = deposit(1, 258);
    /// One byte of its fields.
    pub const IdentityByteDeposit: Balance = deposit(0, 1);
    /// One user name.
    pub const UsernameDeposit: Balance = deposit(2, 64);
    /// One sub-account of an identity.
    pub const SubAccountDeposit: Balance = deposit(1, 53);
    /// How long a granted user name waits to be accepted.
    pub const PendingUsernameExpiration: BlockNumber = 7 * DAYS;
    /// How long a user name that its authority takes back still works.
    pub const UsernameGracePeriod: BlockNumber = 30 * DAYS;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = weights::pallet_utility::WeightInfo<DbWeight>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = MultisigDepositBase;
    type DepositFactor = MultisigDepositFactor;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = weights::pallet_multisig::WeightInfo<DbWeight>;
    type BlockNumberProvider = System;
}

/// What a proxy may do in the name of the account that appointed it.
#[derive(
    Copy,
    Clone,
    Debug,
    Default,
    Eq,
    PartialEq,
    Ord,
    PartialOrd,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything, moving all funds included.
    #[default]
    #[codec(index = 0)]
    Any,
    /// Everything but transfers: staking, voting, trading. It can still say where future staking
    /// rewards go, and lose a bond.
    #[codec(index = 1)]
    NonTransfer,
    /// Vote, propose, and sit in the council or the technical committee.
    #[codec(index = 2)]
    Governance,
    /// Bond, nominate, validate, set session keys, and say where rewards go.
    #[codec(index = 3)]
    Staking,
    /// Trade with what the account has deposited, and never withdraw it: orders, and the choice of leverage.
    #[codec(index = 4)]
    Trading,
    /// Reject announcements of other proxies.
    #[codec(index = 5)]
    CancelProxy,
}

impl ProxyType {
    /// Whether a call is part of governance.
    fn is_governance(call: &RuntimeCall) -> bool {
        matches!(
            call,
            RuntimeCall::Council(..)
                | RuntimeCall::CouncilElections(..)
                | RuntimeCall::TechnicalCommittee(..)
                | RuntimeCall::ConvictionVoting(..)
                | RuntimeCall::Referenda(..)
                | RuntimeCall::Whitelist(..)
                | RuntimeCall::Treasury(..)
                | RuntimeCall::Preimage(..)
        )
    }

    /// Whether a call is part of staking and of running a validator.
    fn is_staking(call: &RuntimeCall) -> bool {
        matches!(
            call,
            RuntimeCall::Staking(..)
                | RuntimeCall::VoterList(..)
                | RuntimeCall::Session(..)
                | RuntimeCall::Oracle(pallet_price_oracle::Call::report_equivocation { .. })
        )
    }

    /// Whether a call trades with money that is deposited already. Nothing here moves any out, or between accounts.
    fn is_trading(call: &RuntimeCall) -> bool {
        matches!(
            call,
            RuntimeCall::Exchange(..)
                | RuntimeCall::Margin(pallet_margin::Call::set_leverage { .. })
        )
    }

    /// Whether a call only packs others. Each packed call passes the filter on its own.
    fn is_batch(call: &RuntimeCall) -> bool {
        matches!(call, RuntimeCall::Utility(..))
    }
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => {
                Self::is_governance(call)
                    || Self::is_staking(call)
                    || Self::is_trading(call)
                    || Self::is_batch(call)
                    || matches!(
                        call,
                        RuntimeCall::System(..)
                            | RuntimeCall::Multisig(..)
                            | RuntimeCall::Identity(..)
                    )
            }
            Self::Governance => Self::is_governance(call) || Self::is_batch(call),
            Self::Staking => Self::is_staking(call) || Self::is_batch(call),
            Self::Trading => Self::is_trading(call) || Self::is_batch(call),
            Self::CancelProxy => matches!(
                call,
                RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })
            ),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (a, b) if a == b => true,
            (Self::Any, _) => true,
            (_, Self::Any) => false,
            (Self::NonTransfer, Self::Governance | Self::Staking | Self::Trading) => true,
            _ => false,
        }
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ProxyDepositBase;
    type ProxyDepositFactor = ProxyDepositFactor;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = weights::pallet_proxy::WeightInfo<DbWeight>;
    type MaxPending = ConstU32<32>;
    type CallHasher = Hashing;
    type AnnouncementDepositBase = AnnouncementDepositBase;
    type AnnouncementDepositFactor = AnnouncementDepositFactor;
    type BlockNumberProvider = System;
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHoldReason,
        LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
    >;
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = crate::RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = crate::configs::governance::ScheduledWeight;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = frame_support::traits::EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<50>;
    type WeightInfo = weights::pallet_scheduler::WeightInfo<DbWeight>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_identity::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type BasicDeposit = IdentityBasicDeposit;
    type ByteDeposit = IdentityByteDeposit;
    type UsernameDeposit = UsernameDeposit;
    type SubAccountDeposit = SubAccountDeposit;
    type MaxSubAccounts = ConstU32<100>;
    type IdentityInformation = pallet_identity::legacy::IdentityInfo<ConstU32<16>>;
    type MaxRegistrars = ConstU32<20>;
    type Slashed = Treasury;
    type ForceOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilMajority>;
    type RegistrarOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilMajority>;
    type OffchainSignature = Signature;
    type SigningPublicKey = AccountPublic;
    type UsernameAuthorityOrigin = EnsureRoot<AccountId>;
    type PendingUsernameExpiration = PendingUsernameExpiration;
    type UsernameGracePeriod = UsernameGracePeriod;
    type MaxSuffixLength = ConstU32<7>;
    type MaxUsernameLength = ConstU32<32>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
    type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_should_be_a_superset_of_every_type_and_no_other_of_any() {
        let all = [
            ProxyType::Any,
            ProxyType::NonTransfer,
            ProxyType::Governance,
            ProxyType::Staking,
            ProxyType::Trading,
            ProxyType::CancelProxy,
        ];
        for kind in all {
            assert!(ProxyType::Any.is_superset(&kind));
            assert!(kind.is_superset(&kind));
            assert_eq!(kind.is_superset(&ProxyType::Any), kind == ProxyType::Any);
        }
    }
}
