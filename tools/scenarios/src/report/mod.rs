//! Pages that a trader understands: words built from the figures, a table, and plots.

mod index;
mod page;
mod plots;
mod words;

pub use index::write_index;
pub use page::{write, Rendered};
pub use plots::{decimate, Plot};

use crate::tape::Tape;

/// Something that had to hold, and whether it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What had to hold, with the figures.
    pub text: String,
    /// Whether it did.
    pub holds: bool,
}

impl Claim {
    /// A claim.
    pub fn new(holds: bool, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            holds,
        }
    }
}

/// Where a price path comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made up: no market ever traded at it.
    Synthetic,
    /// A file of somebody's, called so.
    File(String),
}

impl Origin {
    /// What stands in titles and plots.
    pub fn label(&self) -> String {
        match self {
            Self::Synthetic => "SYNTHETIC path".to_owned(),
            Self::File(name) => format!("path of {name}"),
        }
    }
}

/// What is told of a run.
pub struct Report {
    /// The name of the scenario, which is that of its files.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The command that writes the page.
    pub command: String,
    /// What happened in the world, with its sources; empty for what never did.
    pub world: String,
    /// What is played.
    pub played: String,
    /// Where the path comes from.
    pub origin: Origin,
    /// Who is in the market.
    pub people: String,
    /// What only this scenario can tell, from its figures.
    pub story: Vec<String>,
    /// Figures that only this scenario has.
    pub rows: Vec<(String, String)>,
    /// What had to hold.
    pub claims: Vec<Claim>,
    /// What happened on chain.
    pub tape: Tape,
}
