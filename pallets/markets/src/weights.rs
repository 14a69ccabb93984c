//! What calls and hooks cost.
//!
//! Every function here has a benchmark of its name, whose components are its parameters.

use frame_support::weights::Weight;

/// The weights of this pallet.
pub trait WeightInfo {
    /// `on_initialize` with `l` live markets that go on, and `c` that enter another phase or settle.
    fn on_initialize(l: u32, c: u32) -> Weight;
    /// A new proposal.
    fn propose() -> Weight;
    /// One proposal less.
    fn withdraw_proposal() -> Weight;
    /// The opening call begins.
    fn open() -> Weight;
    /// When trading ends.
    fn delist() -> Weight;
    /// One record less.
    fn remove() -> Weight;
    /// Other parameters.
    fn set_risk_parameters() -> Weight;
    /// Other fees.
    fn set_fees() -> Weight;
    /// Other limits.
    fn set_limits() -> Weight;
    /// Other size tiers.
    fn set_tiers() -> Weight;
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn on_initialize(l: u32, c: u32) -> Weight {
        Weight::from_parts(l.into(), c.into())
    }
    fn propose() -> Weight {
        Weight::zero()
    }
    fn withdraw_proposal() -> Weight {
        Weight::zero()
    }
    fn open() -> Weight {
        Weight::zero()
    }
    fn delist() -> Weight {
        Weight::zero()
    }
    fn remove() -> Weight {
        Weight::zero()
    }
    fn set_risk_parameters() -> Weight {
        Weight::zero()
    }
    fn set_fees() -> Weight {
        Weight::zero()
    }
    fn set_limits() -> Weight {
        Weight::zero()
    }
    fn set_tiers() -> Weight {
        Weight::zero()
    }
}
