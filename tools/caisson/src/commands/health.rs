//! How accounts stand, and their positions.

use super::{
    context::{no_such_account, Context},
    markets::short,
    orders::verb,
    report::{or_dash, Report, Table},
};
use crate::{
    error::Result,
    units::{money, money_short, Terms},
};
use caisson_primitives::{
    trading::{
        api::{AccountHealth, PositionHealth},
        risk_api::LiquidationView,
        AccountIndex, MarketId,
    },
    AccountId,
};
use serde_json::{json, Value};
use std::collections::BTreeMap;

type AllTerms = BTreeMap<MarketId, Terms>;

/// The positions of an account.
pub async fn positions(context: &Context, account: AccountIndex) -> Result<Report> {
    let (health, all) = read(context, account).await?;
    let table = table(&health, &all);
    let text = if table.is_empty() {
        format!("Account {account} has no positions.")
    } else {
        table.text()
    };
    let json = json!({ "account": account, "positions": positions_json(&health, &all) });
    Ok(Report::new(text, json))
}

/// How an account stands.
pub async fn health(context: &Context, account: AccountIndex) -> Result<Report> {
    let (health, all) = read(context, account).await?;
    let stored = &health.account;
    let settlement = context.settlement(stored.compartment).await?;
    let mut text = format!(
        "Account {account} of {}, compartment {}, in {}\n",
        stored.owner, stored.compartment, settlement.symbol
    );
    let summary = Table::of_pairs([
        ("money", money(stored.collateral)),
        ("equity", money(health.equity)),
        ("maintenance margin", money(health.maintenance)),
        ("slack (liquidated below 0)", money(health.slack)),
        ("initial margin", money(health.initial)),
        ("free for new risk", money(health.initial_health)),
        ("withdrawable", money(health.withdrawable)),
        ("value of positions", money(health.notional)),
    ]);
    text.push_str(&summary.text());
    if stored.leverage > 0 {
        text.push_str(&format!(
            "Its owner takes a leverage of at most {}.\n",
            stored.leverage
        ));
    }
    let pledges = pledges(context, &health).await?;
    for pledge in &pledges {
        text.push_str(&format!(
            "Other collateral: {} {}\n",
            pledge["amount"].as_str().unwrap_or("-"),
            pledge["symbol"].as_str().unwrap_or("-")
        ));
    }
    let table = table(&health, &all);
    if !table.is_empty() {
        text.push('\n');
        text.push_str(&table.text());
    }
    let liquidation = context.chain.now().await?.liquidation(account).await?;
    if let Some(view) = &liquidation {
        text.push('\n');
        text.push_str(&liquidation_text(view, &all));
    }
    let json = json!({
        "account": account,
        "owner": stored.owner.to_string(),
        "compartment": stored.compartment,
        "sub": stored.sub,
        "leverage": stored.leverage,
        "money": money(stored.collateral),
        "money_quanta": stored.collateral.0.to_string(),
        "equity": money(health.equity),
        "maintenance": money(health.maintenance),
        "slack": money(health.slack),
        "initial": money(health.initial),
        "initial_health": money(health.initial_health),
        "withdrawable": money(health.withdrawable),
        "notional": money(health.notional),
        "other_collateral": pledges,
        "unsafe_since": stored.unsafe_since,
        "positions": positions_json(&health, &all),
        "liquidation": liquidation.map(|view| liquidation_json(&view, &all)),
    });
    Ok(Report::new(text, json))
}

async fn read(
    context: &Context,
    account: AccountIndex,
) -> Result<(AccountHealth<AccountId>, AllTerms)> {
    let health = context.chain.now().await?.health(account).await?;
    let health = health.ok_or_else(|| no_such_account(account))?;
    Ok((health, context.all_terms().await?))
}

/// The positions with lots, and their markets' terms.
fn held<'a>(
    health: &'a AccountHealth<AccountId>,
    all: &'a AllTerms,
) -> impl Iterator<Item = (&'a PositionHealth, &'a Terms)> {
    let held = health.positions.iter().filter(|one| one.lots.0 != 0);
    held.filter_map(|one| Some((one, all.get(&one.market)?)))
}

fn table(health: &AccountHealth<AccountId>, all: &AllTerms) -> Table {
    let heads = [
        "market",
        ">size",
        ">entry",
        ">mark",
        ">unrealised",
        ">funding owed",
        ">maintenance",
        ">liquidation price",
    ];
    let mut table = Table::new(&heads);
    for (position, terms) in held(health, all) {
        table.row([
            terms.symbol.clone(),
            terms.signed_amount(position.lots),
            short(terms, position.entry),
            short(terms, position.mark),
            money_short(position.unrealised),
            money_short(position.funding_owed),
            money_short(position.maintenance),
            or_dash(position.liquidation_price.map(|price| short(terms, price))),
        ]);
    }
    table
}

fn positions_json(health: &AccountHealth<AccountId>, all: &AllTerms) -> Vec<Value> {
    let position = |(position, terms): (&PositionHealth, &Terms)| {
        json!({
            "market": position.market,
            "symbol": terms.symbol,
            "size": terms.signed_amount(position.lots),
            "lots": position.lots.0.to_string(),
            "entry": terms.price(position.entry),
            "mark": terms.price(position.mark),
            "unrealised": money(position.unrealised),
            "funding_owed": money(position.funding_owed),
            "maintenance": money(position.maintenance),
            "initial": money(position.initial),
            "liquidation_price": position.liquidation_price.map(|price| terms.price(price)),
        })
    };
    held(health, all).map(position).collect()
}

/// What an account has pledged besides money.
async fn pledges(context: &Context, health: &AccountHealth<AccountId>) -> Result<Vec<Value>> {
    let stored = &health.account;
    if stored.pledges.is_empty() {
        return Ok(Vec::new());
    }
    let key = pallet_margin::Collaterals::<caisson_runtime::Runtime>::hashed_key();
    let list: Option<pallet_margin::types::CollateralList> =
        context.chain.now().await?.storage(&key).await?;
    let list = list.unwrap_or_default();
    let mut pledges = Vec::new();
    for pledge in &stored.pledges {
        let listing = list
            .iter()
            .find(|one| one.asset == pledge.asset && one.compartment == stored.compartment);
        let Some(listing) = listing else {
            continue;
        };
        let asset = context.asset(pledge.asset).await?;
        let lots = u128::try_from(pledge.lots.0).unwrap_or_default();
        pledges.push(json!({
            "asset": asset.id,
            "symbol": asset.symbol,
            "amount": asset.amount(lots.saturating_mul(listing.lot_units)),
        }));
    }
    Ok(pledges)
}

fn liquidation_text(view: &LiquidationView, all: &AllTerms) -> String {
    let since = match view.unsafe_since {
        Some(block) => format!(" since block {block}"),
        None => String::new(),
    };
    let mut text = format!(
        "The account is short of maintenance margin{since}: the chain liquidates it. Depositing ends that at once.\n\
         Blocks in which orders were entered for it: {}. Next:\n",
        view.attempts
    );
    for (market, side, lots, limit) in &view.orders {
        if let Some(terms) = all.get(market) {
            text.push_str(&format!(
                "  {} {} {} in {} at {} or better\n",
                verb(*side),
                terms.amount(*lots),
                terms.base(),
                terms.symbol,
                terms.price(*limit)
            ));
        }
    }
    text
}

fn liquidation_json(view: &LiquidationView, all: &AllTerms) -> Value {
    let orders: Vec<Value> = view
        .orders
        .iter()
        .filter_map(|(market, side, lots, limit)| {
            let terms = all.get(market)?;
            Some(json!({
                "market": market,
                "symbol": terms.symbol,
                "side": verb(*side),
                "amount": terms.amount(*lots),
                "limit": terms.price(*limit),
            }))
        })
        .collect();
    json!({ "unsafe_since": view.unsafe_since, "attempts": view.attempts, "orders": orders })
}
