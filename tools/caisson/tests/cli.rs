//! The program `caisson` against a real node: every command, in text and in JSON, and what it says when something is
//! refused.
//!
//! One node serves all steps, which follow each other: a start takes longer than they do. Its prices never move, so that
//! the worked figures of `docs/trading.md` are exact.

#[path = "cli/fund_steps.rs"]
mod fund_steps;
#[path = "cli/network.rs"]
mod network;
#[path = "cli/order_steps.rs"]
mod order_steps;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/refusal_steps.rs"]
mod refusal_steps;
#[path = "cli/trade_steps.rs"]
mod trade_steps;

use network::Network;
use program::Program;

#[test]
fn every_command_should_do_what_it_says_when_a_node_runs() {
    let network = Network::start();
    let program = Program::at(&network.url());
    trade_steps::wait_for_prices(&program);

    trade_steps::markets(&program);
    let accounts = trade_steps::accounts(&program);
    trade_steps::money(&program, accounts);
    trade_steps::worked_example(&program, accounts);
    trade_steps::closing_a_position(&program, accounts);

    order_steps::orders_of_all_kinds(&program, accounts);
    order_steps::amending(&program, accounts);
    order_steps::cancelling(&program, accounts);
    order_steps::ladder(&program, accounts);
    order_steps::agents(&program, accounts);

    fund_steps::sending(&program);
    fund_steps::insurance(&program);
    fund_steps::waiting_withdrawals(&program);
    fund_steps::risk(&program);
    fund_steps::oracle(&program);
    fund_steps::finality(&program, accounts);

    refusal_steps::refused_by_the_chain(&program, accounts);
    refusal_steps::refused_before_sending(&program, accounts);
    refusal_steps::another_server(&program, &network.prices_url());
    refusal_steps::reader_that_leaves(&program);
    refusal_steps::interrupt(&program);

    fund_steps::closing(&program, accounts);
}

#[test]
fn command_should_say_how_to_start_a_node_when_none_answers() {
    let program = Program::at(&format!("ws://127.0.0.1:{}", network::free_port()));
    let error = program.fails(&["markets"]);
    assert!(
        error.contains("no node answers at ws://127.0.0.1:"),
        "{error}"
    );
    assert!(error.contains("--url"), "{error}");
    let error = program.fails_in_json(&["markets"]);
    assert!(error.contains("no node answers"), "{error}");
}

#[test]
fn command_should_not_repeat_a_secret_when_it_is_wrong() {
    let program = Program::at("ws://127.0.0.1:1");
    let secret = "not a secret phrase of mine";
    let error = program.with_key(secret).fails(&["account", "list"]);
    assert!(error.contains("the key isn't one"), "{error}");
    assert!(!error.contains(secret), "{error}");
    let error = program.fails(&["account", "list", "--key-file", "/nowhere/key"]);
    assert!(
        error.contains("can't read the key file /nowhere/key"),
        "{error}"
    );
}

#[test]
fn help_should_have_examples_and_no_secret_when_a_key_is_in_the_environment() {
    let program = Program::at("ws://127.0.0.1:1").with_key_in_environment("//Secret");
    for command in [
        &["help"][..],
        &["order", "--help"],
        &["help", "account", "open"],
        &["help", "insurance", "leave"],
    ] {
        let help = program.text(command);
        assert!(
            help.contains("Example") || help.contains("A round trip"),
            "{help}"
        );
        assert!(!help.contains("Secret"), "{help}");
    }
    let orders = program.text(&["help", "order"]);
    for word in ["--preview", "--when-below", "AMOUNT is in the base"] {
        assert!(orders.contains(word), "{word}: {orders}");
    }
    for command in ["bots", "view"] {
        assert!(program.text(&[command, "--help"]).contains("Usage"));
    }
    assert!(program.text(&["--version"]).starts_with("caisson "));
}

#[test]
fn command_should_end_with_two_when_it_is_not_understood() {
    let program = Program::at("ws://127.0.0.1:1");
    for wrong in [
        &["markts"][..],
        &["order", "0", "BTC-PERP", "buy", "0.1"],
        &["order", "0", "BTC-PERP", "hold", "0.1", "--market"],
        &["cancel-at", "0", "soon"],
        &["withdrawals"],
    ] {
        assert_eq!(program.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}
