use super::{draw, Theme};
use crate::view::{frame::Frame, screen::Picture, test_frames, Options};
use ratatui::{backend::TestBackend, style::Color, Terminal};
use std::time::Duration;

/// A picture of a frame.
fn picture(frame: Option<Frame>) -> Picture {
    let options = Options {
        plain: false,
        json: false,
        blocks: None,
        every: 1,
        title: "Caisson".to_owned(),
        notes: vec!["crash.csv (SYNTHETIC)".to_owned()],
    };
    let mut picture = Picture::new(&options, "ws://127.0.0.1:9944");
    if let Some(frame) = frame {
        picture.show(frame);
    }
    picture
}

/// What a terminal of that size shows.
fn drawn(picture: &Picture, theme: Theme, width: u16, height: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal
        .draw(|canvas| draw(canvas, picture, theme))
        .expect("draws");
    terminal
}

/// Its rows as text.
fn text(picture: &Picture, width: u16, height: u16) -> String {
    let terminal = drawn(picture, Theme::new(true), width, height);
    let cells = terminal.backend().buffer().content();
    cells
        .chunks(usize::from(width))
        .map(|row| {
            let row: String = row.iter().map(|cell| cell.symbol()).collect();
            format!("{}\n", row.trim_end())
        })
        .collect()
}

/// The figures of the crash that are seen on any screen.
const FIGURES: [&str; 24] = [
    "Caisson  |  crash.csv (SYNTHETIC)",
    "block 1,234  final 1,231 (3 behind)  12:00:20 UTC  chain Open  fills 14",
    "https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:9944",
    "57,000.50",
    "56,990.00",
    "-3.45 %",
    "-0.0123 %",
    "12.5 ",
    "712,506",
    "57,000 ",
    "57,001 ",
    "5.5",
    "ReduceOnly",
    "unsafe accounts 42  not reached 17",
    " 12 ",
    "0/2",
    "0.25",
    "33.00",
    "88.00",
    "1,000.25",
    "62.51 %",
    "3: 777.00",
    "BTC/USD 56,990.00 ±3.10 1.2 s Guarded",
    "98 % fresh, 96 % of these accurate, 2 outliers",
];

#[test]
fn screen_should_show_all_figures_when_it_is_small_or_large() {
    let picture = picture(Some(test_frames::crash()));
    for (width, height) in [(80, 24), (100, 30), (140, 40), (200, 60)] {
        let text = text(&picture, width, height);
        for figure in FIGURES {
            assert!(
                text.contains(figure),
                "{figure} at {width}x{height}:\n{text}"
            );
        }
        assert!(
            text.contains("account 9 is taken over by the fund of BTC-PERP"),
            "{text}"
        );
    }
}

#[test]
fn screen_should_say_why_a_level_holds_when_there_is_room() {
    let picture = picture(Some(test_frames::crash()));
    let text = text(&picture, 160, 30);
    for part in [
        "BTC-PERP: ReduceOnly since 12:00:00: LiquidationPressure, liquidated 600000.00, limit 500000.00",
        "call until block 1260, would clear 3 at 56900",
        "1233 account 7, liquidated in BTC-PERP, is restored after 2 blocks",
        "▁",
        "█",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}

#[test]
fn screen_should_say_that_it_waits_when_there_is_no_block_yet() {
    let text = text(&picture(None), 80, 24);
    assert!(text.contains("waiting for the first block"), "{text}");
}

#[test]
fn screen_should_say_so_when_the_node_is_gone_or_silent() {
    let mut picture = picture(Some(test_frames::quiet()));
    picture.silence = Duration::from_secs(12);
    assert!(text(&picture, 80, 24).contains("no block for 12 s"));
    picture.trouble = Some("the node doesn't answer".to_owned());
    assert!(text(&picture, 80, 24).contains("the node doesn't answer"));
}

#[test]
fn screen_should_not_panic_when_it_has_any_size() {
    for frame in [None, Some(test_frames::quiet()), Some(test_frames::crash())] {
        let picture = picture(frame);
        for width in [1, 2, 5, 20, 79, 80, 81, 131, 132, 164, 165, 300] {
            for height in [1, 2, 3, 10, 24, 100] {
                drawn(&picture, Theme::new(true), width, height);
            }
        }
    }
}

#[test]
fn screen_should_have_no_colours_when_they_are_not_wanted() {
    let picture = picture(Some(test_frames::crash()));
    let colours = |theme| {
        let terminal = drawn(&picture, theme, 120, 40);
        let cells = terminal.backend().buffer().content().to_vec();
        cells
            .iter()
            .filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
            .count()
    };
    assert_eq!(colours(Theme::new(false)), 0);
    assert!(colours(Theme::new(true)) > 0);
}
