//! Costs by how many validators report prices.

use std::time::Duration;

use caisson_chain_harness::{
    acts::Effort,
    reports,
    timing::micros,
    trading::{BTC, ONE},
    Chain,
};
use caisson_primitives::{
    oracle::{crypto::AuthorityPair, AuthorityIndex},
    AccountId,
};
use caisson_runtime::{configs::MAX_VALIDATORS, Runtime, Session, UncheckedExtrinsic};
use frame_support::BoundedVec;
use pallet_price_oracle::{
    types::{Authority, Performance, Report, ReportedPrice, Reporter},
    Authorities, Performances, Reporters,
};
use sp_core::Pair as _;

use crate::{
    progress::Progress,
    rounds::in_rounds,
    table::{column, Table},
    without_markets,
};

/// How many validators are measured, up to as many as there can be.
const STEPS: [u32; 5] = [4, 10, 25, 50, MAX_VALIDATORS];

/// From four validators to as many as there can be, all of which report two prices in a block.
pub fn measure(effort: Effort, progress: &Progress) -> Table {
    let mut table = Table::new(
        "reporters",
        "Costs by validators that report two prices",
        &[
            column("validators", 0),
            column("quiet block, us", 0),
            column("their reports, us", 0),
            column("a report, us", 1),
            column("closing, us", 0),
        ],
    );
    let mut rows = STEPS.map(|validators| {
        progress.say(&format!("{validators} validators"));
        Row::new(validators)
    });
    in_rounds(&mut rows, effort, progress, Row::round);
    for row in &rows {
        table.push(row.figures());
    }
    table
}

/// A chain with so many validators, and the least times of its blocks.
struct Row {
    chain: Chain,
    keys: Vec<AuthorityPair>,
    rounds: u128,
    /// With the reports, and nothing to close.
    busy: Duration,
    /// The next one, which closes on them.
    closing: Duration,
    quiet: Duration,
}

impl Row {
    fn new(validators: u32) -> Self {
        let mut chain = without_markets();
        Self {
            keys: seat(&mut chain, validators),
            chain,
            rounds: 0,
            busy: Duration::MAX,
            closing: Duration::MAX,
            quiet: Duration::MAX,
        }
    }

    fn round(&mut self) {
        self.rounds += 1;
        let price = (60_000 + self.rounds) * ONE;
        let reports = reports_of(&mut self.chain, &self.keys, price);
        self.busy = self.busy.min(self.chain.timed_block(&reports));
        self.closing = self.closing.min(self.chain.timed_block(&[]));
        self.quiet = self.quiet.min(self.chain.timed_block(&[]));
    }

    fn figures(&self) -> Vec<f64> {
        let validators = self.keys.len() as f64;
        let above_quiet = |time: Duration| micros(time.saturating_sub(self.quiet));
        let reports = above_quiet(self.busy);
        vec![
            validators,
            micros(self.quiet),
            reports,
            reports / validators,
            above_quiet(self.closing),
        ]
    }
}

/// Seats so many reporters of equal weight; returns their keys.
fn seat(chain: &mut Chain, validators: u32) -> Vec<AuthorityPair> {
    let keys: Vec<_> = (0..validators)
        .map(|number| reports::key(&format!("growth//{number}")))
        .collect();
    chain.query(|| {
        let panel: Vec<_> = keys.iter().map(seat_of).collect();
        for ((place, key), reporter) in (0..).zip(&keys).zip(&panel) {
            let authority = Authority {
                key: key.public(),
                validator: reporter.validator.clone(),
            };
            Authorities::<Runtime>::insert(place, authority);
        }
        let performances = vec![Performance::default(); panel.len()];
        Performances::<Runtime>::put(BoundedVec::truncate_from(performances));
        Reporters::<Runtime>::put(BoundedVec::truncate_from(panel));
    });
    keys
}

fn seat_of(key: &AuthorityPair) -> Reporter<AccountId> {
    let public = key.public();
    let bytes: [u8; 32] = AsRef::<[u8]>::as_ref(&public)
        .try_into()
        .expect("a key of 32 bytes");
    Reporter {
        validator: AccountId::new(bytes),
        weight: 1_000,
    }
}

/// A report of each, of both feeds, for the slot of the last block.
fn reports_of(chain: &mut Chain, keys: &[AuthorityPair], price: u128) -> Vec<UncheckedExtrinsic> {
    let (session, round) = chain.query(|| {
        let slot = u64::from(pallet_babe::CurrentSlot::<Runtime>::get());
        (Session::current_index(), slot)
    });
    let reported = |feed, price| ReportedPrice {
        feed,
        price,
        confidence: price / 10_000,
    };
    let prices = [reported(BTC, price), reported(reports::ETH, price / 20)];
    (0..)
        .zip(keys)
        .map(|(authority, key)| {
            let report = Report {
                session,
                authority: authority as AuthorityIndex,
                round,
                prices: prices.to_vec().try_into().expect("few enough"),
            };
            let payload =
                chain.query(|| pallet_price_oracle::reporting::payload::<Runtime>(&report));
            reports::transaction(report, key.sign(&payload))
        })
        .collect()
}
