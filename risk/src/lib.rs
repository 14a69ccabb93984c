//! Every formula of Caisson that decides about money: margin, marks, funding, liquidation,
//! the loss waterfall, insurance, oracle aggregation, breaker bands and clearing prices.
//!
//! Pure integer arithmetic, `no_std`, no FRAME, no storage, no allocation, no floats, no panics.
//! Each formula is generic over [`Num`], so the code the runtime executes on `i128` is the code the
//! proofs execute on symbolic numbers (see the `proofs` folder and the README).
//!
//! # Rules
//!
//! - Requirements, fees, debits and shortfalls round up; asset values, credits and payouts round
//!   down, toward minus infinity. Every division names its direction.
//! - Margins and marks are integers *per lot*, rounded once per market; what an account has or owes is
//!   a sum of integer products, so nothing drifts and trades conserve money exactly.
//! - A result that does not fit is an error, never a wrap or a saturation. Inside the ranges of
//!   [`limits`] no operation fails; that is proved.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// Hooks run this code: whatever could panic or wrap is refused at compile time.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]
// The codec's derive macros themselves expand to casts.
#![cfg_attr(not(any(test, feature = "codec")), deny(clippy::as_conversions))]

pub mod apportion;
pub mod auction;
pub mod breaker;
pub mod collateral;
pub mod error;
pub mod funding;
pub mod insurance;
pub mod limits;
pub mod liquidation;
pub mod margin;
pub mod mark;
pub mod num;
pub mod oracle;
pub mod triggers;
pub mod twap;
pub mod units;
pub mod volatility;
pub mod waterfall;
pub mod wide;

pub use error::{Res, RiskError};
pub use num::Num;
pub use units::{Cash, Coordinate, LotPrice, Lots, Ppm, Side};
pub use wide::Rounding;
