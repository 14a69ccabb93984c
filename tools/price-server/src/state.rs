//! What all requests share.

use crate::book::Book;
use crate::fault_table::FaultTable;
use crate::venues::Venue;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The state of a server.
#[derive(Debug)]
pub struct State {
    /// All prices.
    pub book: Book,
    faults: Mutex<FaultTable>,
    /// Requests to each venue, in the order of [`Venue::ALL`].
    requests: [AtomicU64; Venue::ALL.len()],
}

impl State {
    /// The state of a server that just started.
    pub fn new(book: Book) -> Self {
        Self {
            book,
            faults: Mutex::default(),
            requests: Default::default(),
        }
    }

    /// The faults.
    pub fn faults(&self) -> MutexGuard<'_, FaultTable> {
        // A panic elsewhere can't leave the table half written.
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request to a venue.
    pub fn count(&self, venue: Venue) {
        self.requests[venue as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Requests to a venue so far.
    pub fn requests(&self, venue: Venue) -> u64 {
        self.requests[venue as usize].load(Ordering::Relaxed)
    }
}
