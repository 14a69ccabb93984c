//! What calls and hooks cost. Every function has a benchmark of its name. Looks are measured over many markets at once; [`each`] is
//! the price of one of them, without what the first look of a block reads for all.

use frame_support::weights::Weight;

/// The weights of this pallet.
///
/// `on_initialize` adds up what it did: `begin`, what all looks share, one look of `look_*` for each live market, `examine_scope` for each compartment that is
/// restricted and for the chain if it is, and `forget` for each market that ended. What the exchange, the funds and the
/// liquidation engine ask and report is part of their weights.
pub trait WeightInfo {
    /// What a block costs before any market: the gap since the last one, who is live, who is restricted.
    fn begin() -> Weight;
    /// A look at `m` live markets in which no sample is due and nothing demands a level.
    fn look_quiet(m: u32) -> Weight;
    /// The same, with all samples due.
    fn look_written(m: u32) -> Weight;
    /// The same, with its trips looked at.
    fn look_examined(m: u32) -> Weight;
    /// A look at the trips of a compartment, or of the chain.
    fn examine_scope() -> Weight;
    /// Dropping what is known of a market that ended.
    fn forget() -> Weight;
    /// Guardians raise.
    fn raise() -> Weight;
    /// A referendum ratifies.
    fn ratify() -> Weight;
    /// A referendum lowers.
    fn lower() -> Weight;
    /// Other terms.
    fn set_terms() -> Weight;
}

/// What one more look costs.
pub fn each(looks: impl Fn(u32) -> Weight) -> Weight {
    looks(1).saturating_sub(looks(0))
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn begin() -> Weight {
        Weight::zero()
    }
    fn look_quiet(m: u32) -> Weight {
        Weight::from_parts(1, 0).saturating_mul(m.into())
    }
    fn look_written(m: u32) -> Weight {
        Weight::from_parts(2, 0).saturating_mul(m.into())
    }
    fn look_examined(m: u32) -> Weight {
        Weight::from_parts(2, 1).saturating_mul(m.into())
    }
    fn examine_scope() -> Weight {
        Weight::from_parts(0, 1)
    }
    fn forget() -> Weight {
        Weight::from_parts(0, 1)
    }
    fn raise() -> Weight {
        Weight::zero()
    }
    fn ratify() -> Weight {
        Weight::zero()
    }
    fn lower() -> Weight {
        Weight::zero()
    }
    fn set_terms() -> Weight {
        Weight::zero()
    }
}
