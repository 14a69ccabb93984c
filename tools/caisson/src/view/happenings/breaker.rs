//! The circuit breaker, in words.

use super::{tell, Told};
use crate::units::money_short;
use crate::view::{
    frame::Weight,
    words::{cause, clock, level, Names},
};
use caisson_primitives::trading::{Level, MarketId, Scope};
use caisson_runtime::Runtime;
use pallet_circuit_breaker::Event;

/// What the breaker did.
pub fn breaker(event: &Event<Runtime>, names: &Names) -> Option<Told> {
    levels(event, names).or_else(|| money(event, names))
}

/// Levels that go up or down.
fn levels(event: &Event<Runtime>, names: &Names) -> Option<Told> {
    match event {
        Event::Raised {
            scope,
            cause: why,
            before,
            after,
            level: holds,
            figure,
            limit,
            hold,
        } => tell(
            "circuitBreaker.Raised",
            weight_of(*after),
            market_of(*scope),
            format!(
                "{} is raised from {} to {}: {}{}{}",
                names.scope(*scope),
                level(*before),
                level(*after),
                cause(&format!("{why:?}"), *scope == Scope::Chain, *figure, *limit),
                if holds > after {
                    format!("; {} holds", level(*holds))
                } else {
                    String::new()
                },
                if *hold > 0 {
                    format!("; calls go on until block {hold}")
                } else {
                    String::new()
                },
            ),
        ),
        Event::GuardiansRaised {
            scope,
            before,
            after,
            expires_at,
            ..
        } => tell(
            "circuitBreaker.GuardiansRaised",
            Weight::Grave,
            market_of(*scope),
            format!(
                "guardians raise {} from {} to {} until {}",
                names.scope(*scope),
                level(*before),
                level(*after),
                clock(*expires_at),
            ),
        ),
        Event::Recovered {
            scope,
            cause: why,
            before,
            after,
            level: holds,
        } => tell(
            "circuitBreaker.Recovered",
            Weight::Calm,
            market_of(*scope),
            format!(
                "{} comes down from {} to {} ({why:?}); {} holds",
                names.scope(*scope),
                level(*before),
                level(*after),
                level(*holds),
            ),
        ),
        Event::Ratified { scope, after, .. } => tell(
            "circuitBreaker.Ratified",
            Weight::Notable,
            market_of(*scope),
            format!(
                "a referendum keeps {} at {}",
                names.scope(*scope),
                level(*after)
            ),
        ),
        Event::Lowered {
            scope,
            before,
            after,
        } => tell(
            "circuitBreaker.Lowered",
            Weight::Calm,
            market_of(*scope),
            format!(
                "a referendum lowers {} from {} to {}",
                names.scope(*scope),
                level(*before),
                level(*after),
            ),
        ),
        _ => None,
    }
}

/// Prices let through, deficits.
fn money(event: &Event<Runtime>, names: &Names) -> Option<Told> {
    match event {
        Event::LetThrough { market, price, .. } => tell(
            "circuitBreaker.LetThrough",
            Weight::Notable,
            *market,
            format!(
                "{}: the price {} stayed outside its band so long that it is let through",
                names.market(*market),
                names.price(*market, *price),
            ),
        ),
        Event::DeficitOpened {
            compartment,
            market,
            open,
        } => tell(
            "circuitBreaker.DeficitOpened",
            Weight::Grave,
            *market,
            format!(
                "a deficit of {} in {} is open: nothing leaves compartment {compartment}",
                money_short(*open),
                names.market(*market),
            ),
        ),
        Event::DeficitCovered {
            compartment,
            market,
            before,
            reopens_at,
        } => tell(
            "circuitBreaker.DeficitCovered",
            Weight::Calm,
            *market,
            format!(
                "the deficit of {} in {} is covered; {}",
                money_short(*before),
                names.market(*market),
                match reopens_at {
                    Some(at) => format!(
                        "withdrawals from compartment {compartment} go on at {}",
                        clock(*at)
                    ),
                    None => format!("compartment {compartment} has others"),
                }
            ),
        ),
        _ => None,
    }
}

const fn market_of(scope: Scope) -> Option<MarketId> {
    match scope {
        Scope::Market(market) => Some(market),
        Scope::Compartment(_) | Scope::Chain => None,
    }
}

fn weight_of(level: Level) -> Weight {
    if level > Level::LongCalls {
        Weight::Grave
    } else {
        Weight::Notable
    }
}
