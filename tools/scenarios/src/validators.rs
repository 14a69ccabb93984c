//! Validators who report prices by signed transactions, as those of a network do.

use caisson_chain_harness::Chain;
use caisson_primitives::oracle::{crypto::AuthorityPair, AuthorityIndex, FeedId, OraclePrice};
use caisson_runtime::{
    transactions::extension, Babe, Runtime, RuntimeCall, Session, UncheckedExtrinsic,
};
use pallet_price_oracle::types::{Report, ReportedPrice};
use sp_core::Pair as _;
use sp_runtime::generic::Era;

/// The validators of the local preset.
pub const VALIDATORS: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];

/// A report of a validator for the slot of the last block, as the transaction that a node makes of it.
///
/// Panics when there is no such validator: the scenario is built on it.
pub fn report(
    chain: &mut Chain,
    validator: &str,
    prices: &[(FeedId, OraclePrice)],
) -> UncheckedExtrinsic {
    let key =
        AuthorityPair::from_string(&format!("//{validator}"), None).expect("a name makes a key");
    let public = key.public();
    let authority = chain.query(|| {
        pallet_price_oracle::Authorities::<Runtime>::iter()
            .find(|(_, authority)| authority.key == public)
            .map_or(AuthorityIndex::MAX, |(place, _)| place)
    });
    let prices: Vec<_> = prices
        .iter()
        .map(|&(feed, price)| ReportedPrice {
            feed,
            price,
            confidence: price / 10_000,
        })
        .collect();
    let report = chain.query(|| Report {
        session: Session::current_index(),
        authority,
        round: Babe::current_slot().into(),
        prices: prices.try_into().expect("two feeds are few enough"),
    });
    let payload = chain.query(|| pallet_price_oracle::reporting::payload::<Runtime>(&report));
    let signature = key.sign(&payload);
    let call = pallet_price_oracle::Call::report { report, signature };
    UncheckedExtrinsic::new_transaction(RuntimeCall::Oracle(call), extension(0, Era::Immortal, 0))
}
