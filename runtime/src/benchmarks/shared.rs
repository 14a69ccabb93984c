//! What transactions are not charged for, because every block pays for it once.
//!
//! Hooks read the contract and the prices of each live market, the levels, the time and the author in every block, and write the
//! summary of each book that changed; the fee multiplier is written at the end of a block, and three accounts share the fees of
//! all its transactions. After the first touch these lie in the overlay of the block: neither the trie nor the database is asked
//! again, and the state root sees one write. Their database price is in the weights of the hooks, which don't get this list.

use alloc::vec::Vec;

use frame_support::{storage::storage_prefix, traits::GetCallName};
use sp_core::storage::TrackedStorageKey;
use sp_runtime::AccountId32;

use crate::{configs, *};

/// Whether a benchmark measures what a transaction does, and not a part of a hook.
pub fn is_of_a_transaction(pallet: &[u8], benchmark: &[u8]) -> bool {
    let calls = match pallet {
        b"pallet_price_oracle" => pallet_price_oracle::Call::<Runtime>::get_call_names(),
        b"pallet_markets" => pallet_markets::Call::<Runtime>::get_call_names(),
        b"pallet_circuit_breaker" => pallet_circuit_breaker::Call::<Runtime>::get_call_names(),
        b"pallet_margin" => pallet_margin::Call::<Runtime>::get_call_names(),
        b"pallet_liquidation" => pallet_liquidation::Call::<Runtime>::get_call_names(),
        b"pallet_insurance" => pallet_insurance::Call::<Runtime>::get_call_names(),
        b"pallet_exchange" => pallet_exchange::Call::<Runtime>::get_call_names(),
        b"frame_system_extensions" | b"pallet_transaction_payment" => return true,
        _ => &[],
    };
    calls.iter().any(|call| call.as_bytes() == benchmark)
}

/// The keys.
pub fn touched_by_every_block() -> Vec<TrackedStorageKey> {
    let values = [
        (&b"System"[..], &b"ParentHash"[..]),
        (b"Babe", b"CurrentSlot"),
        (b"Babe", b"Initialized"),
        (b"Babe", b"AuthorVrfRandomness"),
        (b"Timestamp", b"Now"),
        (b"Authorship", b"Author"),
        (b"TransactionPayment", b"NextFeeMultiplier"),
        (b"SafeMode", b"EnteredUntil"),
    ];
    let levels = pallet_circuit_breaker::Levels::<Runtime>::hashed_key();
    let sharers = [
        configs::TreasuryAccount::get(),
        configs::OraclePot::get(),
        benchmark_author(),
    ];
    let of_markets = (0..configs::MAX_MARKETS as u16).flat_map(|market| {
        [
            pallet_markets::Contracts::<Runtime>::hashed_key_for(market),
            pallet_markets::Prices::<Runtime>::hashed_key_for(market),
            pallet_exchange::Books::<Runtime>::hashed_key_for(market),
        ]
    });
    values
        .iter()
        .map(|(pallet, item)| storage_prefix(pallet, item).to_vec())
        .chain([levels.to_vec()])
        .chain(sharers.map(frame_system::Account::<Runtime>::hashed_key_for))
        .chain(of_markets)
        .map(TrackedStorageKey::from)
        .collect()
}

/// Who makes the blocks of benchmarks.
pub fn benchmark_author() -> AccountId32 {
    AccountId32::new([0xA0; 32])
}
