//! The safety of the chain as of the last final block, for Prometheus.
//!
//! Everything comes from the runtime API `RiskApi`, so that a metric and what a client is told are the same figure.
//! Money is a float here, in whole units of the settlement asset, and only here.

use crate::service::FullClient;
use caisson_primitives::{
    trading::{
        risk_api::{ChainRisk, CompartmentRisk, MarketRisk, RiskApi},
        Cash,
    },
    Block, Hash,
};
use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use sp_api::ProvideRuntimeApi;
use std::sync::Arc;
use substrate_prometheus_endpoint::{
    register, Gauge, GaugeVec, Opts, PrometheusError, Registry, F64,
};

/// A whole of the settlement asset, in quanta.
const WHOLE: f64 = 1e12;

/// The gauges.
struct Metrics {
    market: MarketGauges,
    near_edge: GaugeVec<F64>,
    compartment: CompartmentGauges,
    level: Gauge<F64>,
    unsafe_accounts: Gauge<F64>,
    backlog: Gauge<F64>,
    sweep_incomplete: Gauge<F64>,
    collected: Gauge<F64>,
}

/// Those of each market.
struct MarketGauges {
    level: GaugeVec<F64>,
    open_interest: GaugeVec<F64>,
    latency_p50: GaugeVec<F64>,
    latency_p99: GaugeVec<F64>,
    restored: GaugeVec<F64>,
    inventory: GaugeVec<F64>,
    deficit: GaugeVec<F64>,
    taken_over: GaugeVec<F64>,
    covered: GaugeVec<F64>,
    deleveraged: GaugeVec<F64>,
    haircuts: GaugeVec<F64>,
}

/// Those of each compartment.
struct CompartmentGauges {
    custody: GaugeVec<F64>,
    insurance: GaugeVec<F64>,
    backers: GaugeVec<F64>,
    coverage: GaugeVec<F64>,
    withdrawals_left_hour: GaugeVec<F64>,
    withdrawals_left_day: GaugeVec<F64>,
    queued: GaugeVec<F64>,
    deficit: GaugeVec<F64>,
}

impl Metrics {
    fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let own = |name: &str, help: &str| register(Gauge::new(name, help)?, registry);
        let near_edge = GaugeVec::new(
            Opts::new(
                "caisson_risk_near_edge_notional",
                "Notional that would be looked at after a move of the mark against it",
            ),
            &["market", "side", "move_percent"],
        )?;
        Ok(Self {
            market: MarketGauges::register(registry)?,
            near_edge: register(near_edge, registry)?,
            compartment: CompartmentGauges::register(registry)?,
            level: own(
                "caisson_risk_chain_level",
                "Level of the whole chain: 0 open, 1 long calls, 2 reduce only, 3 cancel only, 4 halted",
            )?,
            unsafe_accounts: own(
                "caisson_risk_unsafe_accounts",
                "Accounts short of maintenance margin",
            )?,
            backlog: own(
                "caisson_risk_backlog_accounts",
                "Unsafe accounts that the engine did not reach in the block",
            )?,
            sweep_incomplete: own(
                "caisson_risk_sweep_incomplete",
                "1 if not all accounts that prices reached were looked at in the block",
            )?,
            collected: own(
                "caisson_risk_block",
                "The final block that these figures are of",
            )?,
        })
    }

    fn show_market(&self, risk: &MarketRisk) {
        let market = risk.market.to_string();
        let gauges = &self.market;
        let set = |gauge: &GaugeVec<F64>, value: f64| {
            gauge.with_label_values(&[market.as_str()]).set(value);
        };
        set(&gauges.level, f64::from(risk.level as u8));
        set(&gauges.open_interest, whole(&risk.open_interest_notional));
        set(&gauges.latency_p50, risk.latency.p50.into());
        set(&gauges.latency_p99, risk.latency.p99.into());
        set(&gauges.restored, risk.latency.restored as f64);
        set(&gauges.inventory, risk.fund.inventory.0 as f64);
        set(&gauges.deficit, whole(&risk.fund.deficit));
        set(&gauges.taken_over, risk.fund.taken_over.into());
        set(&gauges.covered, whole(&risk.fund.covered));
        set(&gauges.deleveraged, risk.fund.deleveraged as f64);
        set(&gauges.haircuts, whole(&risk.fund.haircuts));
        for edge in &risk.near_edge {
            let percent = format!("{}", f64::from(edge.move_ppm) / 10_000.0);
            for (side, notional) in [("long", &edge.long), ("short", &edge.short)] {
                self.near_edge
                    .with_label_values(&[market.as_str(), side, percent.as_str()])
                    .set(whole(notional));
            }
        }
    }

    fn show_compartment(&self, risk: &CompartmentRisk) {
        let compartment = risk.compartment.to_string();
        let gauges = &self.compartment;
        let set = |gauge: &GaugeVec<F64>, value: f64| {
            gauge.with_label_values(&[compartment.as_str()]).set(value);
        };
        set(&gauges.custody, whole(&risk.custody));
        set(&gauges.insurance, whole(&risk.insurance));
        set(&gauges.backers, whole(&risk.backers));
        if let Some(coverage) = risk.coverage_ppm {
            set(&gauges.coverage, coverage as f64 / 1e6);
        }
        set(
            &gauges.withdrawals_left_hour,
            whole(&risk.withdrawals_left_hour),
        );
        set(
            &gauges.withdrawals_left_day,
            whole(&risk.withdrawals_left_day),
        );
        set(&gauges.queued, whole(&risk.queued));
        set(&gauges.deficit, whole(&risk.deficit));
    }

    fn show_chain(&self, risk: &ChainRisk) {
        self.level.set(f64::from(risk.level as u8));
        self.unsafe_accounts.set(risk.unsafe_accounts.into());
        self.backlog.set(risk.backlog.into());
        self.sweep_incomplete
            .set(f64::from(u8::from(risk.sweep_incomplete)));
    }
}

impl MarketGauges {
    fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let of_market = |name: &str, help: &str| {
            register(GaugeVec::new(Opts::new(name, help), &["market"])?, registry)
        };
        Ok(Self {
            level: of_market(
                "caisson_risk_market_level",
                "Level that holds in a market: 0 open, 1 long calls, 2 reduce only, 3 cancel only, 4 halted",
            )?,
            open_interest: of_market(
                "caisson_risk_open_interest_notional",
                "Open interest at mark",
            )?,
            latency_p50: of_market(
                "caisson_risk_liquidation_latency_blocks_p50",
                "Blocks from unsafe to restored, median since the market began",
            )?,
            latency_p99: of_market(
                "caisson_risk_liquidation_latency_blocks_p99",
                "Blocks from unsafe to restored, 99th percentile since the market began",
            )?,
            restored: of_market(
                "caisson_risk_restored_accounts",
                "Accounts brought back to safety since the market began",
            )?,
            inventory: of_market(
                "caisson_risk_fund_inventory_lots",
                "Lots that the market's fund holds; negative is short",
            )?,
            deficit: of_market(
                "caisson_risk_market_deficit",
                "Deficit of the market that nobody covered",
            )?,
            taken_over: of_market(
                "caisson_risk_taken_over_accounts",
                "Accounts that the fund took over since the market began",
            )?,
            covered: of_market(
                "caisson_risk_covered",
                "Losses that insurance, backers and treasury paid since the market began",
            )?,
            deleveraged: of_market(
                "caisson_risk_deleveraged_lots",
                "Lots closed at mark against the other side since the market began",
            )?,
            haircuts: of_market(
                "caisson_risk_haircuts",
                "Cut from profits since the market began",
            )?,
        })
    }
}

impl CompartmentGauges {
    fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let of_compartment = |name: &str, help: &str| {
            register(
                GaugeVec::new(Opts::new(name, help), &["compartment"])?,
                registry,
            )
        };
        Ok(Self {
            custody: of_compartment("caisson_risk_custody", "Everything in custody")?,
            insurance: of_compartment("caisson_risk_insurance", "The insurance fund")?,
            backers: of_compartment("caisson_risk_backers", "The stake of its backers")?,
            coverage: of_compartment(
                "caisson_risk_coverage",
                "Insurance fund over what it should hold",
            )?,
            withdrawals_left_hour: of_compartment(
                "caisson_risk_withdrawals_left_hour",
                "What may leave in the running hour without waiting",
            )?,
            withdrawals_left_day: of_compartment(
                "caisson_risk_withdrawals_left_day",
                "What may leave in the running day without waiting",
            )?,
            queued: of_compartment("caisson_risk_withdrawals_queued", "Withdrawals that wait")?,
            deficit: of_compartment(
                "caisson_risk_compartment_deficit",
                "Deficits of its markets that nobody covered",
            )?,
        })
    }
}

fn whole(cash: &Cash) -> f64 {
    cash.0 as f64 / WHOLE
}

/// Shows the safety of the chain after each final block, until the node ends.
pub async fn run(client: Arc<FullClient>, registry: Registry) {
    let metrics = match Metrics::register(&registry) {
        Ok(metrics) => metrics,
        Err(error) => {
            log::warn!("The risk engine has no metrics: {error}");
            return;
        }
    };
    let mut finalised = client.finality_notification_stream();
    while let Some(notification) = finalised.next().await {
        match show(&metrics, &client, notification.hash) {
            Ok(()) => metrics.collected.set(notification.header.number.into()),
            Err(error) => log::debug!("No metrics of risk at {}: {error}", notification.hash),
        }
    }
}

fn show(metrics: &Metrics, client: &FullClient, block: Hash) -> Result<(), sp_api::ApiError> {
    let api = client.runtime_api();
    metrics.show_chain(&RiskApi::<Block>::chain_risk(&*api, block)?);
    for risk in RiskApi::<Block>::market_risks(&*api, block)? {
        metrics.show_market(&risk);
    }
    for risk in RiskApi::<Block>::compartment_risks(&*api, block)? {
        metrics.show_compartment(&risk);
    }
    Ok(())
}
