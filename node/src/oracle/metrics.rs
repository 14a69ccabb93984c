//! The oracle as of the last final block, for Prometheus.
//!
//! Everything comes from the runtime API `OracleApi`, so that a metric and what a client is told are the
//! same figure. Prices are floats here, and only here.

use crate::service::FullClient;
use caisson_primitives::{
    oracle::{
        api::{FeedView, OracleApi, Participation},
        KEY_TYPE,
    },
    AccountId, Balance, Block, Hash,
};
use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use sp_api::ProvideRuntimeApi;
use sp_core::crypto::ByteArray;
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_prometheus_endpoint::{
    register, Gauge, GaugeVec, Opts, PrometheusError, Registry, F64,
};

/// One unit of a price.
const ONE: f64 = 1e18;
/// One CSN.
const UNIT: f64 = caisson_primitives::currency::UNIT as f64;

/// The gauges.
struct Metrics {
    price: GaugeVec<F64>,
    confidence: GaugeVec<F64>,
    age: GaugeVec<F64>,
    status: GaugeVec<F64>,
    expected: Gauge<F64>,
    fresh: Gauge<F64>,
    accurate: Gauge<F64>,
    outliers: Gauge<F64>,
    silent_sessions: Gauge<F64>,
    reward: Gauge<F64>,
}

impl Metrics {
    fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let of_feed = |name: &str, help: &str| {
            register(GaugeVec::new(Opts::new(name, help), &["feed"])?, registry)
        };
        let own = |name: &str, help: &str| register(Gauge::new(name, help)?, registry);
        Ok(Self {
            price: of_feed("caisson_oracle_price", "Price of a feed, in the quote")?,
            confidence: of_feed(
                "caisson_oracle_confidence",
                "One standard deviation of the price, in the quote",
            )?,
            age: of_feed(
                "caisson_oracle_age_seconds",
                "Age of the price in the final block",
            )?,
            status: of_feed(
                "caisson_oracle_status",
                "0 down, 1 stale, 2 guarded, 3 uncertain, 4 live",
            )?,
            expected: own(
                "caisson_oracle_own_expected",
                "Prices expected of this validator in this session",
            )?,
            fresh: own(
                "caisson_oracle_own_fresh",
                "Those for which it had a fresh report",
            )?,
            accurate: own(
                "caisson_oracle_own_accurate",
                "Those of which agreed with the aggregate",
            )?,
            outliers: own(
                "caisson_oracle_own_outliers",
                "Reports of this validator in this session that were outliers",
            )?,
            silent_sessions: own(
                "caisson_oracle_own_silent_sessions",
                "Sessions in a row in which this validator was silent",
            )?,
            reward: own(
                "caisson_oracle_own_reward",
                "What this validator would be paid if the session ended now, in CSN",
            )?,
        })
    }

    fn show_feed(&self, feed: &FeedView) {
        let symbol = String::from_utf8_lossy(&feed.symbol);
        let set =
            |gauge: &GaugeVec<F64>, value: f64| gauge.with_label_values(&[&symbol]).set(value);
        set(&self.status, f64::from(feed.status as u8));
        if let Some(price) = feed.price {
            set(&self.price, price as f64 / ONE);
            set(&self.confidence, feed.confidence as f64 / ONE);
            set(&self.age, feed.age_ms as f64 / 1_000.0);
        }
    }

    fn show_own(&self, own: &Participation<AccountId, Balance>) {
        self.expected.set(own.expected.into());
        self.fresh.set(own.fresh.into());
        self.accurate.set(own.accurate.into());
        self.outliers.set(own.outliers.into());
        self.silent_sessions.set(own.silent_sessions.into());
        self.reward.set(own.reward as f64 / UNIT);
    }
}

/// Shows the oracle of each final block, until the node ends.
pub async fn run(client: Arc<FullClient>, keystore: KeystorePtr, registry: Registry) {
    let metrics = match Metrics::register(&registry) {
        Ok(metrics) => metrics,
        Err(error) => {
            log::warn!("The oracle has no metrics: {error}");
            return;
        }
    };
    let mut finalised = client.finality_notification_stream();
    while let Some(notification) = finalised.next().await {
        if let Err(error) = show(&metrics, &client, &keystore, notification.hash) {
            log::debug!("No metrics of the oracle at {}: {error}", notification.hash);
        }
    }
}

fn show(
    metrics: &Metrics,
    client: &FullClient,
    keystore: &KeystorePtr,
    block: Hash,
) -> Result<(), sp_api::ApiError> {
    let api = client.runtime_api();
    let feeds = OracleApi::<Block, AccountId, Balance>::feeds(&*api, block)?;
    feeds.iter().for_each(|feed| metrics.show_feed(feed));
    let all = OracleApi::<Block, AccountId, Balance>::participation(&*api, block)?;
    let is_own = |one: &&Participation<AccountId, Balance>| {
        keystore.has_keys(&[(one.key.to_raw_vec(), KEY_TYPE)])
    };
    if let Some(own) = all.iter().find(is_own) {
        metrics.show_own(own);
    }
    Ok(())
}
