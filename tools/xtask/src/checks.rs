//! `cargo xtask test`: the steps of CI, in order, each with its time.

use crate::error::{Error, Result};
use crate::network::Form;
use crate::process;
use crate::setup::{self, Part, Ready};
use crate::workspace::Workspace;
use crate::{chain_specs, examples, guides, network, node, proofs, upgrade};
use std::time::{Duration, Instant};

/// One check of CI.
struct Step {
    name: &'static str,
    /// What it does, for `--list`.
    about: &'static str,
    /// What it needs of the machine.
    needs: &'static [Part],
    run: fn(&Ready) -> Result<Outcome>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    /// There is nothing to check yet.
    Skipped(&'static str),
}

const STEPS: [Step; 13] = [
    Step {
        name: "fmt",
        about: "every file is formatted",
        needs: &[],
        run: fmt,
    },
    Step {
        name: "features",
        about: "std, runtime-benchmarks and try-runtime reach every dependency",
        needs: &[Part::Features],
        run: features,
    },
    Step {
        name: "build",
        about: "everything compiles; node and tests share the result",
        needs: &[Part::Build],
        run: build,
    },
    Step {
        name: "clippy",
        about: "no lint fires",
        needs: &[Part::Build],
        run: clippy,
    },
    Step {
        name: "docs",
        about: "the documentation builds without warnings",
        needs: &[Part::Build],
        run: docs,
    },
    Step {
        name: "tests",
        about: "all tests pass",
        needs: &[Part::Build],
        run: tests,
    },
    Step {
        name: "proofs",
        about: "the arithmetic of risk/ is proved",
        needs: &[Part::Build, Part::Proofs],
        run: prove,
    },
    Step {
        name: "specs",
        about: "the chain specifications can be made and read back",
        needs: &[Part::Build],
        run: specs,
    },
    Step {
        name: "examples",
        about: "the programs of examples/ fit the runtime and do what they say",
        needs: &[Part::Build, Part::Clients],
        run: examples,
    },
    Step {
        name: "guides",
        about: "every command in the guides works",
        needs: &[Part::Build, Part::Clients],
        run: guides,
    },
    Step {
        name: "network",
        about: "four validators finalise, a light client follows, one is killed and recovers",
        needs: &[Part::Build, Part::Clients],
        run: short_network,
    },
    Step {
        name: "oracle",
        about: "prices follow, a liar is slashed, silence is noticed",
        needs: &[Part::Build, Part::Clients],
        run: oracle,
    },
    Step {
        name: "crash",
        about: "nodes killed in a market crash come back to the state of an undisturbed one",
        needs: &[Part::Build, Part::Clients],
        run: crash,
    },
];

/// The name of a step as given, if there is such a step.
pub fn known_step(name: &str) -> Result<String> {
    if STEPS.iter().any(|step| step.name == name) {
        return Ok(name.to_owned());
    }
    let names = STEPS.map(|step| step.name).join(", ");
    Err(Error::new(format!(
        "there is no step `{name}`; the steps are {names}"
    )))
}

/// Prints the steps.
pub fn list() {
    for step in &STEPS {
        println!("{:<10} {}", step.name, step.about);
    }
}

/// Runs these steps, or all if none is named, and stops at the first that fails.
pub fn run(workspace: &Workspace, only: &[String]) -> Result<()> {
    let asked = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    let steps: Vec<&Step> = STEPS.iter().filter(asked).collect();
    let started = Instant::now();
    let ready = setup::ensure(workspace, &parts_of(&steps))?;
    let mut summary = vec![("setup", Outcome::Passed, started.elapsed())];
    for step in steps {
        println!("\n== {}: {}", step.name, step.about);
        let step_started = Instant::now();
        let result = (step.run)(&ready);
        let took = step_started.elapsed();
        match result {
            Ok(outcome) => {
                println!("== {} {} in {}", step.name, words(outcome), readable(took));
                summary.push((step.name, outcome, took));
            }
            Err(error) => {
                summary.push((step.name, Outcome::Failed, took));
                print_summary(&summary, started.elapsed());
                return Err(Error::new(format!(
                    "step `{}` failed after {}: {error}\nTo run it alone: \
                     cargo xtask test --only {}",
                    step.name,
                    readable(took),
                    step.name
                )));
            }
        }
    }
    print_summary(&summary, started.elapsed());
    Ok(())
}

/// What these steps need of the machine, each part once.
fn parts_of(steps: &[&Step]) -> Vec<Part> {
    let needed = |part: &Part| steps.iter().any(|step| step.needs.contains(part));
    Part::ALL.into_iter().filter(needed).collect()
}

fn print_summary(summary: &[(&str, Outcome, Duration)], total: Duration) {
    println!();
    for (name, outcome, took) in summary {
        println!("{name:<10} {:>12}  {}", readable(*took), words(*outcome));
    }
    println!("{:<10} {:>12}", "all", readable(total));
}

fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed => "FAILED".to_owned(),
        Outcome::Skipped(why) => format!("skipped ({why})"),
    }
}

fn readable(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 60 {
        0 => format!("{:.1} s", time.as_secs_f64()),
        minutes => format!("{minutes} min {:02} s", seconds % 60),
    }
}

fn fmt(ready: &Ready) -> Result<Outcome> {
    passes(ready.cargo().args(["fmt", "--all", "--check"]))
}

fn features(ready: &Ready) -> Result<Outcome> {
    let mut zepter = std::process::Command::new(setup::zepter::program(ready.workspace));
    passes(
        zepter
            .current_dir(&ready.workspace.root)
            .args(["run", "check"]),
    )
}

fn build(ready: &Ready) -> Result<Outcome> {
    passes(
        ready
            .cargo()
            .args(["build", "--workspace", "--all-targets", "--locked"]),
    )
}

/// Lints the native code. The wasm is left out: clippy hands its own compiler down to the build of
/// the wasm, and that compiler may lack the target. Clippy's build scripts are separate from those
/// of the other steps, so this dirties nothing.
fn clippy(ready: &Ready) -> Result<Outcome> {
    let mut cargo = ready.cargo();
    cargo.env("SKIP_WASM_BUILD", "1");
    passes(cargo.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-Dwarnings",
    ]))
}

fn docs(ready: &Ready) -> Result<Outcome> {
    let mut cargo = ready.cargo();
    cargo.env("RUSTDOCFLAGS", "-Dwarnings");
    passes(cargo.args(["doc", "--workspace", "--no-deps", "--locked"]))
}

/// The tests of the runtime upgrade to a second wasm, so that is built first.
fn tests(ready: &Ready) -> Result<Outcome> {
    let upgrade = upgrade::build(ready)?;
    let mut cargo = ready.cargo();
    cargo.env("CAISSON_UPGRADE_WASM", upgrade);
    passes(cargo.args(["test", "--workspace", "--locked"]))
}

fn prove(ready: &Ready) -> Result<Outcome> {
    if !ready.workspace.root.join("risk/proofs").is_dir() {
        return Ok(Outcome::Skipped("there is no risk/proofs"));
    }
    proofs::run(ready, &[]).map(|()| Outcome::Passed)
}

fn specs(ready: &Ready) -> Result<Outcome> {
    let binary = node::build(ready)?;
    chain_specs::check(ready.workspace, &binary).map(|()| Outcome::Passed)
}

fn examples(ready: &Ready) -> Result<Outcome> {
    examples::run(ready).map(|()| Outcome::Passed)
}

fn guides(ready: &Ready) -> Result<Outcome> {
    guides::run(ready).map(|()| Outcome::Passed)
}

fn short_network(ready: &Ready) -> Result<Outcome> {
    network::run(ready, Form::Short).map(|()| Outcome::Passed)
}

fn oracle(ready: &Ready) -> Result<Outcome> {
    network::run(ready, Form::Oracle).map(|()| Outcome::Passed)
}

fn crash(ready: &Ready) -> Result<Outcome> {
    network::run(ready, Form::Crash).map(|()| Outcome::Passed)
}

fn passes(command: &mut std::process::Command) -> Result<Outcome> {
    process::run(command).map(|()| Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_should_count_minutes_when_there_are_any() {
        assert_eq!(readable(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(readable(Duration::from_secs(59)), "59.0 s");
        assert_eq!(readable(Duration::from_secs(61)), "1 min 01 s");
        assert_eq!(readable(Duration::from_secs(3_600)), "60 min 00 s");
    }

    #[test]
    fn parts_of_should_be_everything_when_all_steps_run() {
        assert_eq!(parts_of(&STEPS.iter().collect::<Vec<_>>()), Part::ALL);
    }

    #[test]
    fn parts_of_should_be_nothing_when_only_formatting_is_checked() {
        let fmt: Vec<&Step> = STEPS.iter().filter(|step| step.name == "fmt").collect();
        assert_eq!(parts_of(&fmt), []);
    }

    #[test]
    fn step_names_should_be_unique() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(STEPS[index + 1..]
                .iter()
                .all(|other| other.name != step.name));
        }
    }
}
