//! The one error type of this crate.

/// Why a formula refused to give a number.
///
/// Nothing in this crate panics or saturates on a value path: an operation whose exact result does
/// not fit, or has no meaning, is an error the caller turns into a rejected call or a defensive
/// metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum RiskError {
    /// The exact result does not fit the machine integer. Inside the ranges of
    /// [`limits`](crate::limits) this can't happen; the proofs show it per operation.
    Overflow,
    /// A divisor, a weight total or an elapsed time that must be positive was zero or negative.
    DivisorNotPositive,
    /// An argument lies outside the range its documentation states.
    OutOfRange,
    /// A list that must be sorted (by price, by leverage) was not.
    Unsorted,
    /// A list that must hold at least one entry was empty.
    Empty,
}

/// Result of every formula.
pub type Res<T> = Result<T, RiskError>;

impl core::fmt::Display for RiskError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Overflow => "exact result does not fit the machine integer",
            Self::DivisorNotPositive => "divisor, weight total or elapsed time is not positive",
            Self::OutOfRange => "argument outside its documented range",
            Self::Unsorted => "list is not sorted as documented",
            Self::Empty => "list is empty",
        })
    }
}

impl core::error::Error for RiskError {}
