//! How far a price can be trusted, and what it may be used for. SPEC 9.

use caisson_primitives::{
    oracle::{Act, BlockTime, FeedId, FeedStatus, Price, PriceUnavailable},
    Moment,
};

use crate::{
    pallet::{Aggregates, Config, Event, Pallet, Parameters},
    types::{Aggregate, FeedParameters},
};

/// A price this many times older than `max_age` says nothing any more.
pub const DOWN_AFTER_MAX_AGES: Moment = 10;

/// The status of an aggregate at a moment.
pub fn of(aggregate: &Aggregate, parameters: &FeedParameters, now: Moment) -> FeedStatus {
    let age = now.saturating_sub(aggregate.observed_at);
    let max_age = Moment::from(parameters.max_age_ms);
    if age > max_age.saturating_mul(DOWN_AFTER_MAX_AGES) {
        FeedStatus::Down
    } else if age > max_age {
        FeedStatus::Stale
    } else if aggregate.held_back {
        FeedStatus::Guarded
    } else if is_wide(aggregate, parameters) {
        FeedStatus::Uncertain
    } else {
        FeedStatus::Live
    }
}

/// `confidence / price > max_confidence`, without a division; both are under 2^84.
fn is_wide(aggregate: &Aggregate, parameters: &FeedParameters) -> bool {
    let tolerated = aggregate
        .price
        .saturating_mul(parameters.max_confidence_ppm.into());
    aggregate.confidence.saturating_mul(1_000_000) > tolerated
}

/// Brings the status of an aggregate up to date, with an event if it changes.
pub fn refresh<T: Config>(feed: FeedId, aggregate: &mut Aggregate, parameters: &FeedParameters) {
    let now = T::Time::now_ms();
    let after = of(aggregate, parameters, now);
    if after != aggregate.status {
        Pallet::<T>::deposit_event(Event::StatusChanged {
            feed,
            before: aggregate.status,
            after,
            age_ms: now.saturating_sub(aggregate.observed_at),
        });
        aggregate.status = after;
    }
}

/// The price of a feed for an act, by the table in [`FeedStatus::allows`].
pub fn price_for<T: Config>(feed: FeedId, act: Act) -> Result<Price, PriceUnavailable> {
    let Some(aggregate) = Aggregates::<T>::get().get(&feed).copied() else {
        let exists = Parameters::<T>::get().contains_key(&feed);
        return Err(if exists {
            PriceUnavailable::NoPriceYet
        } else {
            PriceUnavailable::NoSuchFeed
        });
    };
    if !aggregate.status.allows(act) {
        return Err(PriceUnavailable::NotFor(aggregate.status));
    }
    Ok(Price {
        price: in_favour(&aggregate, act),
        confidence: aggregate.confidence,
        observed_at: aggregate.observed_at,
        status: aggregate.status,
    })
}

/// An uncertain price liquidates nobody that it might not: it is moved by its confidence in favour of the
/// account. It stays positive.
fn in_favour(aggregate: &Aggregate, act: Act) -> u128 {
    let Aggregate {
        price, confidence, ..
    } = *aggregate;
    match (aggregate.status, act) {
        (FeedStatus::Uncertain, Act::LiquidateLong) => price.saturating_add(confidence),
        (FeedStatus::Uncertain, Act::LiquidateShort) => price.saturating_sub(confidence).max(1),
        _ => price,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::common::parameters;

    const ONE: u128 = 1_000_000_000_000_000_000;

    fn aggregate() -> Aggregate {
        Aggregate {
            price: 100 * ONE,
            confidence: ONE / 10,
            observed_at: 100_000,
            updated_at: 100_000,
            held_back: false,
            status: FeedStatus::Live,
        }
    }

    #[test]
    fn status_should_follow_age_guard_and_width() {
        let mut parameters = parameters();
        parameters.max_age_ms = 15_000;
        parameters.max_confidence_ppm = 10_000;
        let status = |aggregate: &Aggregate, now| of(aggregate, &parameters, now);
        let mut one = aggregate();
        assert_eq!(status(&one, 100_000), FeedStatus::Live);
        assert_eq!(status(&one, 115_000), FeedStatus::Live);
        assert_eq!(status(&one, 115_001), FeedStatus::Stale);
        assert_eq!(status(&one, 250_000), FeedStatus::Stale);
        assert_eq!(status(&one, 250_001), FeedStatus::Down);
        one.confidence = ONE;
        assert_eq!(
            status(&one, 100_000),
            FeedStatus::Live,
            "exactly the tolerance"
        );
        one.confidence = ONE + 1;
        assert_eq!(status(&one, 100_000), FeedStatus::Uncertain);
        one.held_back = true;
        assert_eq!(status(&one, 100_000), FeedStatus::Guarded);
        assert_eq!(status(&one, 115_001), FeedStatus::Stale, "age counts first");
    }

    #[test]
    fn uncertain_price_should_move_in_favour_of_the_account() {
        let mut one = aggregate();
        one.status = FeedStatus::Uncertain;
        assert_eq!(in_favour(&one, Act::LiquidateLong), 100 * ONE + ONE / 10);
        assert_eq!(in_favour(&one, Act::LiquidateShort), 100 * ONE - ONE / 10);
        one.confidence = 200 * ONE;
        assert_eq!(in_favour(&one, Act::LiquidateShort), 1);
        one.status = FeedStatus::Live;
        assert_eq!(in_favour(&one, Act::LiquidateLong), 100 * ONE);
    }
}
