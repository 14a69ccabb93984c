//! Tests by theme. Each refers to the section of SPEC.md that it holds the code to.

mod aggregation;
pub mod common;
mod fixtures;
mod governance;
mod history;
mod misconduct;
mod reporting;
mod session;
mod worker;
