//! Changing and cancelling orders.

use super::{
    context::{found, Context},
    fills::Followed,
    orders::in_seconds,
    report::Report,
};
use crate::{
    cli::{AmendOptions, CancelOptions, CancelTime},
    error::Result,
};
use caisson_primitives::trading::{AccountIndex, MarketId, OrderNumber, OrderRef, Side};
use caisson_runtime::RuntimeEvent;
use pallet_exchange::Event;
use serde_json::{json, Value};

/// Gives an order another limit and size.
pub async fn amend(context: &Context, options: &AmendOptions) -> Result<Report> {
    context.signer()?;
    let (view, terms) = context.market(&options.market).await?;
    let (account, market, number) = (options.account, view.market, options.order);
    let (price, lots) = (terms.ticks(&options.limit)?, terms.lots(&options.amount)?);
    let orders = context.chain.now().await?.open_orders(account).await?;
    let side = orders
        .iter()
        .find(|order| order.market == market && order.number == number)
        .map(|order| order.side);
    let call = pallet_exchange::Call::amend {
        account,
        market,
        order: OrderRef::Number(number),
        price,
        lots,
    };
    let included = context.trade(account, call).await?;
    let amended = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Exchange(Event::Amended { kept_place, .. }) => Some(*kept_place),
        _ => None,
    });
    let kept_place = found(amended, "Exchange.Amended")?;
    let followed = Followed {
        account,
        number,
        terms: &terms,
    };
    let fate = followed.fate(&included.block_events);
    let place = if kept_place {
        "kept its place in the book"
    } else {
        "has a new place in the book"
    };
    let rests = terms.amount(fate.rests(lots));
    let text = format!(
        "Order {number} is for {} {} at {} now, and {place}\n{}  {rests} {} rest in the book\n",
        terms.amount(lots),
        terms.base(),
        terms.price_of_ticks(price),
        fate.text(&terms, side == Some(Side::Long)),
        terms.base(),
    );
    let json = json!({
        "account": account,
        "market": market,
        "symbol": terms.symbol,
        "order": number,
        "amount": terms.amount(lots),
        "limit": terms.price_of_ticks(price),
        "kept_place": kept_place,
        "filled": terms.amount(fate.filled()),
        "rests": rests,
        "fills": fate.json(&terms),
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// Cancels one order, those of a market, or all.
pub async fn cancel(context: &Context, options: &CancelOptions) -> Result<Report> {
    context.signer()?;
    let account = options.account;
    let market = match &options.market {
        Some(name) => Some(context.market(name).await?.0.market),
        None => None,
    };
    let order = match (options.order, options.id) {
        (Some(number), _) => Some(OrderRef::Number(number)),
        (None, Some(id)) => Some(OrderRef::Client(id)),
        (None, None) => None,
    };
    let call = match (market, order) {
        (Some(market), Some(order)) => pallet_exchange::Call::cancel {
            account,
            market,
            order,
        },
        (market, _) => pallet_exchange::Call::cancel_all { account, market },
    };
    let included = context.trade(account, call).await?;
    let cancelled = cancelled(&included.events);
    let names = context.all_terms().await?;
    let name = |market: &MarketId| {
        names
            .get(market)
            .map_or_else(|| market.to_string(), |terms| terms.symbol.clone())
    };
    let text = if cancelled.is_empty() {
        "There was nothing to cancel".to_owned()
    } else {
        let line = |(market, number): &(MarketId, OrderNumber)| {
            format!("Order {number} in {} is cancelled\n", name(market))
        };
        cancelled.iter().map(line).collect()
    };
    let orders: Vec<Value> = cancelled
        .iter()
        .map(|(market, number)| json!({"market": market, "symbol": name(market), "order": number}))
        .collect();
    let json = json!({
        "account": account,
        "cancelled": orders,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}

/// The orders that a call cancelled.
fn cancelled(events: &[RuntimeEvent]) -> Vec<(MarketId, OrderNumber)> {
    let mut cancelled = Vec::new();
    for event in events {
        match event {
            RuntimeEvent::Exchange(Event::Cancelled { market, number, .. }) => {
                cancelled.push((*market, *number));
            }
            RuntimeEvent::Exchange(Event::AllCancelled {
                market, numbers, ..
            }) => cancelled.extend(numbers.iter().map(|number| (*market, *number))),
            _ => {}
        }
    }
    cancelled
}

/// Sets or calls off the dead-man switch of an account.
pub async fn cancel_at(
    context: &Context,
    account: AccountIndex,
    time: CancelTime,
) -> Result<Report> {
    context.signer()?;
    let at = match time {
        CancelTime::Never => None,
        CancelTime::After(seconds) => Some(in_seconds(context, seconds).await?),
    };
    let call = pallet_exchange::Call::schedule_cancel { account, at };
    let included = context.trade(account, call).await?;
    let text = match time {
        CancelTime::Never => {
            format!("The orders of account {account} stay until they are cancelled")
        }
        CancelTime::After(seconds) => format!(
            "All orders of account {account} are cancelled in {seconds} s, unless this is set again"
        ),
    };
    let json = json!({
        "account": account,
        "cancel_at": at,
        "block": context.place(&included),
    });
    Ok(Report::new(text, json))
}
