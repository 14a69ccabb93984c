//! What calls and hooks cost, with what the pallets behind `Funds`, `Gate` and `Signals` do. Every function has a benchmark of
//! its name.

use frame_support::weights::Weight;

/// The weights of this pallet.
pub trait WeightInfo {
    /// A block: coverage of a compartment with `m` live markets, beside `l` of other compartments.
    fn look(l: u32, m: u32) -> Weight;
    /// Paying for a loss from all layers, with the end of a series of shares.
    fn cover() -> Weight;
    /// Other terms.
    fn set_terms() -> Weight;
    /// Another limit of a market.
    fn set_sub_limit() -> Weight;
    /// A stake, with shares struck off and an orphaned pot claimed.
    fn back() -> Weight;
    /// The cool-down begins.
    fn leave() -> Weight;
    /// The cool-down is called off.
    fn stay() -> Weight;
    /// A stake is paid out.
    fn redeem() -> Weight;
    /// A gift.
    fn donate() -> Weight;
    /// The backstop is spent on something else.
    fn spend_backstop() -> Weight;
}

/// For tests of the rules, where nothing has to fit a block.
impl WeightInfo for () {
    fn look(l: u32, m: u32) -> Weight {
        Weight::from_parts(l.into(), m.into())
    }
    fn cover() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn set_terms() -> Weight {
        Weight::zero()
    }
    fn set_sub_limit() -> Weight {
        Weight::zero()
    }
    fn back() -> Weight {
        Weight::zero()
    }
    fn leave() -> Weight {
        Weight::zero()
    }
    fn stay() -> Weight {
        Weight::zero()
    }
    fn redeem() -> Weight {
        Weight::zero()
    }
    fn spend_backstop() -> Weight {
        Weight::zero()
    }
    fn donate() -> Weight {
        Weight::zero()
    }
}
