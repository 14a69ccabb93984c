//! One price per call, inside everybody's limit.

use crate::ranges::price;
use crate::session::Op;
use crate::term::{assume, check, int, var, Term};
use crate::theorem::{theorem, Mutant, Theorem};
use caisson_risk::auction::{clearing_interval, clearing_price, market_limit, Margin};
use caisson_risk::limits::MAX_LOT_PRICE;
use caisson_risk::{Num, Res, Side};

pub fn all() -> Vec<Theorem> {
    let code = Mutant::Code;
    vec![
        theorem(
            "clearing_interval_is_never_empty",
            interval,
            code(Op::Select, 0),
        ),
        theorem(
            "clearing_price_respects_every_limit",
            respects,
            code(Op::Select, 3),
        ),
        theorem("market_orders_are_bounded", bounded, code(Op::DivFloor, 0)),
    ]
}

fn tick(name: &str) -> Term {
    var(name, 1, MAX_LOT_PRICE)
}

/// Where a matching by price stops: matched pairs cross, what is left does not, nothing left is better
/// than what was matched.
fn margin() -> Margin<Term> {
    let margin = Margin {
        last_bid: tick("last_bid"),
        last_ask: tick("last_ask"),
        next_bid: Some(tick("next_bid")),
        next_ask: Some(tick("next_ask")),
    };
    assume(&margin.last_ask.at_most(&margin.last_bid));
    if let (Some(bid), Some(ask)) = (&margin.next_bid, &margin.next_ask) {
        assume(
            &bid.at_most(&margin.last_bid)
                .and(&margin.last_ask.at_most(ask)),
        );
        assume(&bid.below(ask));
    }
    margin
}

/// With or without orders left on either side, at least one price clears.
fn interval() -> Res<()> {
    let full = margin();
    let kinds = [
        (full.next_bid.clone(), full.next_ask.clone()),
        (full.next_bid.clone(), None),
        (None, full.next_ask.clone()),
        (None, None),
    ];
    for (next_bid, next_ask) in kinds {
        let (low, high) = clearing_interval(&Margin {
            next_bid,
            next_ask,
            ..full.clone()
        })?;
        check("not empty", &low.at_most(&high));
        check(
            "within the pair",
            &full
                .last_ask
                .at_most(&low)
                .and(&high.at_most(&full.last_bid)),
        );
    }
    Ok(())
}

/// At the clearing price no matched order trades through its limit and no order left out would have
/// wanted to trade: the volume is maximal; and the price is the mark whenever the mark clears.
fn respects() -> Res<()> {
    let margin = margin();
    let (mark, tick_size) = (price("mark"), price("tick"));
    let clearing = clearing_price(&margin, &mark, &tick_size)?;
    // Any matched bid is at least the last one, any matched ask at most the last one.
    let (bid, ask) = (tick("matched_bid"), tick("matched_ask"));
    assume(
        &margin
            .last_bid
            .at_most(&bid)
            .and(&ask.at_most(&margin.last_ask)),
    );
    check("buyers", &clearing.at_most(&bid));
    check("sellers", &ask.at_most(&clearing));
    if let (Some(bid), Some(ask)) = (&margin.next_bid, &margin.next_ask) {
        check("no bid left above", &bid.at_most(&clearing));
        check("no ask left below", &clearing.at_most(ask));
        let floor = mark.0.div_floor(&tick_size.0)?;
        let (low, high) = clearing_interval(&margin)?;
        let clears = low.at_most(&floor).and(&floor.at_most(&high));
        check(
            "the mark if it clears",
            &clears.implies(&clearing.equals(&floor)),
        );
    }
    Ok(())
}

/// A market order's limit is no worse than the mark moved by the slippage, and positive.
fn bounded() -> Res<()> {
    let (mark, tick_size) = (price("mark"), price("tick"));
    let slippage = var("slippage", 0, 1 << 40);
    let buy = market_limit(Side::Long, &mark, &tick_size, &slippage)?;
    let sell = market_limit(Side::Short, &mark, &tick_size, &slippage)?;
    let size = &tick_size.0;
    let (up, down) = (&buy - &slippage, &sell + &slippage);
    check("buy", &(&up * size).at_most(&mark.0));
    check("buy to the tick", &mark.0.below(&((&up + int(1)) * size)));
    check("sell", &mark.0.at_most(&(&down * size)));
    let exact = ((&down - int(1)) * size).below(&mark.0);
    check("sell to the tick", &exact.or(&sell.equals(&int(1))));
    check("positive", &int(1).at_most(&sell));
    Ok(())
}
