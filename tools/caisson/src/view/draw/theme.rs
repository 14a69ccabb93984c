//! Colours and emphasis. Without colours emphasis alone tells levels apart.

use crate::view::frame::Weight;
use caisson_primitives::{oracle::FeedStatus, trading::Level};
use ratatui::style::{Color, Modifier, Style};

/// How things look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    colours: bool,
}

impl Theme {
    /// With colours, or without.
    pub const fn new(colours: bool) -> Self {
        Self { colours }
    }

    /// With colours, unless the environment has a `NO_COLOR` that is not empty.
    pub fn of_environment() -> Self {
        Self::new(std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()))
    }

    fn coloured(self, colour: Color, else_: Modifier) -> Style {
        if self.colours {
            Style::default().fg(colour)
        } else {
            Style::default().add_modifier(else_)
        }
    }

    /// As it is.
    pub fn plain(self) -> Style {
        Style::default()
    }

    /// Titles.
    pub fn strong(self) -> Style {
        Style::default().add_modifier(Modifier::BOLD)
    }

    /// What explains figures.
    pub fn dim(self) -> Style {
        Style::default().add_modifier(Modifier::DIM)
    }

    /// A level of the circuit breaker.
    pub fn level(self, level: Level) -> Style {
        match level {
            Level::Open => self.coloured(Color::Green, Modifier::empty()),
            Level::LongCalls => self.coloured(Color::Yellow, Modifier::BOLD),
            Level::ReduceOnly => self.coloured(Color::LightRed, Modifier::BOLD),
            Level::CancelOnly => self
                .coloured(Color::Red, Modifier::UNDERLINED)
                .add_modifier(Modifier::BOLD),
            Level::Halted => self
                .coloured(Color::Red, Modifier::UNDERLINED)
                .add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    /// A feed's status.
    pub fn status(self, status: FeedStatus) -> Style {
        match status {
            FeedStatus::Live => self.coloured(Color::Green, Modifier::empty()),
            FeedStatus::Guarded | FeedStatus::Uncertain => {
                self.coloured(Color::Yellow, Modifier::BOLD)
            }
            FeedStatus::Stale | FeedStatus::Down => self
                .coloured(Color::Red, Modifier::UNDERLINED)
                .add_modifier(Modifier::BOLD),
        }
    }

    /// A move up or down.
    pub fn change(self, change: i128) -> Style {
        match change.signum() {
            1 => self.coloured(Color::Green, Modifier::empty()),
            -1 => self.coloured(Color::LightRed, Modifier::empty()),
            _ => self.plain(),
        }
    }

    /// Something that happened.
    pub fn weight(self, weight: Weight) -> Style {
        match weight {
            Weight::Calm => self.plain(),
            Weight::Notable => self.coloured(Color::Yellow, Modifier::empty()),
            Weight::Grave => self.coloured(Color::LightRed, Modifier::BOLD),
        }
    }

    /// A figure that should be zero.
    pub fn should_be_zero(self, value: i128) -> Style {
        if value == 0 {
            self.plain()
        } else {
            self.coloured(Color::LightRed, Modifier::BOLD)
        }
    }
}
