//! Collateral in other assets than the settlement asset.
//!
//! ```text
//! haircut = min(1, base + ceil(slope * (share of pool - cap)^+))
//! value   = floor(balance * floor(price * (1 - haircut)))
//! ```
//!
//! A conservative price per unit, computed once per asset, makes collateral one more long exposure:
//! its value is linear in that price, so it takes part in the trigger index with its own coordinate.
//! Source: concentration-scaled haircuts of clearing houses.

use crate::error::Res;
use crate::num::Num;
use crate::units::{Cash, LotPrice, Lots, Ppm};

/// Haircut of an asset, growing with its share of the collateral pool; in `[base, 10^6]` for
/// `base <= 10^6`. Monotone in `pool_share`. Rounds up.
pub fn haircut<N: Num>(
    base: &Ppm<N>,
    slope: &Ppm<N>,
    pool_share: &Ppm<N>,
    share_cap: &Ppm<N>,
) -> Res<Ppm<N>> {
    let excess = pool_share.sub(share_cap)?.positive_part();
    Ok(base.add(&excess.ratio_ceil(slope)?)?.smaller(&Ppm::one()))
}

/// Price at which one unit counts as collateral: `floor((price - k * confidence)^+ * (1 - haircut))`.
///
/// `k` in ppm; the widening rounds up, the price down. `haircut <= 10^6`.
pub fn conservative_unit_price<N: Num>(
    price: &LotPrice<N>,
    confidence: &LotPrice<N>,
    k: &Ppm<N>,
    haircut: &Ppm<N>,
) -> Res<LotPrice<N>> {
    let lowered = price.sub(&confidence.ratio_ceil(k)?)?.positive_part();
    lowered.ratio_floor(&Ppm::one().sub(haircut)?)
}

/// Price at which one unit of debt counts: `price + ceil(k * confidence)`, no haircut.
pub fn debt_unit_price<N: Num>(
    price: &LotPrice<N>,
    confidence: &LotPrice<N>,
    k: &Ppm<N>,
) -> Res<LotPrice<N>> {
    price.add(&confidence.ratio_ceil(k)?)
}

/// Value of `units >= 0` at a conservative price, exact.
pub fn value<N: Num>(units: &Lots<N>, unit_price: &LotPrice<N>) -> Res<Cash<N>> {
    unit_price.times(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn haircut_should_grow_with_concentration_up_to_the_whole() {
        let cut = |share| haircut(&Ppm(100_000i128), &Ppm(500_000), &Ppm(share), &Ppm(200_000));
        assert_eq!(cut(100_000), Ok(Ppm(100_000)));
        assert_eq!(cut(200_003), Ok(Ppm(100_002)));
        assert_eq!(cut(1_000_000), Ok(Ppm(500_000)));
        let steep = haircut(&Ppm(900_000i128), &Ppm(900_000), &Ppm(1_000_000), &Ppm(0));
        assert_eq!(steep, Ok(Ppm(1_000_000)));
    }

    #[test]
    fn collateral_should_count_low_and_debt_high() {
        let unit = |confidence| {
            conservative_unit_price(
                &LotPrice(1_000i128),
                &LotPrice(confidence),
                &Ppm(2_000_000),
                &Ppm(100_000),
            )
        };
        assert_eq!(unit(10), Ok(LotPrice(882)));
        assert_eq!(unit(600), Ok(LotPrice(0)));
        let debt = debt_unit_price(&LotPrice(1_000i128), &LotPrice(3), &Ppm(1_500_000));
        assert_eq!(debt, Ok(LotPrice(1_005)));
        assert_eq!(value(&Lots(3), &LotPrice(882i128)), Ok(Cash(2_646)));
    }
}
