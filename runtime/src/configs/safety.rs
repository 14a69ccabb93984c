//! The outer ring of the emergency stop: safe mode and the pause of single calls.
//!
//! The technical committee and the council can only tighten. Safe mode ends by itself; ending it
//! early, or lifting a pause, takes a referendum.

use caisson_primitives::{time::HOURS, AccountId, Balance, BlockNumber};
use frame_support::{
    parameter_types,
    traits::{ConstU32, Contains, EitherOf, EitherOfDiverse},
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureWithSuccess};
use pallet_tx_pause::RuntimeCallNameOf;

use crate::{
    configs::{
        governance::{CouncilMajority, TechnicalMajority},
        DbWeight,
    },
    governance::origins::RiskAdmin,
    weights, Balances, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason,
};

parameter_types! {
    /// How long safe mode lasts when a guardian enters or extends it.
    pub const GuardianDuration: BlockNumber = 6 * HOURS;
    /// How long safe mode lasts when a referendum enters or extends it.
    pub const ReferendumDuration: BlockNumber = 24 * HOURS;
    /// Nobody buys the right to stop the chain.
    pub const NoDeposit: Option<Balance> = None;
    /// No deposits, no release of them.
    pub const NoReleaseDelay: Option<BlockNumber> = None;
}

/// More than half of the council, or of the technical committee.
pub type Guardians = EitherOfDiverse<CouncilMajority, TechnicalMajority>;

/// Guardians for a few hours, a referendum for a day.
type EnterOrigin = EitherOf<
    EnsureRootWithSuccess<AccountId, ReferendumDuration>,
    EnsureWithSuccess<Guardians, AccountId, GuardianDuration>,
>;

/// The calls that pass while safe mode is on.
///
/// Inherents must pass, or no block is valid; consensus, staking and governance must pass, or nobody
/// could mend what went wrong; the circuit breaker and liquidation only make things safer. Calls that only pack others pass, because each packed call is filtered
/// again. Nothing that moves funds out of an account is here.
pub struct SafeModeCalls;

impl Contains<RuntimeCall> for SafeModeCalls {
    fn contains(call: &RuntimeCall) -> bool {
        is_protective(call)
            || matches!(
                call,
                RuntimeCall::System(..)
                    | RuntimeCall::Timestamp(..)
                    | RuntimeCall::Babe(..)
                    | RuntimeCall::Grandpa(..)
                    | RuntimeCall::Session(..)
                    | RuntimeCall::Staking(..)
                    | RuntimeCall::VoterList(..)
                    | RuntimeCall::Council(..)
                    | RuntimeCall::CouncilElections(..)
                    | RuntimeCall::TechnicalCommittee(..)
                    | RuntimeCall::TechnicalMembership(..)
                    | RuntimeCall::ConvictionVoting(..)
                    | RuntimeCall::Referenda(..)
                    | RuntimeCall::Whitelist(..)
                    | RuntimeCall::Preimage(..)
                    | RuntimeCall::Scheduler(..)
                    | RuntimeCall::SafeMode(..)
                    | RuntimeCall::TxPause(..)
                    | RuntimeCall::MultiBlockMigrations(..)
                    | RuntimeCall::Utility(..)
                    | RuntimeCall::Multisig(..)
                    | RuntimeCall::Proxy(..)
                    | RuntimeCall::Oracle(..)
                    | RuntimeCall::CircuitBreaker(..)
                    | RuntimeCall::Liquidation(..)
            )
    }
}

/// Whether a call of a trader can only make its account safer: cancelling orders, bringing collateral in, and taking a
/// withdrawal that waits back.
fn is_protective(call: &RuntimeCall) -> bool {
    match call {
        RuntimeCall::Margin(call) => matches!(
            call,
            pallet_margin::Call::deposit { .. } | pallet_margin::Call::cancel_withdrawal { .. }
        ),
        RuntimeCall::Exchange(call) => matches!(
            call,
            pallet_exchange::Call::cancel { .. }
                | pallet_exchange::Call::cancel_batch { .. }
                | pallet_exchange::Call::cancel_all { .. }
                | pallet_exchange::Call::schedule_cancel { .. }
        ),
        _ => false,
    }
}

/// The pallets none of whose calls can be paused: the same as pass safe mode, for the same reasons.
///
/// By name, because the pause works on names; a test holds the two lists against each other.
const UNPAUSABLE_PALLETS: [&[u8]; 25] = [
    b"System",
    b"Timestamp",
    b"Babe",
    b"Grandpa",
    b"Session",
    b"Staking",
    b"VoterList",
    b"Council",
    b"CouncilElections",
    b"TechnicalCommittee",
    b"TechnicalMembership",
    b"ConvictionVoting",
    b"Referenda",
    b"Whitelist",
    b"Preimage",
    b"Scheduler",
    b"SafeMode",
    b"TxPause",
    b"MultiBlockMigrations",
    b"Utility",
    b"Multisig",
    b"Proxy",
    b"Oracle",
    b"CircuitBreaker",
    b"Liquidation",
];

/// Calls of other pallets that can't be paused: those with which a trader makes an account safer.
const UNPAUSABLE_CALLS: [(&[u8], &[u8]); 6] = [
    (b"Margin", b"deposit"),
    (b"Margin", b"cancel_withdrawal"),
    (b"Exchange", b"cancel"),
    (b"Exchange", b"cancel_batch"),
    (b"Exchange", b"cancel_all"),
    (b"Exchange", b"schedule_cancel"),
];

/// The calls that can't be paused.
pub struct UnpausableCalls;

impl Contains<RuntimeCallNameOf<Runtime>> for UnpausableCalls {
    fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
        UNPAUSABLE_PALLETS.contains(&pallet.as_slice())
            || UNPAUSABLE_CALLS.contains(&(pallet.as_slice(), call.as_slice()))
    }
}

impl pallet_safe_mode::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WhitelistedCalls = SafeModeCalls;
    type EnterDuration = GuardianDuration;
    type ExtendDuration = GuardianDuration;
    type EnterDepositAmount = NoDeposit;
    type ExtendDepositAmount = NoDeposit;
    type ForceEnterOrigin = EnterOrigin;
    type ForceExtendOrigin = EnterOrigin;
    type ForceExitOrigin = EitherOfDiverse<EnsureRoot<AccountId>, RiskAdmin>;
    type ForceDepositOrigin = EnsureRoot<AccountId>;
    type Notify = ();
    type ReleaseDelay = NoReleaseDelay;
    type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

impl pallet_tx_pause::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PauseOrigin = EitherOfDiverse<EnsureRoot<AccountId>, Guardians>;
    type UnpauseOrigin = EitherOfDiverse<EnsureRoot<AccountId>, RiskAdmin>;
    type WhitelistedCalls = UnpausableCalls;
    type MaxNameLen = ConstU32<256>;
    type WeightInfo = weights::pallet_tx_pause::WeightInfo<DbWeight>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use frame_support::traits::GetCallMetadata;

    /// Every call that pays or transfers funds out of an account must be stopped by safe mode, and
    /// every pallet that passes must be unpausable.
    #[test]
    fn unpausable_pallets_should_be_those_that_pass_safe_mode() {
        let known = RuntimeCall::get_module_names();
        for name in UNPAUSABLE_PALLETS {
            let name = core::str::from_utf8(name).expect("names are ASCII");
            assert!(known.contains(&name), "no pallet is called {name}");
        }
        let pausable: Vec<_> = known
            .iter()
            .filter(|name| !UNPAUSABLE_PALLETS.contains(&name.as_bytes()))
            .copied()
            .collect();
        assert_eq!(
            pausable,
            [
                "Balances",
                "Assets",
                "Identity",
                "Treasury",
                "Markets",
                "Margin",
                "Insurance",
                "Exchange"
            ]
        );
        for (pallet, call) in UNPAUSABLE_CALLS {
            let name = |bytes| core::str::from_utf8(bytes).expect("names are ASCII");
            let calls = RuntimeCall::get_call_names(name(pallet));
            assert!(
                calls.contains(&name(call)),
                "{}.{}",
                name(pallet),
                name(call)
            );
        }
        let deposit = RuntimeCall::Margin(pallet_margin::Call::deposit {
            account: 0,
            asset: 1,
            units: 1,
        });
        assert!(SafeModeCalls::contains(&deposit));
        let withdraw = RuntimeCall::Margin(pallet_margin::Call::withdraw {
            account: 0,
            asset: 1,
            units: 1,
        });
        assert!(!SafeModeCalls::contains(&withdraw));
        let cancel = RuntimeCall::Exchange(pallet_exchange::Call::cancel_all {
            account: 0,
            market: None,
        });
        assert!(SafeModeCalls::contains(&cancel));

        let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
            dest: AccountId::new([1; 32]).into(),
            value: 1,
        });
        assert!(!SafeModeCalls::contains(&transfer));
        let remark = RuntimeCall::System(frame_system::Call::remark { remark: Vec::new() });
        assert!(SafeModeCalls::contains(&remark));
    }
}
