//! A full block, and what still gets into it.

use caisson_runtime::{
    configs::{BlockWeights, EpochDuration, MAXIMUM_BLOCK_WEIGHT, NORMAL_DISPATCH_RATIO},
    Babe, Runtime, RuntimeCall, Session, System,
};
use frame_support::dispatch::DispatchClass;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchError,
};

use crate::{
    chain::Chain,
    oracle::{feeds, signed_report, BTC, ONE, VALIDATORS},
};

/// A call of the normal class.
fn normal() -> RuntimeCall {
    RuntimeCall::System(frame_system::Call::remark {
        remark: vec![0; 1024],
    })
}

/// A call of the operational class. Only root may make it; being included is what is tested.
fn operational() -> RuntimeCall {
    RuntimeCall::System(frame_system::Call::set_heap_pages { pages: 64 })
}

const EXHAUSTED: TransactionValidityError =
    TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);

/// Applies normal transactions to the block that has begun until one no longer fits; returns how
/// many did.
fn fill(chain: &mut Chain) -> u32 {
    let first = chain.query(|| System::account_nonce(Alice.to_account_id()));
    for count in 0..1_000_000 {
        let transaction = chain.sign_with_nonce(Alice, first + count, normal());
        match chain.apply(transaction) {
            Ok(Ok(())) => (),
            Err(EXHAUSTED) => return count,
            other => panic!("{other:?}"),
        }
    }
    panic!("a block must be full at some point");
}

#[test]
fn full_block_should_keep_room_for_operational_transactions() {
    let mut chain = Chain::from_preset("local_testnet");
    chain.begin_block();
    assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
    let included = fill(&mut chain);
    assert!(included > 100, "{included}");
    let used = chain.query(System::block_weight);
    let normal = used.get(DispatchClass::Normal).ref_time();
    assert!(normal <= (NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT).ref_time());
    // With what the clearings have reserved, the block is full.
    let limit = MAXIMUM_BLOCK_WEIGHT.ref_time();
    let total = used.total().ref_time();
    assert!(
        total <= limit && total > limit / 100 * 97,
        "{used:?} of {limit:?}"
    );

    let transaction = chain.sign(Bob, operational());
    assert_eq!(chain.apply(transaction), Ok(Err(DispatchError::BadOrigin)));
    chain.end_block();
    chain.next_block();
}

#[test]
fn full_block_should_be_executed_by_others_as_its_author_left_it() {
    let mut chain = Chain::from_preset("local_testnet");
    let first = chain.query(|| System::account_nonce(Alice.to_account_id()));
    let more_than_fit: Vec<_> = (0..3_000)
        .map(|count| chain.sign_with_nonce(Alice, first + count, normal()))
        .collect();
    // Panics when the state root differs. The one that found no room must have left nothing.
    let (_, results) = chain.timed_full_block(&more_than_fit);
    assert!((100..3_000).contains(&results.len()), "{}", results.len());
    let nonce = chain.query(|| System::account_nonce(Alice.to_account_id()));
    assert_eq!(nonce - first, results.len() as u32);
}

#[test]
fn rotation_block_should_take_operational_transactions_and_no_others() {
    let mut chain = Chain::from_preset("local_testnet");
    chain.skip_to_session_end();
    chain.begin_block();
    assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
    assert_eq!(chain.query(caisson_runtime::Session::current_index), 1);

    let transaction = chain.sign(Alice, normal());
    assert_eq!(chain.apply(transaction), Err(EXHAUSTED));
    let transaction = chain.sign(Bob, operational());
    assert_eq!(chain.apply(transaction), Ok(Err(DispatchError::BadOrigin)));
    chain.end_block();
    chain.next_block();
}

#[test]
fn reports_should_enter_a_full_block() {
    let mut chain = Chain::from_preset("local_testnet");
    let reports = VALIDATORS.map(|one| signed_report(&mut chain, one, &[(BTC, 60_000 * ONE)]));
    chain.begin_block();
    assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
    assert!(fill(&mut chain) > 100);
    for report in reports {
        assert_eq!(chain.apply(report), Ok(Ok(())));
    }
    chain.end_block();
    chain.next_block();
    assert_eq!(feeds(&mut chain)[0].price, Some(60_000 * ONE));
}

#[test]
fn reports_of_the_block_before_should_enter_the_one_that_rotates_the_session() {
    let mut chain = Chain::from_preset("local_testnet");
    let left = chain.query(|| {
        let end = u64::from(Babe::current_epoch_start()) + EpochDuration::get();
        end - u64::from(pallet_babe::CurrentSlot::<Runtime>::get())
    });
    chain.skip_slots(left - 2);
    chain.next_block();
    let session = chain.query(Session::current_index);
    let reports = VALIDATORS.map(|one| signed_report(&mut chain, one, &[(BTC, 61_000 * ONE)]));
    chain.begin_block();
    assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
    assert_eq!(chain.query(Session::current_index), session + 1);
    for report in reports {
        assert_eq!(chain.apply(report), Ok(Ok(())));
    }
    chain.end_block();
    chain.next_block();
    assert_eq!(feeds(&mut chain)[0].price, Some(61_000 * ONE));
}

#[test]
fn block_limits_should_leave_the_operational_reserve_outside_the_normal_share() {
    let weights = BlockWeights::get();
    let normal = weights
        .get(DispatchClass::Normal)
        .max_total
        .expect("limited");
    let reserved = weights
        .get(DispatchClass::Operational)
        .reserved
        .expect("reserved");
    assert!((normal + reserved).ref_time() <= MAXIMUM_BLOCK_WEIGHT.ref_time());
    assert_eq!(
        <Runtime as frame_system::Config>::BlockWeights::get().max_block,
        MAXIMUM_BLOCK_WEIGHT,
    );
}
