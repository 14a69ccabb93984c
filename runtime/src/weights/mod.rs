//! What calls, hooks and transactions cost, as measured: one file for each pallet.
//!
//! All files of this folder are made by `cargo xtask weights`; what is written here by hand is overwritten.
