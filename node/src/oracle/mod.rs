//! The node's part of the price oracle, around the worker that is in the runtime.
//!
//! - [`sources`]: what the operator says of sources, in a file;
//! - [`metrics`]: feeds and this validator's participation, for Prometheus.

pub mod metrics;
pub mod sources;
