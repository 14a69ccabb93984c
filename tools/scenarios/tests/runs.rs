//! Scenarios from end to end, on the compiled runtime.

#![allow(missing_docs)]

use std::path::Path as Folder;

use caisson_scenarios::{
    catalogue::{
        self,
        days::{tell, Tale},
    },
    figures::Figures,
    path::Path,
    progress::Progress,
    replay::{Mishap, Replay},
    report::{self, Origin, Rendered},
};

/// A fall by a fifth in ten blocks, and time for trade before and after it.
fn fall() -> Path {
    Path::of_wholes((0..160u128).map(|block| 60_000 - 1_200 * (block.clamp(65, 75) - 65)))
}

fn rendered(replay: &Replay) -> (Rendered, Figures) {
    let tale = Tale {
        name: "fall".to_owned(),
        title: "A fall".to_owned(),
        command: "a test".to_owned(),
        world: String::new(),
        played: "A fall by a fifth.".to_owned(),
        origin: Origin::Synthetic,
    };
    let report = tell(tale, replay, Progress::quiet()).expect("it is played");
    let figures = Figures::of(&report.tape).expect("blocks were recorded");
    (report.render().expect("it is drawn"), figures)
}

#[test]
fn replay_should_give_the_same_report_when_it_is_run_again() {
    let replay = Replay::new(fall(), 200, 7);
    let (first, figures) = rendered(&replay);
    assert!(first.held, "{}", first.page);
    assert!(figures.accounts_found > 20, "{figures:?}");
    assert_eq!(figures.found, figures.restored);
    assert_eq!(rendered(&replay).0, first);

    let other = Replay::new(fall(), 200, 8);
    assert_ne!(
        rendered(&other).0.page,
        first.page,
        "another seed, another crowd"
    );
}

#[test]
fn replay_should_liquidate_nobody_while_the_oracle_is_dead() {
    let mut replay = Replay::new(fall(), 200, 7);
    replay.mishaps.push(Mishap::OracleDies {
        from: 60,
        blocks: 100,
    });
    let report = replay.play(Progress::quiet()).expect("it is played");
    let while_dead = report.tape.samples.iter().take(160);
    assert_eq!(while_dead.map(|sample| sample.found).sum::<u32>(), 0);
    assert!(report.tape.short.len() > 20, "they are when it is back");
}

#[test]
fn replay_should_refuse_a_crowd_of_nobody() {
    let error = Replay::new(fall(), 0, 1)
        .play(Progress::quiet())
        .map(|_| ())
        .expect_err("nobody");
    assert!(error.to_string().contains("from 2 to 200,000"), "{error}");
}

/// The pages of cheap scenarios are what a run of now writes: whoever changes the rules sees here that pages are out of date.
#[test]
fn committed_pages_should_equal_a_fresh_run() {
    let folder = Folder::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scenarios"));
    for name in ["drift-2022", "jelly-2025"] {
        let scenario = catalogue::find(name).expect("it is in the catalogue");
        let fresh = (scenario.play)(scenario, Progress::quiet())
            .and_then(|report| report.render())
            .expect("it is played");
        let read = |file: String| {
            std::fs::read_to_string(folder.join(&file)).unwrap_or_else(|error| {
                panic!("{file}: {error}; write it with `caisson-scenarios run {name}`")
            })
        };
        let advice = format!("out of date; write it anew with `{}`", scenario.command());
        assert!(
            read(format!("{name}.md")) == fresh.page,
            "{name}.md is {advice}"
        );
        for plot in &fresh.plots {
            let file = format!("{name}-{}.svg", plot.name);
            assert!(read(file.clone()) == plot.svg, "{file} is {advice}");
        }
    }
}

#[test]
fn pages_should_be_written_with_their_plots_and_stand_in_the_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = catalogue::find("drift-2022").expect("it is in the catalogue");
    let fresh = (scenario.play)(scenario, Progress::quiet())
        .and_then(|report| report.render())
        .expect("it is played");
    report::write(&fresh, folder.path()).expect("written");
    report::write_index(folder.path()).expect("written");
    let index = std::fs::read_to_string(folder.path().join("README.md")).expect("an index");
    assert!(index.contains("(drift-2022.md)") && !index.contains("(calm.md)"));
    for plot in &fresh.plots {
        let file = folder.path().join(format!("drift-2022-{}.svg", plot.name));
        let drawn = std::fs::metadata(&file).expect("it is there").len();
        assert!(drawn < 60_000, "{}: {drawn}", file.display());
        assert!(fresh
            .page
            .contains(&format!("drift-2022-{}.svg", plot.name)));
    }
}
