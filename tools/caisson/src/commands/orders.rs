//! Placing orders, and those that live.

use super::{
    context::{found, no_such_account, Context},
    fills::{why, Fate, Followed},
    report::{or_dash, Report, Table},
};
use crate::{
    chain::{words, Included},
    cli::OrderOptions,
    error::{Error, Result},
    units::{self, money, Terms},
};
use caisson_primitives::trading::{
    api::{OrderPreview, OrderView},
    AccountIndex, Direction, OrderKind, OrderNumber, OrderRequest, Side, Ticks, TimeInForce,
    Trigger,
};
use caisson_runtime::RuntimeEvent;
use pallet_exchange::Event;
use serde_json::{json, Value};

/// Decimal places of a percentage whose smallest step is a part per million.
const PPM_PERCENT_DECIMALS: u32 = 4;

/// Places an order, or says what it would do.
pub async fn place(context: &Context, options: &OrderOptions) -> Result<Report> {
    if !options.preview {
        context.signer()?;
    }
    let (view, terms) = context.market(&options.market).await?;
    let request = request(context, options, &terms).await?;
    if options.preview {
        return preview(context, options.account, &terms, request).await;
    }
    let (account, market) = (options.account, view.market);
    let call = pallet_exchange::Call::place {
        account,
        market,
        request,
    };
    let included = context.trade(account, call).await?;
    let placed = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Exchange(Event::Placed { number, limit, .. }) => Some((*number, *limit)),
        _ => None,
    });
    let (number, limit) = found(placed, "Exchange.Placed")?;
    let followed = Followed {
        account,
        number,
        terms: &terms,
    };
    let fate = followed.fate(&included.block_events);
    Ok(outcome(
        context,
        (&included, &followed),
        &fate,
        (&request, limit),
    ))
}

/// The order that was asked for.
async fn request(context: &Context, options: &OrderOptions, terms: &Terms) -> Result<OrderRequest> {
    let kind = match &options.limit {
        Some(price) => OrderKind::Limit(terms.ticks(price)?),
        None => OrderKind::Market {
            slippage_ppm: ppm(&options.slippage)?,
        },
    };
    let time_in_force = if options.post_only {
        TimeInForce::PostOnly
    } else if options.ioc {
        TimeInForce::ImmediateOrCancel
    } else if let Some(seconds) = options.good_till {
        TimeInForce::GoodTillTime(in_seconds(context, seconds).await?)
    } else {
        TimeInForce::GoodTillCancelled
    };
    let trigger = match (&options.when_above, &options.when_below) {
        (Some(price), _) => Some((Direction::AtOrAbove, price)),
        (None, Some(price)) => Some((Direction::AtOrBelow, price)),
        (None, None) => None,
    };
    let trigger = trigger
        .map(|(direction, price)| {
            Ok::<_, Error>(Trigger {
                direction,
                price: terms.ticks(price)?,
            })
        })
        .transpose()?;
    Ok(OrderRequest {
        side: options.side.into(),
        lots: terms.lots(&options.amount)?,
        kind,
        time_in_force,
        reduce_only: options.reduce_only,
        trigger,
        client_id: options.id,
    })
}

/// The time of the chain so many seconds from now, in milliseconds since 1970.
pub async fn in_seconds(context: &Context, seconds: u64) -> Result<u64> {
    let now = context.chain.now().await?.time().await?;
    seconds
        .checked_mul(1_000)
        .and_then(|after| now.checked_add(after))
        .ok_or_else(|| Error::new(format!("{seconds} seconds are too many")))
}

/// Percent in parts per million.
pub fn ppm(percent: &str) -> Result<u32> {
    let ppm = units::units(percent, PPM_PERCENT_DECIMALS)?;
    u32::try_from(ppm).map_err(|_| Error::new(format!("{percent} % is too much")))
}

/// What became of an order that was placed.
fn outcome(
    context: &Context,
    (included, followed): (&Included, &Followed<'_>),
    fate: &Fate,
    (request, limit): (&OrderRequest, Option<Ticks>),
) -> Report {
    let terms = followed.terms;
    let rests = fate.rests(request.lots);
    let is_immediate = matches!(request.kind, OrderKind::Market { .. })
        || request.time_in_force == TimeInForce::ImmediateOrCancel;
    let (status, end) = if request.trigger.is_some() && limit.is_none() {
        ("sleeps", "it sleeps until its trigger".to_owned())
    } else if let Some(reason) = fate.cancelled() {
        (
            "cancelled",
            format!("what was left is cancelled: {}", why(reason)),
        )
    } else if rests == 0 {
        ("filled", "it is filled".to_owned())
    } else if is_immediate {
        let end = "it waits for the end of the call that is going on";
        ("waits", end.to_owned())
    } else {
        let end = format!("{} {} rest in the book", terms.amount(rests), terms.base());
        ("rests", end)
    };
    let limit = limit.map(|limit| terms.price_of_ticks(limit));
    let at = limit
        .as_ref()
        .map_or(String::new(), |limit| format!(" at {limit} or better"));
    let text = format!(
        "Order {} of account {} in {}: {} {} {}{at}\n{}  {end}\n",
        followed.number,
        followed.account,
        terms.symbol,
        verb(request.side),
        terms.amount(request.lots),
        terms.base(),
        fate.text(terms, request.side == Side::Long),
    );
    let json = json!({
        "account": followed.account,
        "market": terms.market,
        "symbol": terms.symbol,
        "order": followed.number,
        "id": request.client_id,
        "side": verb(request.side),
        "amount": terms.amount(request.lots),
        "limit": limit,
        "status": status,
        "filled": terms.amount(fate.filled()),
        "rests": terms.amount(rests),
        "fills": fate.json(terms),
        "cancelled": fate.cancelled().map(|reason| format!("{reason:?}")),
        "block": context.place(included),
    });
    Report::new(text, json)
}

/// What an order would do.
async fn preview(
    context: &Context,
    account: AccountIndex,
    terms: &Terms,
    request: OrderRequest,
) -> Result<Report> {
    let state = context.chain.now().await?;
    let Some(preview) = state.preview(account, terms.market, request).await? else {
        // Nothing is told without an account or without prices: which of the two it is, is for us to find out.
        if state.health(account).await?.is_none() {
            return Err(no_such_account(account));
        }
        return Err(Error::new(format!(
            "{} has no prices yet; try again in a few blocks",
            terms.symbol
        )));
    };
    Ok(preview_report(account, terms, &request, &preview))
}

fn preview_report(
    account: AccountIndex,
    terms: &Terms,
    request: &OrderRequest,
    preview: &OrderPreview,
) -> Report {
    let refused = preview.refused.map(|number| {
        words::named_pallet_error("Exchange", number)
            .unwrap_or_else(|| format!("error {number} of the exchange"))
    });
    let liquidation = preview.liquidation_price.map(|price| terms.price(price));
    let table = Table::of_pairs([
        ("limit", terms.price_of_ticks(preview.limit)),
        ("free margin before", money(preview.health_before)),
        ("free margin after", money(preview.health_after)),
        ("missing", money(preview.shortfall)),
        ("fee at most", money(preview.fee_at_most)),
        ("liquidation price if filled", or_dash(liquidation.clone())),
    ]);
    let verdict = match &refused {
        None => "It would be accepted. Nothing was sent.".to_owned(),
        Some(words) => format!("It would be refused: {words}\nNothing was sent."),
    };
    let text = format!(
        "Preview: account {account} {}s {} {} in {}\n{}{verdict}\n",
        verb(request.side),
        terms.amount(request.lots),
        terms.base(),
        terms.symbol,
        table.text()
    );
    let json = json!({
        "account": account,
        "market": terms.market,
        "symbol": terms.symbol,
        "side": verb(request.side),
        "amount": terms.amount(request.lots),
        "limit": terms.price_of_ticks(preview.limit),
        "initial_health_before": money(preview.health_before),
        "initial_health_after": money(preview.health_after),
        "shortfall": money(preview.shortfall),
        "fee_at_most": money(preview.fee_at_most),
        "liquidation_price": liquidation,
        "refused": refused,
    });
    Report::new(text, json)
}

/// The live orders of an account.
pub async fn list(context: &Context, account: AccountIndex) -> Result<Report> {
    let stored = context.account(account).await?;
    let state = context.chain.now().await?;
    let all = context.all_terms().await?;
    let heads = [
        ">order", "market", "side", ">amount", ">limit", "when", "notes", ">id",
    ];
    let mut table = Table::new(&heads);
    let mut orders: Vec<Value> = Vec::new();
    for order in state.open_orders(account).await? {
        let Some(terms) = all.get(&order.market) else {
            continue;
        };
        table.row(row(&order, terms));
        orders.push(order_json(&order, terms));
    }
    let mut text = if table.is_empty() {
        format!("Account {account} has no orders.\n")
    } else {
        table.text()
    };
    let now = state.time().await?;
    if let Some(at) = stored.cancel_at {
        let seconds = at.saturating_sub(now) / 1_000;
        text.push_str(&format!("All are cancelled in {seconds} s.\n"));
    }
    let json = json!({ "account": account, "orders": orders, "cancel_at": stored.cancel_at });
    Ok(Report::new(text, json))
}

fn row(order: &OrderView, terms: &Terms) -> [String; 8] {
    let number: OrderNumber = order.number;
    let mut notes: Vec<String> = Vec::new();
    if order.reduce_only {
        notes.push("reduce only".to_owned());
    }
    if let Some(at) = order.expires_at {
        notes.push(format!("until {at} ms"));
    }
    [
        number.to_string(),
        terms.symbol.clone(),
        verb(order.side).to_owned(),
        terms.amount(order.lots),
        order
            .limit
            .map_or_else(|| "market".to_owned(), |limit| terms.price_of_ticks(limit)),
        or_dash(order.trigger.map(|trigger| when(&trigger, terms))),
        notes.join(", "),
        or_dash(order.client_id.map(|id| id.to_string())),
    ]
}

fn order_json(order: &OrderView, terms: &Terms) -> Value {
    json!({
        "order": order.number,
        "market": order.market,
        "symbol": terms.symbol,
        "side": verb(order.side),
        "amount": terms.amount(order.lots),
        "limit": order.limit.map(|limit| terms.price_of_ticks(limit)),
        "reduce_only": order.reduce_only,
        "expires_at": order.expires_at,
        "trigger": order.trigger.map(|trigger| json!({
            "direction": match trigger.direction {
                Direction::AtOrAbove => "above",
                Direction::AtOrBelow => "below",
            },
            "price": terms.price_of_ticks(trigger.price),
        })),
        "id": order.client_id,
        "lots": order.lots.to_string(),
    })
}

fn when(trigger: &Trigger, terms: &Terms) -> String {
    let price = terms.price_of_ticks(trigger.price);
    match trigger.direction {
        Direction::AtOrAbove => format!("mark >= {price}"),
        Direction::AtOrBelow => format!("mark <= {price}"),
    }
}

/// What an order of that side does.
pub fn verb(side: Side) -> &'static str {
    match side {
        Side::Long => "buy",
        Side::Short => "sell",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ppm_should_come_from_percent_exactly() {
        assert_eq!(ppm("0.5"), Ok(5_000));
        assert_eq!(ppm("0.0001"), Ok(1));
        assert!(ppm("0.00001").is_err());
        assert!(ppm("half").is_err());
        assert!(ppm("1000000").is_err());
    }
}
