//! Price feeds, and what validators did for them.

use super::{
    context::Context,
    report::{or_dash, Report, Table},
};
use crate::{
    error::Result,
    units::{decimal, percent},
};
use caisson_primitives::{currency, oracle::api::FeedView};
use serde_json::{json, Value};

/// Decimal places of the oracle's prices.
const PRICE_DECIMALS: u32 = 18;

/// All feeds and all validators.
pub async fn status(context: &Context) -> Result<Report> {
    let state = context.chain.now().await?;
    let (feeds, feeds_json) = feeds(&state.feeds().await?);
    let heads = [
        "validator",
        ">weight",
        ">expected",
        ">fresh",
        ">accurate",
        ">outliers",
        ">silent sessions",
        ">reward so far",
    ];
    let mut table = Table::new(&heads);
    let mut validators: Vec<Value> = Vec::new();
    for one in state.participation().await? {
        let reward = decimal(
            i128::try_from(one.reward).unwrap_or(i128::MAX),
            currency::DECIMALS.into(),
        );
        table.row([
            one.validator.to_string(),
            format!("{} %", percent(one.weight_ppm.into())),
            one.expected.to_string(),
            one.fresh.to_string(),
            one.accurate.to_string(),
            one.outliers.to_string(),
            one.silent_sessions.to_string(),
            format!("{reward} {}", currency::SYMBOL),
        ]);
        validators.push(json!({
            "validator": one.validator.to_string(),
            "weight_percent": percent(one.weight_ppm.into()),
            "expected": one.expected,
            "fresh": one.fresh,
            "accurate": one.accurate,
            "outliers": one.outliers,
            "silent_sessions": one.silent_sessions,
            "reward": reward,
        }));
    }
    let text = format!("{}\nIn this session:\n{}", feeds.text(), table.text());
    let json = json!({ "feeds": feeds_json, "validators": validators });
    Ok(Report::new(text, json))
}

fn feeds(views: &[FeedView]) -> (Table, Vec<Value>) {
    let heads = ["feed", ">number", "status", ">price", ">confidence", ">age"];
    let mut table = Table::new(&heads);
    let mut json_views: Vec<Value> = Vec::new();
    for view in views {
        let symbol = String::from_utf8_lossy(&view.symbol).into_owned();
        let exact =
            |value: u128| decimal(i128::try_from(value).unwrap_or(i128::MAX), PRICE_DECIMALS);
        let shown = |value: u128| rounded(value, view.decimals);
        let age = view.price.map(|_| format!("{} ms", view.age_ms));
        table.row([
            symbol.clone(),
            view.feed.to_string(),
            format!("{:?}", view.status),
            or_dash(view.price.map(shown)),
            or_dash(view.price.map(|_| shown(view.confidence))),
            or_dash(age),
        ]);
        json_views.push(json!({
            "feed": view.feed,
            "symbol": symbol,
            "status": format!("{:?}", view.status),
            "price": view.price.map(exact),
            "confidence": exact(view.confidence),
            "observed_at": view.observed_at,
            "age_ms": view.age_ms,
            "updated_at": view.updated_at,
        }));
    }
    (table, json_views)
}

/// A price in 10^-18 rounded down to so many decimal places, all of which are shown.
fn rounded(value: u128, places: u8) -> String {
    let places = u32::from(places).min(PRICE_DECIMALS);
    let unit = 10u128.pow(PRICE_DECIMALS);
    let fraction = (value % unit) / 10u128.pow(PRICE_DECIMALS - places);
    match places {
        0 => (value / unit).to_string(),
        _ => format!(
            "{}.{fraction:0width$}",
            value / unit,
            width = places as usize
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn price_should_be_rounded_down_to_the_places_of_the_feed() {
        let price = 60_000_059_900_000_000_000_000;
        assert_eq!(rounded(price, 2), "60000.05");
        assert_eq!(rounded(price, 0), "60000");
        assert_eq!(rounded(1, 18), "0.000000000000000001");
    }
}
