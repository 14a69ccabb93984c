//! Every preset makes a chain that runs.

use caisson_primitives::time::DAYS;
use caisson_primitives::{currency::UNIT, Balance, StakeSource};
use caisson_runtime::{
    configs::{ActiveEraStake, TreasuryAccount, DEVELOPMENT_COLLATERAL, SETTLEMENT_ASSET},
    Assets, Balances, Council, GovernancePace, Session, TechnicalCommittee,
};
use frame_support::traits::fungibles::metadata::Inspect as _;
use sp_keyring::Sr25519Keyring::{Alice, AliceStash};

use crate::chain::Chain;

#[test]
fn every_preset_should_make_a_chain_that_produces_blocks() {
    for (preset, validators) in [("development", 1), ("local_testnet", 4), ("staging", 4)] {
        let mut chain = Chain::from_preset(preset);
        chain.next_blocks(5);
        chain.next_session();
        chain.next_session();
        chain.query(|| {
            let session = pallet_session::Validators::<caisson_runtime::Runtime>::get();
            assert_eq!(session.len(), validators, "{preset}");
            let stakes = ActiveEraStake::active_stakes();
            assert_eq!(stakes.len(), validators, "{preset}");
            for (validator, stake) in stakes {
                assert_eq!(stake, 100_000 * UNIT, "{preset}");
                assert_eq!(ActiveEraStake::active_stake(&validator), stake);
            }
            assert_eq!(Council::members_len(), 3, "{preset}");
            assert_eq!(TechnicalCommittee::members_len(), 3, "{preset}");
            assert!(Session::current_index() >= 2);
        });
    }
}

/// The length of a collective, for readable assertions.
trait MembersLen {
    fn members_len() -> usize;
}

impl MembersLen for Council {
    fn members_len() -> usize {
        pallet_collective::Members::<
            caisson_runtime::Runtime,
            caisson_runtime::configs::CouncilInstance,
        >::get()
        .len()
    }
}

impl MembersLen for TechnicalCommittee {
    fn members_len() -> usize {
        pallet_collective::Members::<
            caisson_runtime::Runtime,
            caisson_runtime::configs::TechnicalInstance,
        >::get()
        .len()
    }
}

#[test]
fn development_should_have_the_settlement_asset_and_a_second_collateral() {
    let mut chain = Chain::from_preset("development");
    chain.query(|| {
        assert_eq!(Assets::decimals(SETTLEMENT_ASSET), 6);
        assert_eq!(Assets::decimals(DEVELOPMENT_COLLATERAL), 8);
        let alice = Alice.to_account_id();
        assert_eq!(Assets::balance(SETTLEMENT_ASSET, &alice), 1_000_000_000_000);
        assert_eq!(
            Assets::balance(DEVELOPMENT_COLLATERAL, &alice),
            100_000_000_000
        );
    });
}

#[test]
fn staging_should_run_governance_as_written_and_development_faster() {
    let mut staging = Chain::from_preset("staging");
    assert_eq!(staging.query(|| GovernancePace::paced(DAYS)), DAYS);
    let mut development = Chain::from_preset("development");
    assert_eq!(development.query(|| GovernancePace::paced(DAYS)), 30);
    assert_eq!(development.query(|| GovernancePace::paced(1)), 1);
}

#[test]
fn staging_should_not_endow_the_well_known_accounts() {
    let mut chain = Chain::from_preset("staging");
    for key in [Alice, AliceStash] {
        assert_eq!(chain.free(&key.to_account_id()), 0);
    }
    let treasury: Balance = chain.query(|| Balances::free_balance(TreasuryAccount::get()));
    assert!(treasury >= 1_000_000 * UNIT);
}
