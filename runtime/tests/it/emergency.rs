//! The emergency stop: guardians tighten, time or a referendum loosens.

use caisson_primitives::{currency::UNIT, time::HOURS};
use caisson_runtime::{configs::SafeModeCalls, Runtime, RuntimeCall, SafeMode, TxPause};
use frame_support::{assert_ok, traits::Contains};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Ferdie};
use sp_runtime::DispatchResult;

use crate::chain::{error, Chain};

type Filtered = frame_system::Error<Runtime>;

fn transfer() -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Ferdie.to_account_id().into(),
        value: UNIT,
    })
}

/// What a collective does with a motion that two of its three members support. Returns what became
/// of the motion's own call.
macro_rules! motion {
    ($chain:expr, $collective:ident, [$first:expr, $second:expr], $call:expr) => {{
        let chain: &mut Chain = $chain;
        let call: RuntimeCall = $call.into();
        let length_bound = codec::Encode::encoded_size(&call) as u32;
        let proposal_hash: caisson_primitives::Hash =
            sp_io::hashing::blake2_256(&codec::Encode::encode(&call)).into();
        let index = chain
            .query(|| pallet_collective::ProposalCount::<Runtime, instance::$collective>::get());
        assert_ok!(chain.transact(
            $first,
            RuntimeCall::$collective(pallet_collective::Call::propose {
                threshold: 2,
                proposal: Box::new(call),
                length_bound,
            }),
        ));
        for member in [$first, $second] {
            assert_ok!(chain.transact(
                member,
                RuntimeCall::$collective(pallet_collective::Call::vote {
                    proposal: proposal_hash,
                    index,
                    approve: true,
                }),
            ));
        }
        assert_ok!(chain.transact(
            $first,
            RuntimeCall::$collective(pallet_collective::Call::close {
                proposal_hash,
                index,
                proposal_weight_bound: frame_support::weights::Weight::from_parts(
                    20_000_000_000,
                    1_000_000
                ),
                length_bound,
            }),
        ));
        chain
            .events()
            .into_iter()
            .find_map(|event| match event {
                caisson_runtime::RuntimeEvent::$collective(
                    pallet_collective::Event::Executed { result, .. },
                ) => Some(result),
                _ => None,
            })
            .expect("a motion with a majority is executed")
    }};
}
pub(crate) use motion;

/// The instances of the collectives, under the names of their pallets.
pub mod instance {
    pub use caisson_runtime::configs::{
        CouncilInstance as Council, TechnicalInstance as TechnicalCommittee,
    };
}

fn enter_safe_mode(chain: &mut Chain) -> DispatchResult {
    motion!(
        chain,
        Council,
        [Alice, Bob],
        RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {})
    )
}

#[test]
fn council_motion_should_enter_safe_mode_and_time_should_leave_it() {
    let mut chain = Chain::from_preset("local_testnet");
    assert_ok!(chain.transact(Dave, transfer()));
    assert_eq!(enter_safe_mode(&mut chain), Ok(()));
    let until = chain
        .query(pallet_safe_mode::EnteredUntil::<Runtime>::get)
        .expect("entered");
    assert_eq!(until, chain.number() + 6 * HOURS);

    // Blocks go on (each has a timestamp), sessions rotate, funds stay, governance works.
    assert_eq!(
        chain.transact(Dave, transfer()),
        error(Filtered::CallFiltered)
    );
    let batch = RuntimeCall::Utility(pallet_utility::Call::batch_all {
        calls: vec![transfer()],
    });
    assert_eq!(chain.transact(Dave, batch), error(Filtered::CallFiltered));
    chain.next_session();
    let note = pallet_preimage::Call::note_preimage { bytes: vec![1; 32] };
    assert_ok!(chain.transact(Dave, RuntimeCall::Preimage(note)));

    // Six hours of blocks are too many for a test; the end of safe mode is brought near.
    chain.query(|| {
        let soon = caisson_runtime::System::block_number() + 3;
        pallet_safe_mode::EnteredUntil::<Runtime>::put(soon);
    });
    chain.next_blocks(5);
    assert!(!chain.query(SafeMode::is_entered));
    assert_ok!(chain.transact(Dave, transfer()));
}

#[test]
fn guardians_should_not_be_able_to_end_safe_mode() {
    let mut chain = Chain::from_preset("local_testnet");
    assert_eq!(enter_safe_mode(&mut chain), Ok(()));
    let exit = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_exit {});
    let bad_origin = Err(sp_runtime::DispatchError::BadOrigin);
    assert_eq!(
        motion!(&mut chain, Council, [Alice, Bob], exit.clone()),
        bad_origin
    );
    assert_eq!(
        motion!(&mut chain, TechnicalCommittee, [Charlie, Dave], exit),
        bad_origin
    );
    assert!(chain.query(SafeMode::is_entered));
}

#[test]
fn nobody_should_buy_their_way_into_safe_mode() {
    let mut chain = Chain::from_preset("development");
    let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::enter {});
    assert_eq!(
        chain.transact(Alice, enter),
        error(pallet_safe_mode::Error::<Runtime>::NotConfigured),
    );
}

#[test]
fn technical_committee_should_pause_a_call_and_not_lift_the_pause() {
    let mut chain = Chain::from_preset("local_testnet");
    let name = |pallet: &[u8], call: &[u8]| {
        let pallet = pallet.to_vec().try_into().expect("short");
        let call = call.to_vec().try_into().expect("short");
        (pallet, call)
    };
    let paused = name(b"Balances", b"transfer_keep_alive");
    let pause = pallet_tx_pause::Call::pause {
        full_name: paused.clone(),
    };
    let result = motion!(
        &mut chain,
        TechnicalCommittee,
        [Charlie, Dave],
        RuntimeCall::TxPause(pause)
    );
    assert_eq!(result, Ok(()));
    assert!(chain.query(|| TxPause::is_paused(&paused)));
    assert_eq!(
        chain.transact(Alice, transfer()),
        error(Filtered::CallFiltered)
    );
    let other = pallet_balances::Call::transfer_allow_death {
        dest: Ferdie.to_account_id().into(),
        value: UNIT,
    };
    assert_ok!(chain.transact(Alice, RuntimeCall::Balances(other)));

    let unpause = RuntimeCall::TxPause(pallet_tx_pause::Call::unpause { ident: paused });
    let result = motion!(&mut chain, TechnicalCommittee, [Charlie, Dave], unpause);
    assert_eq!(result, Err(sp_runtime::DispatchError::BadOrigin));

    // What keeps the chain governable can't be paused at all.
    let governance = name(b"Referenda", b"submit");
    let pause = pallet_tx_pause::Call::pause {
        full_name: governance,
    };
    let result = motion!(
        &mut chain,
        TechnicalCommittee,
        [Charlie, Dave],
        RuntimeCall::TxPause(pause)
    );
    assert_eq!(result, error(pallet_tx_pause::Error::<Runtime>::Unpausable));
}

#[test]
fn outsider_should_neither_pause_nor_enter_safe_mode() {
    let mut chain = Chain::from_preset("local_testnet");
    let outsider: Sr25519Keyring = Ferdie;
    let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
    assert!(
        SafeModeCalls::contains(&enter),
        "the call passes; the origin must not"
    );
    assert_eq!(
        chain.transact(outsider, enter),
        Err(sp_runtime::DispatchError::BadOrigin)
    );
}

#[test]
fn failed_migration_should_leave_the_chain_in_safe_mode_and_governable() {
    use caisson_runtime::configs::SafeModeOnFailedMigration;
    use frame_support::migrations::{FailedMigrationHandler, FailedMigrationHandling};

    let mut chain = Chain::from_preset("local_testnet");
    let handling = chain.query(|| SafeModeOnFailedMigration::failed(Some(0)));
    assert_eq!(handling, FailedMigrationHandling::ForceUnstuck);
    chain.next_blocks(3);
    assert!(chain.query(SafeMode::is_entered));
    assert_eq!(
        chain.transact(Dave, transfer()),
        error(Filtered::CallFiltered)
    );
    let note = pallet_preimage::Call::note_preimage { bytes: vec![1; 32] };
    assert_ok!(chain.transact(Dave, RuntimeCall::Preimage(note)));
    // A second failure finds safe mode on, and must not end it.
    let handling = chain.query(|| SafeModeOnFailedMigration::failed(None));
    assert_eq!(handling, FailedMigrationHandling::ForceUnstuck);
    assert!(chain.query(SafeMode::is_entered));
}
