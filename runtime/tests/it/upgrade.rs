//! A runtime upgrade by referendum, from submission to the last step of its migration.
//!
//! The new runtime is a real one: the upgrade drill, compiled from these sources with the feature
//! `upgrade-drill`. `cargo xtask test` builds it and says where it is.

use caisson_runtime::{MultiBlockMigrations, Runtime, RuntimeCall, RuntimeEvent, System};
use frame_support::{assert_ok, migrations::MultiStepMigrator};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Ferdie};

use crate::{
    chain::Chain,
    referenda::{conclude, submit, vote},
};

/// Where the drill counts the steps of its migration.
const STEPS_KEY: &[u8] = b":caisson:upgrade-drill:steps";

/// The wasm of the upgrade drill.
fn drill() -> Vec<u8> {
    let path = std::env::var("CAISSON_UPGRADE_WASM").unwrap_or_else(|_| {
        panic!("CAISSON_UPGRADE_WASM is not set: run this test by `cargo xtask test --only tests`")
    });
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn referendum_should_upgrade_the_runtime_and_migrate_in_steps() {
    let mut chain = Chain::from_preset("local_testnet");
    let code = drill();
    let code_hash = sp_io::hashing::blake2_256(&code).into();
    assert_eq!(chain.spec_version(), 1);

    // The referendum is on the hash of the code; then anyone may supply the code.
    let authorize = RuntimeCall::System(frame_system::Call::authorize_upgrade { code_hash });
    let index = submit(&mut chain, frame_system::RawOrigin::Root, authorize);
    for voter in [Alice, Bob, Charlie, Dave] {
        vote(&mut chain, voter, index, true);
    }
    assert!(conclude(&mut chain, index));
    chain.next_blocks_until(100, "the upgrade is authorized", || {
        System::authorized_upgrade().is_some()
    });
    assert_eq!(chain.spec_version(), 1, "authorizing must not apply");

    let apply = frame_system::Call::apply_authorized_upgrade { code };
    assert_ok!(chain.transact(Ferdie, RuntimeCall::System(apply)));
    assert!(chain.events().iter().any(|event| {
        matches!(
            event,
            RuntimeEvent::System(frame_system::Event::CodeUpdated { .. })
        )
    }));
    assert_eq!(chain.spec_version(), 2);

    // The first block of the new runtime starts the migration. While it lasts no transaction gets
    // in, and blocks with their inherents go on.
    chain.next_block();
    assert!(chain.query(MultiBlockMigrations::ongoing));
    let steps = |chain: &mut Chain| {
        chain.query(|| frame_support::storage::unhashed::get::<u32>(STEPS_KEY).unwrap_or(0))
    };
    let mut seen = vec![steps(&mut chain)];
    while chain.query(MultiBlockMigrations::ongoing) {
        chain.next_block();
        seen.push(steps(&mut chain));
        assert!(seen.len() < 20, "{seen:?}");
    }
    assert_eq!(seen.last(), Some(&5), "{seen:?}");
    assert!(
        seen.windows(2).all(|pair| pair[1] <= pair[0] + 1),
        "one step a block: {seen:?}"
    );
    chain.next_block();
    let upgraded = chain
        .query(frame_system::LastRuntimeUpgrade::<Runtime>::get)
        .expect("noted");
    assert_eq!(upgraded.spec_version.0, 2);
}

#[test]
fn upgrade_should_be_refused_when_it_is_not_the_authorized_code() {
    let mut chain = Chain::from_preset("development");
    let apply = frame_system::Call::apply_authorized_upgrade { code: drill() };
    assert_eq!(
        chain.transact(Alice, RuntimeCall::System(apply)),
        crate::chain::error(frame_system::Error::<Runtime>::NothingAuthorized),
    );
    assert_eq!(chain.spec_version(), 1);
}
