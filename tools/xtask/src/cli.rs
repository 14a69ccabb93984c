//! The command line: what can be asked for.

mod help;

use crate::checks;
use crate::demo;
use crate::error::{Error, Result};
use crate::network::Form;
use crate::weights;
use help::{
    HELP, HELP_CHAIN_SPECS, HELP_NETWORK_TEST, HELP_PROVE, HELP_RUN, HELP_SETUP, HELP_SIDE_BY_SIDE,
    HELP_TEST, HELP_WEIGHTS,
};
use std::path::PathBuf;

/// One request, checked and complete.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print this text.
    Help(&'static str),
    /// Make the machine ready for everything.
    Setup,
    /// Start a chain whose markets trade.
    Run(demo::Request),
    /// Run the checks of CI.
    Test {
        /// Names of the steps to run; all if empty.
        only: Vec<String>,
        /// Print the steps instead of running them.
        list: bool,
    },
    /// Prove the arithmetic.
    Prove {
        /// Further arguments for the prover.
        args: Vec<String>,
    },
    /// Write the chain specifications.
    ChainSpecs {
        /// Folder to write to; `chain-specs` if none.
        out: Option<PathBuf>,
        /// Node to ask; built from this checkout if none.
        node: Option<PathBuf>,
    },
    /// Measure weights.
    Weights(weights::Request),
    /// Play the trigger index against other finders.
    SideBySide {
        /// Arguments for the program that plays it.
        args: Vec<String>,
    },
    /// Run a network of validators and check it.
    NetworkTest {
        /// What it is tested for.
        form: Form,
    },
}

/// Reads the command line, without the program's name.
pub fn parse(arguments: &[String]) -> Result<Command> {
    let Some((command, rest)) = arguments.split_first() else {
        return Ok(Command::Help(HELP));
    };
    let mut options = Options {
        command,
        rest: rest.iter(),
    };
    match command.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help(HELP)),
        "setup" => parse_setup(&mut options),
        "run" => parse_run(&mut options),
        "test" => parse_test(&mut options),
        "prove" => parse_prove(&mut options),
        "chain-specs" => parse_chain_specs(&mut options),
        "network-test" => parse_network_test(&mut options),
        "weights" => parse_weights(&mut options),
        "side-by-side" => parse_side_by_side(&mut options),
        other => Err(Error::new(format!(
            "there is no command `{other}`; `cargo xtask --help` lists them"
        ))),
    }
}

/// The arguments after the command's name.
struct Options<'a> {
    command: &'a str,
    rest: std::slice::Iter<'a, String>,
}

impl Options<'_> {
    /// The next argument, `--name=value` split in two.
    fn next(&mut self) -> Option<(&str, Option<&str>)> {
        let argument = self.rest.next()?;
        match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => Some((name, Some(value))),
            _ => Some((argument, None)),
        }
    }

    /// The value of an option: what followed `=`, or else the next argument.
    fn value(&mut self, name: &str, inline: Option<String>) -> Result<String> {
        inline
            .or_else(|| self.rest.next().cloned())
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Error::new(format!(
                    "{name} needs a value; see `cargo xtask {} --help`",
                    self.command
                ))
            })
    }

    /// Everything that is left.
    fn remaining(&mut self) -> Vec<String> {
        self.rest.by_ref().cloned().collect()
    }

    fn unknown(&self, argument: &str) -> Error {
        Error::new(format!(
            "`{}` doesn't know `{argument}`; see `cargo xtask {} --help`",
            self.command, self.command
        ))
    }

    /// The next argument with its name and value owned, so that more can be read meanwhile.
    fn next_owned(&mut self) -> Option<(String, Option<String>)> {
        self.next()
            .map(|(name, value)| (name.to_owned(), value.map(str::to_owned)))
    }
}

fn parse_setup(options: &mut Options) -> Result<Command> {
    match options.next_owned() {
        None => Ok(Command::Setup),
        Some((name, None)) if is_help(&name) => Ok(Command::Help(HELP_SETUP)),
        Some((name, _)) => Err(options.unknown(&name)),
    }
}

fn parse_run(options: &mut Options) -> Result<Command> {
    let mut request = demo::Request::default();
    while let Some((name, inline)) = options.next_owned() {
        match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help(HELP_RUN)),
            "--history" => request.history = Some(options.value(&name, inline)?),
            "--no-bots" | "--plain" | "--json" if inline.is_none() => request.options.push(name),
            "--speed" | "--nodes" | "--keep" | "--rpc-port" | "--blocks" => {
                let value = options.value(&name, inline)?;
                if name != "--keep" && !value.parse::<f64>().is_ok_and(|number| number > 0.0) {
                    return Err(Error::new(format!(
                        "{name} needs a number above zero, not `{value}`; see `cargo xtask run --help`"
                    )));
                }
                if name == "--nodes" && !["1", "2", "3", "4"].contains(&value.as_str()) {
                    return Err(Error::new(format!(
                        "--nodes is 1 to 4, not `{value}`: the chain's first validators"
                    )));
                }
                request.options.extend([name, value]);
            }
            "--" => request.node_args = options.remaining(),
            other => {
                return Err(Error::new(format!(
                    "`run` doesn't know `{other}`; arguments of the node come after ` -- `, \
                     see `cargo xtask run --help`"
                )))
            }
        }
    }
    Ok(Command::Run(request))
}

fn parse_test(options: &mut Options) -> Result<Command> {
    let mut only = Vec::new();
    let mut list = false;
    while let Some((name, inline)) = options.next_owned() {
        match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help(HELP_TEST)),
            "--list" => list = true,
            "--only" => only.push(checks::known_step(&options.value(&name, inline)?)?),
            other => return Err(options.unknown(other)),
        }
    }
    Ok(Command::Test { only, list })
}

fn parse_prove(options: &mut Options) -> Result<Command> {
    match options.next_owned() {
        None => Ok(Command::Prove { args: Vec::new() }),
        Some((name, None)) if is_help(&name) => Ok(Command::Help(HELP_PROVE)),
        Some((name, None)) if name == "--" => Ok(Command::Prove {
            args: options.remaining(),
        }),
        Some((name, _)) => Err(options.unknown(&name)),
    }
}

fn parse_chain_specs(options: &mut Options) -> Result<Command> {
    let mut out = None;
    let mut node = None;
    while let Some((name, inline)) = options.next_owned() {
        match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help(HELP_CHAIN_SPECS)),
            "--out" => out = Some(options.value(&name, inline)?.into()),
            "--node" => node = Some(options.value(&name, inline)?.into()),
            other => return Err(options.unknown(other)),
        }
    }
    Ok(Command::ChainSpecs { out, node })
}

fn parse_network_test(options: &mut Options) -> Result<Command> {
    let mut asked = None;
    while let Some((name, _)) = options.next_owned() {
        let form = match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help(HELP_NETWORK_TEST)),
            "--short" => Form::Short,
            "--oracle" => Form::Oracle,
            "--crash" => Form::Crash,
            other => return Err(options.unknown(other)),
        };
        if asked.is_some_and(|before| before != form) {
            return Err(Error::new(
                "--short, --oracle and --crash are tests of their own; run one after the other",
            ));
        }
        asked = Some(form);
    }
    Ok(Command::NetworkTest {
        form: asked.unwrap_or(Form::Full),
    })
}

fn parse_weights(options: &mut Options) -> Result<Command> {
    let mut request = weights::Request::default();
    while let Some((name, inline)) = options.next_owned() {
        match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help(HELP_WEIGHTS)),
            "--list" => request.list = true,
            "--only" => request.only.push(options.value(&name, inline)?),
            "--out" => request.out = Some(options.value(&name, inline)?.into()),
            "--steps" => request.steps = count(&name, &options.value(&name, inline)?, 2)?,
            "--rounds" => request.rounds = count(&name, &options.value(&name, inline)?, 1)?,
            "--repeat" => request.repeat = count(&name, &options.value(&name, inline)?, 1)?,
            other => return Err(options.unknown(other)),
        }
    }
    Ok(Command::Weights(request))
}

fn parse_side_by_side(options: &mut Options) -> Result<Command> {
    match options.next_owned() {
        None => Ok(Command::SideBySide { args: Vec::new() }),
        Some((name, None)) if is_help(&name) => Ok(Command::Help(HELP_SIDE_BY_SIDE)),
        Some((name, None)) if name == "--" => Ok(Command::SideBySide {
            args: options.remaining(),
        }),
        Some((name, _)) => Err(options.unknown(&name)),
    }
}

/// A whole number that is at least this.
fn count(name: &str, value: &str, least: u32) -> Result<u32> {
    let number = value.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| {
        Error::new(format!(
            "{name} needs a whole number of at least {least}, not `{value}`"
        ))
    })
}

fn is_help(name: &str) -> bool {
    name == "--help" || name == "-h"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Command> {
        parse(
            &line
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn parse_should_give_the_overview_when_nothing_is_asked() {
        assert_eq!(parse_line(""), Ok(Command::Help(HELP)));
        assert_eq!(parse_line("--help"), Ok(Command::Help(HELP)));
    }

    #[test]
    fn parse_should_give_the_command_help_when_asked() {
        for (command, text) in [
            ("setup", HELP_SETUP),
            ("run", HELP_RUN),
            ("test", HELP_TEST),
            ("prove", HELP_PROVE),
            ("chain-specs", HELP_CHAIN_SPECS),
            ("network-test", HELP_NETWORK_TEST),
            ("weights", HELP_WEIGHTS),
            ("side-by-side", HELP_SIDE_BY_SIDE),
        ] {
            assert_eq!(
                parse_line(&format!("{command} --help")),
                Ok(Command::Help(text))
            );
        }
    }

    #[test]
    fn run_should_hand_on_what_follows_two_dashes() {
        assert_eq!(
            parse_line("run --keep=here --history crash --no-bots -- -lrpc=debug --help"),
            Ok(Command::Run(demo::Request {
                history: Some("crash".into()),
                options: vec!["--keep".into(), "here".into(), "--no-bots".into()],
                node_args: vec!["-lrpc=debug".into(), "--help".into()],
            }))
        );
    }

    #[test]
    fn run_should_say_where_node_arguments_go_when_one_is_misplaced() {
        let error = parse_line("run --pruning archive").unwrap_err().to_string();
        assert!(
            error.contains("--pruning") && error.contains(" -- "),
            "{error}"
        );
    }

    #[test]
    fn run_should_refuse_before_the_build_when_a_number_is_bad() {
        for line in [
            "run --speed fast",
            "run --nodes 0",
            "run --nodes 9",
            "run --blocks",
        ] {
            assert!(parse_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn test_should_collect_steps_when_only_is_repeated() {
        assert_eq!(
            parse_line("test --only fmt --only=clippy"),
            Ok(Command::Test {
                only: vec!["fmt".into(), "clippy".into()],
                list: false
            })
        );
    }

    #[test]
    fn test_should_name_the_steps_when_one_is_unknown() {
        let error = parse_line("test --only nonsense").unwrap_err().to_string();
        assert!(
            error.contains("nonsense") && error.contains("clippy"),
            "{error}"
        );
    }

    #[test]
    fn network_test_should_be_the_full_one_unless_another_is_asked_for() {
        for (line, form) in [
            ("network-test", Form::Full),
            ("network-test --short", Form::Short),
            ("network-test --oracle", Form::Oracle),
            ("network-test --crash", Form::Crash),
            ("network-test --oracle --oracle", Form::Oracle),
        ] {
            assert_eq!(parse_line(line), Ok(Command::NetworkTest { form }));
        }
    }

    #[test]
    fn network_test_should_refuse_two_forms_at_once() {
        for line in [
            "network-test --short --oracle",
            "network-test --crash --oracle",
        ] {
            let error = parse_line(line).unwrap_err().to_string();
            assert!(error.contains("one after the other"), "{error}");
        }
    }

    #[test]
    fn weights_should_collect_what_is_asked_and_refuse_what_measures_nothing() {
        let request = weights::Request {
            only: vec!["pallet_margin".into(), "overhead".into()],
            steps: 2,
            ..Default::default()
        };
        assert_eq!(
            parse_line("weights --only pallet_margin --only=overhead --steps 2"),
            Ok(Command::Weights(request))
        );
        for line in [
            "weights --steps 1",
            "weights --repeat 0",
            "weights --rounds 0",
            "weights --steps many",
        ] {
            assert!(parse_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn options_should_ask_for_their_value_when_it_is_missing() {
        for line in [
            "run --keep",
            "test --only",
            "chain-specs --out",
            "chain-specs --node=",
            "weights --only",
        ] {
            let error = parse_line(line).unwrap_err().to_string();
            assert!(error.contains("needs a value"), "{error}");
        }
    }

    #[test]
    fn every_command_should_refuse_what_it_does_not_know() {
        for command in [
            "setup",
            "run",
            "test",
            "prove",
            "chain-specs",
            "network-test",
            "weights",
        ] {
            let error = parse_line(&format!("{command} --nonsense"))
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("--nonsense") && error.contains("--help"),
                "{error}"
            );
        }
        assert!(parse_line("nonsense").is_err());
    }
}
