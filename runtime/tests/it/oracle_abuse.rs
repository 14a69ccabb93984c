//! What adversaries try with the oracle's free transactions, against the compiled runtime.

use std::time::Instant;

use caisson_primitives::{currency::UNIT, oracle::Round, Hash};
use caisson_runtime::{
    transactions::{extension, HIGHEST_USER_PRIORITY},
    RuntimeCall, SignedPayload, UncheckedExtrinsic,
};
use codec::{Decode, Encode};
use pallet_price_oracle::{reporting::REPORT_PRIORITY, types::Report};
use sp_core::Pair;
use sp_keyring::Sr25519Keyring::{Alice, Eve};
use sp_runtime::{
    generic::Era,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
    },
    MultiSignature,
};

use crate::{
    chain::Chain,
    oracle::{feeds, key, report, signature, signed_report, transaction, BTC, ONE, VALIDATORS},
};

/// What the pool of a node would say.
fn validate(chain: &mut Chain, transaction: &UncheckedExtrinsic) -> TransactionValidity {
    let input = (TransactionSource::External, transaction, Hash::default()).encode();
    let answer = chain.api("TaggedTransactionQueue_validate_transaction", &input);
    Decode::decode(&mut &answer[..]).expect("decodes")
}

fn refused(chain: &mut Chain, transaction: &UncheckedExtrinsic, why: InvalidTransaction) {
    let why = TransactionValidityError::Invalid(why);
    assert_eq!(validate(chain, transaction), Err(why));
    // And no author can put it into a block.
    chain.begin_block();
    assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
    assert_eq!(chain.apply(transaction.clone()), Err(why));
    chain.end_block();
}

fn changed(chain: &mut Chain, change: impl FnOnce(&mut Report)) -> UncheckedExtrinsic {
    let mut report = report(chain, "Alice", &[(BTC, 60_000 * ONE)]);
    change(&mut report);
    let signature = signature(chain, "Alice", &report);
    transaction(report, signature)
}

#[test]
fn reports_that_are_not_valid_should_be_kept_out_of_pool_and_blocks() {
    let mut chain = Chain::from_preset("local_testnet");
    use InvalidTransaction::{BadProof, BadSigner, Call, Future, Stale};

    let later = changed(&mut chain, |report| report.session += 1);
    refused(&mut chain, &later, Future);
    let old = changed(&mut chain, |report| report.round -= 9);
    refused(&mut chain, &old, Stale);
    let nobody = changed(&mut chain, |report| report.authority = 4);
    refused(&mut chain, &nobody, BadSigner);
    let another = changed(&mut chain, |report| {
        report.authority = (report.authority + 1) % 4
    });
    refused(&mut chain, &another, BadProof);
    let empty = changed(&mut chain, |report| report.prices = Default::default());
    refused(&mut chain, &empty, Call);
    let twice = changed(&mut chain, |report| {
        let price = report.prices[0];
        report.prices.try_push(price).expect("room");
    });
    refused(&mut chain, &twice, Call);

    // A key that is no validator's, with a validator's place.
    let honest = report(&mut chain, "Alice", &[(BTC, 60_000 * ONE)]);
    let payload = chain
        .query(|| pallet_price_oracle::reporting::payload::<caisson_runtime::Runtime>(&honest));
    let forged = transaction(honest.clone(), key("Eve").sign(&payload));
    refused(&mut chain, &forged, BadProof);
    // The right key, for another chain: nothing of the payload but the genesis hash differs.
    let elsewhere = (b"caisson/oracle/report", Hash::repeat_byte(7), &honest).encode();
    let foreign = transaction(honest, key("Alice").sign(&elsewhere));
    refused(&mut chain, &foreign, BadProof);
}

#[test]
fn replayed_report_should_be_refused() {
    let mut chain = Chain::from_preset("local_testnet");
    let report = signed_report(&mut chain, "Alice", &[(BTC, 60_000 * ONE)]);
    assert!(validate(&mut chain, &report).is_ok());
    assert_eq!(chain.next_block_with(vec![report.clone()]), [Ok(Ok(()))]);
    refused(&mut chain, &report, InvalidTransaction::Stale);
}

#[test]
fn two_reports_of_one_validator_should_not_both_enter_a_block_for_one_round() {
    let mut chain = Chain::from_preset("local_testnet");
    let one = signed_report(&mut chain, "Alice", &[(BTC, 60_000 * ONE)]);
    let other = signed_report(&mut chain, "Alice", &[(BTC, 61_000 * ONE)]);
    let results = chain.next_block_with(vec![one, other]);
    let stale = TransactionValidityError::Invalid(InvalidTransaction::Stale);
    assert_eq!(results, [Ok(Ok(())), Err(stale)]);
}

#[test]
fn validator_should_hold_two_places_in_the_pool_whatever_rounds_it_signs() {
    let mut chain = Chain::from_preset("local_testnet");
    let valid = |chain: &mut Chain, ahead: Round| {
        let transaction = changed(chain, |report| report.round += ahead);
        validate(chain, &transaction).expect("the pool can't know the slot")
    };
    let all: Vec<_> = [0, 1, 2, 3, 1_000_000, 1_000_001]
        .map(|ahead| valid(&mut chain, ahead))
        .into();
    assert!(all
        .windows(2)
        .all(|pair| pair[0].priority < pair[1].priority));
    let places: std::collections::BTreeSet<_> = all.into_iter().map(|one| one.provides).collect();
    assert_eq!(places.len(), 2);
}

#[test]
fn no_tip_should_buy_a_place_above_the_reports() {
    let mut chain = Chain::from_preset("local_testnet");
    let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Eve.to_account_id().into(),
        value: UNIT,
    });
    let tip = 1_000_000 * UNIT;
    let payload = chain
        .query(|| SignedPayload::new(transfer, extension(0, Era::Immortal, tip)))
        .expect("the state has what a signature binds");
    let signature = payload.using_encoded(|bytes| Alice.sign(bytes));
    let (call, extension, _) = payload.deconstruct();
    let address = Alice.to_account_id().into();
    let generous =
        UncheckedExtrinsic::new_signed(call, address, MultiSignature::from(signature), extension);
    let bought = validate(&mut chain, &generous)
        .expect("Alice is rich")
        .priority;
    assert_eq!(bought, HIGHEST_USER_PRIORITY, "it would buy everything");
    let report = signed_report(&mut chain, "Alice", &[(BTC, 60_000 * ONE)]);
    let of_report = validate(&mut chain, &report).expect("valid").priority;
    assert!(of_report >= REPORT_PRIORITY && of_report > bought);
}

#[test]
fn ten_thousand_junk_reports_should_displace_no_honest_one() {
    const JUNK: u32 = 10_000;
    let mut chain = Chain::from_preset("local_testnet");
    let honest = report(&mut chain, "Alice", &[(BTC, 60_000 * ONE)]);
    let signed = signature(&mut chain, "Alice", &honest);
    let started = Instant::now();
    for n in 0..JUNK {
        let mut junk = honest.clone();
        // The dearest junk passes every check but the signature's; some fail earlier.
        junk.prices[0].price += u128::from(n + 1);
        match n % 10 {
            0 => junk.session += 1,
            1 => junk.authority = 4 + (n % 1_000) as u16,
            2 => junk.round -= 100,
            _ => (),
        }
        assert!(validate(&mut chain, &transaction(junk, signed.clone())).is_err());
    }
    let took = started.elapsed();
    println!("{JUNK} junk reports were refused in {took:?}");
    let reports = VALIDATORS
        .iter()
        .map(|validator| signed_report(&mut chain, validator, &[(BTC, 60_000 * ONE)]))
        .collect::<Vec<_>>();
    for report in &reports {
        assert!(validate(&mut chain, report).is_ok());
    }
    assert_eq!(chain.next_block_with(reports), vec![Ok(Ok(())); 4]);
    chain.next_block();
    assert_eq!(feeds(&mut chain)[0].price, Some(60_000 * ONE));
}
