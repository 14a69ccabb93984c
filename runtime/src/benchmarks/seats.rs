//! Validators for the benchmarks of the oracle: as many as asked for, with keys and stake.

use alloc::vec::Vec;

use caisson_primitives::{
    currency::UNIT,
    oracle::{crypto::AuthorityId, KEY_TYPE},
    AccountId,
};
use sp_core::crypto::UncheckedFrom;
use sp_runtime::RuntimeAppPublic;
use sp_staking::PagedExposureMetadata;

use crate::{configs::SessionKeys, Runtime};

/// Writes what sessions and elections would have.
pub struct Seats;

impl pallet_price_oracle::benchmarking::BenchmarkHelper<AccountId> for Seats {
    fn set_slot(slot: u64) {
        pallet_babe::CurrentSlot::<Runtime>::put(sp_consensus_babe::Slot::from(slot));
    }

    fn seat(validators: &[(AccountId, AuthorityId)]) {
        let era = pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |era| era.index);
        for (validator, oracle) in validators {
            let bytes: [u8; 32] = *AsRef::<[u8; 32]>::as_ref(validator);
            let keys = SessionKeys {
                babe: UncheckedFrom::unchecked_from(bytes),
                grandpa: UncheckedFrom::unchecked_from(bytes),
                authority_discovery: UncheckedFrom::unchecked_from(bytes),
                oracle: oracle.clone(),
            };
            pallet_session::NextKeys::<Runtime>::insert(validator, keys);
            pallet_session::KeyOwner::<Runtime>::insert((KEY_TYPE, oracle.to_raw_vec()), validator);
            let stake = PagedExposureMetadata {
                total: 10_000 * UNIT,
                own: 10_000 * UNIT,
                ..Default::default()
            };
            pallet_staking::ErasStakersOverview::<Runtime>::insert(era, validator, stake);
        }
        let seated: Vec<_> = validators
            .iter()
            .map(|(validator, _)| validator.clone())
            .collect();
        pallet_session::Validators::<Runtime>::put(seated);
    }
}
