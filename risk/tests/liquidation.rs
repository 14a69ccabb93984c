//! Close sizes against brute force, prices and penalties against their meaning.

mod common;

use caisson_risk::liquidation::{
    bankruptcy_price, fillable_price, partial_size, penalty, slice, tiered_partial_size, urgency,
    Close, SliceLimits,
};
use caisson_risk::margin::Tier;
use caisson_risk::{Cash, LotPrice, Lots, Ppm, Side};
use common::{cash, config, ppm, price, size, spread};
use proptest::collection::vec;
use proptest::prelude::*;

fn closed(close: Close, size: i128) -> i128 {
    match close {
        Close::Nothing => 0,
        Close::Part(lots) => lots.0,
        Close::All => size,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn tiered_close_should_match_brute_force(
        bounds in vec(1i128..40, 1..5), margins in vec(0i128..30, 5),
        size in 1i128..100, equity in -500i128..2_500, loss in 0i128..20,
    ) {
        let (mut tiers, mut max, mut margin) = (Vec::new(), 0, 0);
        for (bound, more) in bounds.iter().zip(&margins) {
            max += bound;
            margin += more;
            tiers.push(Tier { max_lots: Lots(max), margin: LotPrice(margin) });
        }
        let size = 1 + size % max;
        let need = |lots: i128| tiers.iter().find(|tier| lots <= tier.max_lots.0).unwrap().margin.0;
        let meets = |x: &i128| equity - x * loss >= (size - x) * need(size - x);
        let best = (0..size).find(meets).unwrap_or(size);
        let close = tiered_partial_size(&Cash(equity), &Lots(size), &tiers, &LotPrice(loss)).unwrap();
        prop_assert_eq!(closed(close, size), best);
    }

    #[test]
    fn close_should_be_the_exact_threshold(
        equity in cash(), size in size(), target in price(), loss in price(),
    ) {
        let slack = equity.checked_sub(size * target);
        prop_assume!(slack.is_some());
        let close =
            partial_size(&Cash(slack.unwrap()), &Lots(size), &LotPrice(target), &LotPrice(loss)).unwrap();
        let after = |x: i128| equity - x * loss - (size - x) * target;
        match close {
            Close::Nothing => prop_assert!(after(0) >= 0),
            Close::Part(x) => prop_assert!(x.0 < size && after(x.0) >= 0 && after(x.0 - 1) < 0),
            Close::All => prop_assert!(after(0) < 0 && after(size - 1) < 0),
        }
    }

    #[test]
    fn prices_should_protect_the_account(
        mark in price(), size in size(), equity in cash(), urgent in ppm(), long in any::<bool>(),
    ) {
        let side = if long { Side::Long } else { Side::Short };
        let sign = if long { 1 } else { -1 };
        let ruin = bankruptcy_price(side, &LotPrice(mark), &Cash(equity), &Lots(size)).unwrap();
        let left = equity + sign * (ruin.0 - mark) * size;
        prop_assert!((0..size).contains(&left));
        let limit = fillable_price(side, &LotPrice(mark), &ruin, &Ppm(urgent)).unwrap();
        let conceded = sign * (mark - limit.0);
        prop_assert!(conceded >= 0);
        prop_assert!(equity < 0 || equity - conceded * size >= 0);
    }

    #[test]
    fn penalty_should_leave_what_is_there(closed in size(), rate in price(), left in cash()) {
        let taken = penalty(&Lots(closed), &LotPrice(rate), &Cash(left)).unwrap().0;
        prop_assert_eq!(taken, (closed * rate).min(left.max(0)));
    }

    #[test]
    fn urgency_should_not_fall_as_attempts_pass(
        equity in cash(), maintenance in spread(110), attempts in 0i128..50, step in ppm(),
    ) {
        let at = |n: i128| {
            urgency(&Cash(equity), &Cash(maintenance.max(1)), &n, &Ppm(step)).unwrap().0
        };
        prop_assert!(at(attempts) <= at(attempts + 1));
        prop_assert!((0..=1_000_000).contains(&at(attempts)));
    }

    #[test]
    fn slices_should_respect_each_limit(
        size in size(), part in any::<u32>(), mark in price(), share in ppm(), least in 1i128..5_000,
        notional in spread(110),
    ) {
        let wanted = ((size * i128::from(part)) >> 32).max(1);
        let limits = SliceLimits {
            max_share: Ppm(share), min_lots: Lots(least), max_notional: Cash(notional),
        };
        let cut = slice(&Lots(wanted), &Lots(size), &LotPrice(mark), &limits).unwrap().0;
        prop_assert!(cut >= 1 && cut <= size);
        prop_assert!(cut == 1 || cut * mark <= notional);
        prop_assert!(cut <= wanted.max(least));
        let by_share = (size * share + 999_999) / 1_000_000;
        prop_assert!(cut <= by_share.max(least));
        // And none of the limits is met for nothing.
        let bound = wanted.max(least).min(by_share.max(least)).min(size);
        prop_assert!(cut == bound || cut == 1 || (cut + 1) * mark > notional);
    }
}
