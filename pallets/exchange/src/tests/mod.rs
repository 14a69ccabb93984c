//! The pallet against its SPEC.md.
