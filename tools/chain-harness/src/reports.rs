//! Reports of the oracle, signed by the validators of the presets.

use caisson_primitives::{
    oracle::{
        crypto::{AuthorityPair, AuthoritySignature},
        AuthorityIndex, FeedId, OraclePrice,
    },
    AccountId,
};
use caisson_runtime::{transactions::extension, Runtime, RuntimeCall, Session, UncheckedExtrinsic};
use pallet_price_oracle::types::{Report, ReportedPrice};
use sp_core::Pair;
use sp_runtime::generic::Era;

use crate::{trading::BTC, Chain};

/// The feed of ether in the presets.
pub const ETH: FeedId = 1;

/// The oracle key of a validator of the presets.
pub fn key(validator: &str) -> AuthorityPair {
    AuthorityPair::from_string(&format!("//{validator}"), None).expect("a seed")
}

/// The account of a validator of the presets.
pub fn stash(validator: &str) -> AccountId {
    let pair = sp_core::sr25519::Pair::from_string(&format!("//{validator}//stash"), None);
    pair.expect("a seed").public().into()
}

/// The place of a key in the session's set.
fn place(chain: &mut Chain, key: &AuthorityPair) -> AuthorityIndex {
    let public = key.public();
    chain.query(|| {
        let found = pallet_price_oracle::Authorities::<Runtime>::iter()
            .find(|(_, authority)| authority.key == public);
        found.map_or(AuthorityIndex::MAX, |(place, _)| place)
    })
}

/// An unsigned report of a validator for the slot of the last block.
pub fn report(chain: &mut Chain, validator: &str, prices: &[(FeedId, OraclePrice)]) -> Report {
    let authority = place(chain, &key(validator));
    let prices: Vec<_> = prices
        .iter()
        .map(|&(feed, price)| ReportedPrice {
            feed,
            price,
            confidence: price / 10_000,
        })
        .collect();
    chain.query(|| Report {
        session: Session::current_index(),
        authority,
        round: pallet_babe::CurrentSlot::<Runtime>::get().into(),
        prices: prices.try_into().expect("few enough"),
    })
}

/// A validator's signature of a report.
pub fn signature(chain: &mut Chain, validator: &str, report: &Report) -> AuthoritySignature {
    let payload = chain.query(|| pallet_price_oracle::reporting::payload::<Runtime>(report));
    key(validator).sign(&payload)
}

/// A report as the transaction that the off-chain worker makes of it.
pub fn transaction(report: Report, signature: AuthoritySignature) -> UncheckedExtrinsic {
    let call = pallet_price_oracle::Call::report { report, signature };
    UncheckedExtrinsic::new_transaction(RuntimeCall::Oracle(call), extension(0, Era::Immortal, 0))
}

/// A signed report of a validator, as a transaction.
pub fn signed_report(
    chain: &mut Chain,
    validator: &str,
    prices: &[(FeedId, OraclePrice)],
) -> UncheckedExtrinsic {
    let report = report(chain, validator, prices);
    let signature = signature(chain, validator, &report);
    transaction(report, signature)
}

/// A block in which these validators report that price of the first feed, and a twentieth of it for the second.
pub fn block_of_reports(chain: &mut Chain, validators: &[&str], price: OraclePrice) {
    let reports = validators
        .iter()
        .map(|validator| signed_report(chain, validator, &[(BTC, price), (ETH, price / 20)]))
        .collect();
    let results = chain.next_block_with(reports);
    assert_eq!(results, vec![Ok(Ok(())); validators.len()]);
}
