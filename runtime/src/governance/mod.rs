//! Who decides what: the origins of referendum tracks, the tracks themselves, and their pace.

mod tracks;

pub mod origins;
pub mod pace;

pub use tracks::{Track, Tracks};
