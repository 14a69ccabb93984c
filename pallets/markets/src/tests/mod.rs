//! Tests by theme. Each refers to the section of SPEC.md that it holds the code to.

mod common;
mod ending;
mod funding;
mod genesis;
mod life;
mod margins;
mod marks;
mod properties;
mod setting;
mod trust;
mod validation;
