//! Calls, markets and the oracle, in words.

use super::{tell, Told};
use crate::view::{
    frame::Weight,
    words::{error, status, Names},
};
use caisson_primitives::oracle::FeedStatus;
use caisson_runtime::Runtime;

/// Calls that go on, or went wrong.
pub fn exchange(event: &pallet_exchange::Event<Runtime>, names: &Names) -> Option<Told> {
    use pallet_exchange::Event;
    match event {
        Event::CallExtended {
            market,
            ends,
            price,
            lots,
            ..
        } => tell(
            "exchange.CallExtended",
            Weight::Notable,
            *market,
            format!(
                "the call of {} goes on until block {ends}; it would have cleared {} at {}",
                names.market(*market),
                names.size(*market, *lots),
                names.price(*market, *price),
            ),
        ),
        Event::ClearingFailed {
            market, error: why, ..
        } => tell(
            "exchange.ClearingFailed",
            Weight::Grave,
            *market,
            format!(
                "a clearing of {} could not be booked, which should never be: {}",
                names.market(*market),
                error(why)
            ),
        ),
        _ => None,
    }
}

/// Markets that begin, end or stand still.
pub fn markets(event: &pallet_markets::Event<Runtime>, names: &Names) -> Option<Told> {
    use pallet_markets::Event;
    match event {
        Event::TradingStarted { market, index } => tell(
            "markets.TradingStarted",
            Weight::Calm,
            *market,
            format!(
                "{} trades from now on; its index is {}",
                names.market(*market),
                names.price(*market, *index)
            ),
        ),
        Event::TradingEnded { market } => tell(
            "markets.TradingEnded",
            Weight::Notable,
            *market,
            format!("trading in {} has ended", names.market(*market)),
        ),
        Event::SettlementPriced { market, price, .. } => tell(
            "markets.SettlementPriced",
            Weight::Notable,
            *market,
            format!(
                "positions in {} are closed at {}",
                names.market(*market),
                names.price(*market, *price)
            ),
        ),
        Event::MarketSettled { market } => tell(
            "markets.MarketSettled",
            Weight::Calm,
            *market,
            format!("{} is settled", names.market(*market)),
        ),
        Event::MarkFrozen {
            market,
            reason,
            mark,
        } => tell(
            "markets.MarkFrozen",
            Weight::Grave,
            *market,
            format!(
                "the mark of {} stands still at {}: {reason:?}",
                names.market(*market),
                names.price(*market, *mark)
            ),
        ),
        Event::MarkThawed { market, mark } => tell(
            "markets.MarkThawed",
            Weight::Calm,
            *market,
            format!(
                "the mark of {} follows its index again, at {}",
                names.market(*market),
                names.price(*market, *mark)
            ),
        ),
        _ => None,
    }
}

/// Feeds that can be trusted more or less, validators that misbehave.
pub fn oracle(event: &pallet_price_oracle::Event<Runtime>, names: &Names) -> Option<Told> {
    use pallet_price_oracle::Event;
    match event {
        Event::StatusChanged {
            feed,
            before,
            after,
            age_ms,
        } => tell(
            "oracle.StatusChanged",
            if *after == FeedStatus::Live {
                Weight::Calm
            } else {
                Weight::Notable
            },
            None,
            format!(
                "feed {} went from {} to {}, its price is {age_ms} ms old",
                names.feed(*feed),
                status(*before),
                status(*after),
            ),
        ),
        Event::Silent {
            validator,
            expected,
            fresh,
            ..
        } => tell(
            "oracle.Silent",
            Weight::Notable,
            None,
            format!("validator {validator} sent {fresh} fresh prices of {expected}"),
        ),
        Event::OffenceFound {
            validator,
            kind,
            slash,
        } => tell(
            "oracle.OffenceFound",
            Weight::Grave,
            None,
            format!("validator {validator} will be slashed by {slash:?} for {kind:?}"),
        ),
        _ => None,
    }
}
