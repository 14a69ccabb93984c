//! The view on a terminal: what is on the screen, and when it is drawn again.

use super::{
    apps_address, draw,
    follow::Update,
    frame::{Frame, Happening},
    signals::Signals,
    terminal::{keys, Key, Screen},
    Countdown, End, Options,
};
use crate::error::Result;
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};
use tokio::{sync::mpsc::Receiver, time::interval};

/// How many lines of the log are kept: more than the highest terminal shows.
const KEPT_LINES: usize = 300;

/// How many events of one kind in one market a block may fill the log with.
const ALIKE_AT_MOST: usize = 3;

/// How often the screen is drawn when nothing comes: it shows for how long that is so.
const TICK: Duration = Duration::from_secs(1);

/// What is on the screen.
#[derive(Debug)]
pub struct Picture {
    /// What stands on top.
    pub title: String,
    /// What stands beside it.
    pub notes: Vec<String>,
    /// Where polkadot.js Apps shows the same chain.
    pub apps: String,
    /// The last frame.
    pub frame: Option<Frame>,
    /// What happened, the newest first.
    pub log: VecDeque<Happening>,
    /// Why no frames come, if the node is gone.
    pub trouble: Option<String>,
    /// For how long there was no frame.
    pub silence: Duration,
}

impl Picture {
    /// An empty one.
    pub fn new(options: &Options, url: &str) -> Self {
        Self {
            title: options.title.clone(),
            notes: options.notes.clone(),
            apps: apps_address(url),
            frame: None,
            log: VecDeque::new(),
            trouble: None,
            silence: Duration::ZERO,
        }
    }

    /// Shows a frame from now on.
    pub fn show(&mut self, frame: Frame) {
        for one in condensed(frame.news()) {
            self.log.push_front(one);
        }
        self.log.truncate(KEPT_LINES);
        self.frame = Some(frame);
        self.trouble = None;
        self.silence = Duration::ZERO;
    }
}

/// Events, with those that are alike, of one block, kind and market, cut to the first few and a number.
fn condensed<'a>(news: impl Iterator<Item = &'a Happening>) -> Vec<Happening> {
    let mut kept: Vec<Happening> = Vec::new();
    let mut alike: BTreeMap<_, usize> = BTreeMap::new();
    for one in news {
        let seen = alike.entry((one.block, one.kind, one.market)).or_default();
        *seen = seen.saturating_add(1);
        if *seen <= ALIKE_AT_MOST {
            kept.push(one.clone());
        } else if *seen == ALIKE_AT_MOST + 1 {
            kept.push(Happening {
                text: String::new(),
                ..one.clone()
            });
        }
    }
    for one in kept.iter_mut().filter(|one| one.text.is_empty()) {
        let seen = alike.get(&(one.block, one.kind, one.market)).copied();
        let more = seen.unwrap_or_default().saturating_sub(ALIKE_AT_MOST);
        one.text = format!("and {more} more like that ({})", one.kind);
    }
    kept
}

/// Draws frames until somebody asks to end, or there are no more.
pub async fn run(mut shown: Receiver<Update>, options: &Options, url: &str) -> Result<End> {
    let mut signals = Signals::listen()?;
    let mut screen = Screen::open()?;
    let mut keys = keys();
    let mut ticks = interval(TICK);
    let mut picture = Picture::new(options, url);
    let mut countdown = Countdown::new(options.blocks);
    let mut last = Instant::now();
    let theme = draw::Theme::of_environment();
    loop {
        tokio::select! {
            update = shown.recv() => match update {
                None => return Ok(End::NoMore),
                Some(Update::Trouble(words)) => picture.trouble = Some(words),
                Some(Update::Frame(frame)) => {
                    last = Instant::now();
                    let over = countdown.is_over_with(&frame);
                    picture.show(*frame);
                    if over {
                        return Ok(End::Asked);
                    }
                }
            },
            () = signals.next() => return Ok(End::Asked),
            key = keys.recv() => match key {
                Some(Key::Resize) => {}
                Some(Key::Quit) | None => return Ok(End::Asked),
            },
            _ = ticks.tick() => picture.silence = last.elapsed(),
        }
        screen.draw(|canvas| draw::draw(canvas, &picture, theme))?;
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::Weight;
    use super::*;

    #[test]
    fn condensed_should_count_what_is_alike_when_there_is_much_of_it() {
        let one = |account: u32| Happening {
            block: 5,
            kind: "liquidation.Deleveraged",
            weight: Weight::Grave,
            market: Some(0),
            text: format!("account {account}"),
        };
        let news: Vec<Happening> = (0..10).map(one).collect();
        let kept = condensed(news.iter());
        let texts: Vec<&str> = kept.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "account 0",
                "account 1",
                "account 2",
                "and 7 more like that (liquidation.Deleveraged)"
            ]
        );
    }
}
