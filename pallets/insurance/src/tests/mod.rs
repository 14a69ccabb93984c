//! The pallet against its SPEC.md.

mod backers;
mod cover;
mod coverage;
mod properties;
mod series;
mod terms;
