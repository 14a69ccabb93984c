//! The terminal: taken over while the view is drawn, and given back however that ends.

use crate::error::{Error, Result};
use ratatui::{
    crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
    DefaultTerminal, Frame,
};
use std::{io, time::Duration};
use tokio::sync::mpsc::{channel, Receiver};

/// How long the thread that reads keys waits before it looks whether anybody listens.
const KEY_WAIT: Duration = Duration::from_millis(200);

/// How many keys may wait.
const WAITING_KEYS: usize = 16;

/// A terminal in raw mode, on its other screen. Dropping it gives the terminal back; so does a panic.
pub struct Screen(DefaultTerminal);

impl Screen {
    /// Takes the terminal over.
    pub fn open() -> Result<Self> {
        let opened = ratatui::try_init().and_then(|mut terminal| {
            // Terminals without another screen still show what was written before.
            terminal.clear()?;
            Ok(terminal)
        });
        opened.map(Self).map_err(|error| {
            ratatui::restore();
            failed(&error)
        })
    }

    /// Draws once.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> Result<()> {
        self.0
            .draw(picture)
            .map(|_| ())
            .map_err(|error| failed(&error))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn failed(error: &io::Error) -> Error {
    Error::new(format!(
        "can't draw on this terminal: {error}; `--plain` writes lines instead"
    ))
}

/// What somebody did at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Asked to end.
    Quit,
    /// Made the window larger or smaller.
    Resize,
}

/// Reads keys, on a thread of its own since that blocks. It ends when nobody listens any more.
pub fn keys() -> Receiver<Key> {
    let (pressed, keys) = channel(WAITING_KEYS);
    std::thread::spawn(move || {
        while !pressed.is_closed() {
            let key = match next_event() {
                Ok(None) => None,
                Ok(Some(event)) => meaning(&event),
                // The terminal is gone.
                Err(_) => Some(Key::Quit),
            };
            if let Some(key) = key {
                if pressed.blocking_send(key).is_err() || key == Key::Quit {
                    return;
                }
            }
        }
    });
    keys
}

fn next_event() -> io::Result<Option<Event>> {
    if event::poll(KEY_WAIT)? {
        event::read().map(Some)
    } else {
        Ok(None)
    }
}

fn meaning(event: &Event) -> Option<Key> {
    match event {
        Event::Resize(..) => Some(Key::Resize),
        Event::Key(KeyEvent {
            code,
            modifiers,
            kind: KeyEventKind::Press,
            ..
        }) => {
            let control = modifiers.contains(KeyModifiers::CONTROL);
            match code {
                KeyCode::Char('q') if !control => Some(Key::Quit),
                KeyCode::Char('c') if control => Some(Key::Quit),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meaning_should_be_quit_when_q_or_control_c_is_pressed() {
        let key = |code, modifiers| Event::Key(KeyEvent::new(KeyCode::Char(code), modifiers));
        assert_eq!(meaning(&key('q', KeyModifiers::NONE)), Some(Key::Quit));
        assert_eq!(meaning(&key('c', KeyModifiers::CONTROL)), Some(Key::Quit));
        assert_eq!(meaning(&key('c', KeyModifiers::NONE)), None);
        assert_eq!(meaning(&Event::Resize(80, 24)), Some(Key::Resize));
    }
}
