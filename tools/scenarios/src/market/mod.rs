//! Who is in a market: the crowd, those who quote, and those who trade without looking.

mod crowd;
mod makers;
mod takers;

pub use crowd::{Crowd, LeverageClass, Settled, CAREFUL, GAMBLERS, LEVERAGED};
pub use makers::Makers;
pub use takers::Takers;
