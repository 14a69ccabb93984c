//! The compiled runtime over an in-memory state. All of it is shared with other programs that run blocks without a network.

pub use caisson_chain_harness::*;

/// Waits until no other test that measures time is running: two would measure each other. The lock lasts as long as the answer.
pub fn alone() -> std::sync::MutexGuard<'static, ()> {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    LOCK.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
