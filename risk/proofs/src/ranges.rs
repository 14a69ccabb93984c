//! The stated ranges, as variables.

use crate::term::{var, Term};
use caisson_risk::limits::{
    MAX_CASH, MAX_FUNDING_INDEX, MAX_LOTS, MAX_LOT_PRICE, MAX_ORACLE_PRICE, MAX_STAKE, MAX_TIME_MS,
    PPM,
};
use caisson_risk::{Cash, LotPrice, Lots, Ppm};

/// A positive size.
pub fn size(name: &str) -> Lots<Term> {
    Lots(var(name, 1, MAX_LOTS))
}
/// A size that may be zero.
pub fn size_or_none(name: &str) -> Lots<Term> {
    Lots(var(name, 0, MAX_LOTS))
}
/// A signed position.
pub fn lots(name: &str) -> Lots<Term> {
    Lots(var(name, -MAX_LOTS, MAX_LOTS))
}
/// A positive price per lot.
pub fn price(name: &str) -> LotPrice<Term> {
    LotPrice(var(name, 1, MAX_LOT_PRICE))
}
/// A margin or loss per lot that may be zero.
pub fn per_lot(name: &str) -> LotPrice<Term> {
    LotPrice(var(name, 0, MAX_LOT_PRICE))
}
/// A funding index.
pub fn funding_index(name: &str) -> LotPrice<Term> {
    LotPrice(var(name, -MAX_FUNDING_INDEX, MAX_FUNDING_INDEX))
}
/// An amount of either sign.
pub fn cash(name: &str) -> Cash<Term> {
    Cash(var(name, -MAX_CASH, MAX_CASH))
}
/// An amount not below zero.
pub fn amount(name: &str) -> Cash<Term> {
    Cash(var(name, 0, MAX_CASH))
}
/// A ratio up to the whole.
pub fn ppm(name: &str) -> Ppm<Term> {
    Ppm(var(name, 0, PPM))
}
/// A factor up to what its storage holds.
pub fn factor(name: &str) -> Ppm<Term> {
    Ppm(var(name, 0, u32::MAX as i128))
}
/// A positive span of time.
pub fn span(name: &str) -> Term {
    var(name, 1, MAX_TIME_MS)
}
/// A moment, or a span that may be zero.
pub fn time(name: &str) -> Term {
    var(name, 0, MAX_TIME_MS)
}
/// An oracle price.
pub fn oracle_price(name: &str) -> Term {
    var(name, 1, MAX_ORACLE_PRICE)
}
/// A stake.
pub fn stake(name: &str) -> Term {
    var(name, 0, MAX_STAKE)
}
