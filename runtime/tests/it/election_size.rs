//! The largest election there can be, and the time it takes.

use std::time::{Duration, Instant};

use caisson_primitives::{currency::UNIT, time::SESSIONS_PER_ERA, AccountId};
use caisson_runtime::{
    configs::{SessionKeys, MAX_CANDIDATES_IN_ELECTION, MAX_VALIDATORS, MAX_VOTERS_IN_ELECTION},
    Runtime,
};
use sp_core::crypto::UncheckedFrom;
use sp_staking::StakerStatus;

use crate::chain::Chain;

const NOMINATIONS: u32 = 16;
const BOND: u128 = 10_000 * UNIT;
/// Well above the candidates' own, so that all counted voters but the genesis validators' few are
/// nominators with as many votes as they can have.
const NOMINATOR_BOND: u128 = 50_000 * UNIT;

/// A slot. The bound is generous for machines under load; `docs/architecture.md` has the time measured
/// on an idle one.
const LIMIT: Duration = Duration::from_secs(1);

/// The account of that number: `seed` keeps candidates and nominators apart.
fn numbered(seed: u8, number: u32) -> AccountId {
    let mut id = [seed; 32];
    id[..4].copy_from_slice(&number.to_le_bytes());
    AccountId::new(id)
}

fn with_full_election(genesis: &mut serde_json::Value) {
    let candidates: Vec<_> = (0..MAX_CANDIDATES_IN_ELECTION - 4)
        .map(|number| numbered(1, number))
        .collect();
    let nominators = (0..MAX_VOTERS_IN_ELECTION).map(|number| {
        let targets = (0..NOMINATIONS)
            .map(|vote| candidates[((number * 31 + vote * 17) as usize) % candidates.len()].clone())
            .collect::<Vec<_>>();
        // Stakes all differ, so that the balancing has work to do.
        (
            numbered(2, number),
            NOMINATOR_BOND + u128::from(number) * UNIT,
            StakerStatus::Nominator(targets),
        )
    });
    let stakers = candidates
        .iter()
        .map(|candidate| (candidate.clone(), BOND, StakerStatus::Validator))
        .chain(nominators);
    for (account, bond, status) in stakers {
        push(genesis, "/balances/balances", (&account, bond * 2));
        push(
            genesis,
            "/staking/stakers",
            (&account, &account, bond, status),
        );
    }
    for candidate in &candidates {
        push(
            genesis,
            "/session/keys",
            (candidate, candidate, keys_of(candidate)),
        );
    }
    *genesis
        .pointer_mut("/staking/validatorCount")
        .expect("part of every preset") = MAX_VALIDATORS.into();
}

/// Session keys nobody holds, a set for each candidate: without keys on record the elected would not
/// be seated.
fn keys_of(candidate: &AccountId) -> SessionKeys {
    let key: [u8; 32] = *candidate.as_ref();
    SessionKeys {
        babe: UncheckedFrom::unchecked_from(key),
        grandpa: UncheckedFrom::unchecked_from(key),
        authority_discovery: UncheckedFrom::unchecked_from(key),
        oracle: UncheckedFrom::unchecked_from(key),
    }
}

pub fn push(genesis: &mut serde_json::Value, list: &str, entry: impl serde::Serialize) {
    let list = genesis
        .pointer_mut(list)
        .and_then(|list| list.as_array_mut())
        .expect("a list");
    list.push(serde_json::to_value(entry).expect("serialises"));
}

#[test]
fn largest_election_should_fit_its_block() {
    let mut chain = Chain::from_preset_with("local_testnet", with_full_election);
    let elections = |chain: &mut Chain| {
        chain.query(|| pallet_staking::CurrentEra::<Runtime>::get().unwrap_or(0))
    };
    let first = elections(&mut chain);
    let mut slowest = Duration::ZERO;
    for _ in 0..=SESSIONS_PER_ERA {
        chain.skip_to_session_end();
        // The session rotates, and the election takes place, when the block is initialised.
        let started = Instant::now();
        chain.begin_block();
        slowest = slowest.max(started.elapsed());
        assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
        chain.end_block();
    }
    assert!(
        elections(&mut chain) > first,
        "an election must have taken place"
    );
    let elected = chain.query(|| {
        let era = pallet_staking::CurrentEra::<Runtime>::get().unwrap_or(0);
        pallet_staking::ErasStakersOverview::<Runtime>::iter_prefix(era).count()
    });
    assert_eq!(elected, MAX_VALIDATORS as usize);
    println!("the largest election took {slowest:?}");
    assert!(slowest < LIMIT, "{slowest:?}");
}
