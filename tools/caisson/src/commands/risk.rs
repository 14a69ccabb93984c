//! The safety of the chain, of markets and of compartments.

use super::{
    context::{refusal, Context},
    markets::short,
    report::{Report, Table},
};
use crate::{
    cli::RiskCommand,
    error::{Error, Result},
    units::{money, money_short, percent, Terms},
};
use caisson_primitives::trading::{
    risk_api::{ChainRisk, CompartmentRisk, LevelReason, MarketRisk},
    CompartmentId,
};
use caisson_runtime::Runtime;
use serde_json::{json, Value};

/// Shows the safety of what was asked for.
pub async fn run(
    context: &Context,
    market: Option<String>,
    command: Option<RiskCommand>,
) -> Result<Report> {
    match (command, market) {
        (Some(RiskCommand::Chain), _) => chain(context).await,
        (Some(RiskCommand::Compartment { compartment }), _) => one(context, compartment).await,
        (None, Some(name)) => market_in_detail(context, &name).await,
        (None, None) => all(context).await,
    }
}

async fn chain(context: &Context) -> Result<Report> {
    let risk = context.chain.now().await?.chain_risk().await?;
    Ok(Report::new(chain_text(&risk), chain_json(&risk)))
}

async fn one(context: &Context, compartment: CompartmentId) -> Result<Report> {
    let risks = context.chain.now().await?.compartment_risks().await?;
    let risk = risks
        .iter()
        .find(|risk| risk.compartment == compartment)
        .ok_or_else(|| refusal(pallet_margin::Error::<Runtime>::NoSuchCompartment))?;
    let coverage = coverage(risk);
    let table = Table::of_pairs([
        ("level", format!("{:?}", risk.level)),
        ("in custody", money(risk.custody)),
        ("insurance fund", money(risk.insurance)),
        ("backers", money(risk.backers)),
        ("shares of backers", risk.shares.to_string()),
        ("target of the fund", money(risk.target)),
        ("coverage", coverage),
        ("may leave this hour", money(risk.withdrawals_left_hour)),
        ("may leave this day", money(risk.withdrawals_left_day)),
        ("waits to leave", money(risk.queued)),
        ("deficit", money(risk.deficit)),
    ]);
    let text = format!("Compartment {compartment}\n{}", table.text());
    Ok(Report::new(text, compartment_json(risk)))
}

async fn market_in_detail(context: &Context, name: &str) -> Result<Report> {
    let (view, terms) = context.market(name).await?;
    let risks = context.chain.now().await?.market_risks().await?;
    let Some(risk) = risks.iter().find(|risk| risk.market == view.market) else {
        return Err(Error::new(format!(
            "{} has no price, and so nothing at risk, yet",
            terms.symbol
        )));
    };
    let fund = &risk.fund;
    let mut text = format!("{}: level {:?}\n", terms.symbol, risk.level);
    text.push_str(&reasons_text(&risk.reasons));
    let latency = match risk.latency.restored {
        0 => "none yet".to_owned(),
        count => format!(
            "{count}; half within {} blocks, 99 of 100 within {}",
            risk.latency.p50, risk.latency.p99
        ),
    };
    let table = Table::of_pairs([
        ("mark", terms.price(risk.mark)),
        (
            "open interest",
            format!("{} {}", terms.amount(risk.open_interest), terms.base()),
        ),
        ("worth", money(risk.open_interest_notional)),
        ("accounts restored", latency),
        ("fund holds", terms.signed_amount(fund.inventory)),
        ("its profit at mark", money(fund.unrealised)),
        ("accounts taken over", fund.taken_over.to_string()),
        ("their losses", money(fund.losses)),
        ("paid by insurance", money(fund.covered)),
        ("deleveraged", terms.amount(fund.deleveraged)),
        ("cut from profits", money(fund.haircuts)),
        ("deficit", money(fund.deficit)),
        ("insurance may still pay", money(fund.drawdown_left)),
    ]);
    text.push_str(&table.text());
    if fund.given_up {
        text.push_str("The market was given up: it settles at its mark.\n");
    }
    let mut edge = Table::new(&[
        "would be liquidated by a move of",
        ">longs worth",
        ">shorts worth",
    ]);
    for near in &risk.near_edge {
        edge.row([
            format!("{} %", percent(near.move_ppm.into())),
            money_short(near.long),
            money_short(near.short),
        ]);
    }
    text.push('\n');
    text.push_str(&edge.text());
    Ok(Report::new(text, market_json(risk, &terms)))
}

async fn all(context: &Context) -> Result<Report> {
    let state = context.chain.now().await?;
    let terms = context.all_terms().await?;
    let chain = state.chain_risk().await?;
    let markets = state.market_risks().await?;
    let compartments = state.compartment_risks().await?;

    let mut table = Table::new(&[
        "market",
        "level",
        ">mark",
        ">open interest",
        ">within 5 %",
        ">fund holds",
        ">deficit",
        "why",
    ]);
    let mut markets_json: Vec<Value> = Vec::new();
    for risk in &markets {
        let Some(terms) = terms.get(&risk.market) else {
            continue;
        };
        let near = risk.near_edge.iter().find(|near| near.move_ppm == 50_000);
        let near = near.map(|near| {
            let sum = near.long.0.saturating_add(near.short.0);
            money_short(caisson_primitives::trading::Cash(sum))
        });
        table.row([
            terms.symbol.clone(),
            format!("{:?}", risk.level),
            short(terms, risk.mark),
            money_short(risk.open_interest_notional),
            super::report::or_dash(near),
            terms.signed_amount(risk.fund.inventory),
            money_short(risk.fund.deficit),
            causes(&risk.reasons),
        ]);
        markets_json.push(market_json(risk, terms));
    }
    let text = format!(
        "{}\n{}\n{}",
        chain_text(&chain),
        table.text(),
        compartments_text(&compartments)
    );
    let json = json!({
        "chain": chain_json(&chain),
        "markets": markets_json,
        "compartments": compartments.iter().map(compartment_json).collect::<Vec<_>>(),
    });
    Ok(Report::new(text, json))
}

fn compartments_text(risks: &[CompartmentRisk]) -> String {
    let heads = [
        ">compartment",
        "level",
        ">custody",
        ">insurance",
        ">backers",
        ">coverage",
        ">may leave this hour",
        ">waits",
        ">deficit",
    ];
    let mut table = Table::new(&heads);
    for risk in risks {
        table.row([
            risk.compartment.to_string(),
            format!("{:?}", risk.level),
            money_short(risk.custody),
            money_short(risk.insurance),
            money_short(risk.backers),
            coverage(risk),
            money_short(risk.withdrawals_left_hour),
            money_short(risk.queued),
            money_short(risk.deficit),
        ]);
    }
    table.text()
}

/// Fund over target; without a target there is nothing to cover.
fn coverage(risk: &CompartmentRisk) -> String {
    match risk.coverage_ppm {
        Some(ppm) => format!("{} %", percent(ppm.into())),
        None => "nothing to cover".to_owned(),
    }
}

fn chain_text(risk: &ChainRisk) -> String {
    let mut text = format!(
        "Chain: level {:?}; {} unsafe accounts, {} of them wait\n",
        risk.level, risk.unsafe_accounts, risk.backlog
    );
    text.push_str(&reasons_text(&risk.reasons));
    if let Some(block) = risk.backlog_since {
        text.push_str(&format!("  they wait since block {block}\n"));
    }
    if risk.sweep_incomplete {
        text.push_str("  not all accounts that prices reached were looked at: there may be more\n");
    }
    text
}

fn reasons_text(reasons: &[LevelReason]) -> String {
    let line = |reason: &LevelReason| {
        format!(
            "  {} asks for {:?}: {} against {}\n",
            String::from_utf8_lossy(&reason.cause),
            reason.level,
            reason.figure,
            reason.limit
        )
    };
    reasons.iter().map(line).collect()
}

fn causes(reasons: &[LevelReason]) -> String {
    let names: Vec<_> = reasons
        .iter()
        .map(|reason| String::from_utf8_lossy(&reason.cause))
        .collect();
    names.join(", ")
}

fn reasons_json(reasons: &[LevelReason]) -> Vec<Value> {
    let reason = |reason: &LevelReason| {
        json!({
            "cause": String::from_utf8_lossy(&reason.cause),
            "level": format!("{:?}", reason.level),
            "raised_at": reason.raised_at,
            "figure": reason.figure.to_string(),
            "limit": reason.limit.to_string(),
        })
    };
    reasons.iter().map(reason).collect()
}

fn chain_json(risk: &ChainRisk) -> Value {
    json!({
        "level": format!("{:?}", risk.level),
        "reasons": reasons_json(&risk.reasons),
        "unsafe_accounts": risk.unsafe_accounts,
        "backlog": risk.backlog,
        "backlog_since": risk.backlog_since,
        "sweep_incomplete": risk.sweep_incomplete,
    })
}

fn market_json(risk: &MarketRisk, terms: &Terms) -> Value {
    let fund = &risk.fund;
    let edge: Vec<Value> = risk
        .near_edge
        .iter()
        .map(|near| {
            json!({
                "move_percent": percent(near.move_ppm.into()),
                "long": money(near.long),
                "short": money(near.short),
            })
        })
        .collect();
    json!({
        "market": risk.market,
        "symbol": terms.symbol,
        "compartment": risk.compartment,
        "level": format!("{:?}", risk.level),
        "reasons": reasons_json(&risk.reasons),
        "mark": terms.price(risk.mark),
        "open_interest": terms.amount(risk.open_interest),
        "open_interest_notional": money(risk.open_interest_notional),
        "near_edge": edge,
        "latency_blocks": {
            "restored": risk.latency.restored,
            "p50": risk.latency.p50,
            "p99": risk.latency.p99,
        },
        "fund": {
            "inventory": terms.signed_amount(fund.inventory),
            "unrealised": money(fund.unrealised),
            "deficit": money(fund.deficit),
            "given_up": fund.given_up,
            "taken_over": fund.taken_over,
            "losses": money(fund.losses),
            "covered": money(fund.covered),
            "deleveraged": terms.amount(fund.deleveraged),
            "haircuts": money(fund.haircuts),
            "drawdown_left": money(fund.drawdown_left),
        },
    })
}

fn compartment_json(risk: &CompartmentRisk) -> Value {
    json!({
        "compartment": risk.compartment,
        "level": format!("{:?}", risk.level),
        "custody": money(risk.custody),
        "insurance": money(risk.insurance),
        "backers": money(risk.backers),
        "shares": risk.shares.to_string(),
        "target": money(risk.target),
        "coverage_percent": risk.coverage_ppm.map(|ppm| percent(ppm.into())),
        "withdrawals_left_hour": money(risk.withdrawals_left_hour),
        "withdrawals_left_day": money(risk.withdrawals_left_day),
        "queued": money(risk.queued),
        "deficit": money(risk.deficit),
    })
}
