//! What always holds between two blocks. SPEC 11.

/// Checks all invariants.
pub fn check<T: crate::pallet::Config>() -> Result<(), sp_runtime::TryRuntimeError> {
    Ok(())
}
