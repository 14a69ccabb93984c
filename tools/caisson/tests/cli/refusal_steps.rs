//! What is said when something is refused, and how the program ends.

use crate::{
    program::{has, has_values, Program, ALICE, BOB, DAVE},
    trade_steps::Accounts,
};
use serde_json::json;
use std::{
    fs,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

pub fn refused_by_the_chain(program: &Program, accounts: Accounts) {
    let (alice, bob) = (program.with_key(ALICE), program.with_key(BOB));
    let account = accounts.alice();
    has(
        &bob.fails(&["deposit", &account, "5"]),
        &["Margin.NotOwner: The account belongs to someone else"],
    );
    let error = alice.fails_in_json(&["withdraw", &account, "100000"]);
    has(&error, &["Margin.NotEnoughCollateral: "]);
    has(
        &alice.fails(&["account", "open", "9"]),
        &["Margin.BelowMinimumDeposit: "],
    );
    has(
        &alice.fails(&["account", "open", "10", "--sub", "0"]),
        &["Margin.AccountExists: "],
    );
    has(
        &alice.fails(&["cancel", &account, "BTC-PERP", "4000"]),
        &["Exchange.NoSuchOrder: "],
    );

    // A preview names the refusal, too; that is an answer, not a failure.
    let large = [
        "order",
        &account,
        "BTC-PERP",
        "buy",
        "5",
        "--limit",
        "60000",
        "--preview",
    ];
    let preview = program.json(&large);
    let refused = preview["refused"].as_str().expect("words");
    has(
        refused,
        &["Exchange.NotEnoughMargin: Not enough free initial margin. Deposit collateral"],
    );
    // 5 BTC need 14,400 of margin and 165 of reserves.
    let missing = preview["shortfall"].as_str().expect("money");
    let before = preview["initial_health_before"].as_str().expect("money");
    let quanta = |text: &str| -> u64 {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{places:0<12}").parse().expect("money")
    };
    assert_eq!(quanta(missing) + quanta(before), quanta("14565"));
    has(
        &program.text(&large),
        &[
            "It would be refused: Exchange.NotEnoughMargin",
            "Nothing was sent.",
        ],
    );
}

pub fn refused_before_sending(program: &Program, accounts: Accounts) {
    let alice = program.with_key(ALICE);
    let account = accounts.alice();
    let order = |price: &'static str, amount: &'static str| {
        alice.fails(&[
            "order", &account, "BTC-PERP", "buy", amount, "--limit", price,
        ])
    };
    has(
        &order("59970.05", "0.1"),
        &["59970.05 isn't on a tick of BTC-PERP; nearest are 59970 and 59970.1"],
    );
    has(
        &order("59970", "0.00015"),
        &["trades in steps of 0.0001 BTC"],
    );
    has(&order("cheap", "0.1"), &["`cheap` isn't a price"]);
    has(
        &alice.fails(&["deposit", &account, "0.0000001"]),
        &["more than 6 decimal places"],
    );
    has(
        &alice.fails(&["deposit", "4000000", "5"]),
        &["account 4000000: Margin.NoSuchAccount: "],
    );
    has(
        &program.fails(&["health", "4000000"]),
        &["account 4000000: Margin.NoSuchAccount: "],
    );
    has(
        &program.fails(&["deposit", &account, "5"]),
        &["this needs a key", "--key-file", "CAISSON_KEY"],
    );
    has(&program.fails(&["account", "list"]), &["this needs a key"]);
    has(
        &alice.fails(&["send", "5Nowhere", "1"]),
        &["`5Nowhere` isn't an address"],
    );

    // The key from a file, from the environment, and from a file that the environment names.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    fs::write(&file, format!("{DAVE}\n")).expect("writes");
    let name = file.to_str().expect("text");
    let dave = program.json(&["account", "list", DAVE])["owner"].clone();
    let list = ["account", "list"];
    for owner in [
        program.json(&[&list[..], &["--key-file", name]].concat()),
        program.with_key_in_environment(DAVE).json(&list),
        program
            .with_environment("CAISSON_KEY_FILE", name)
            .json(&list),
        // What the command line says goes before what the environment does.
        program
            .with_key_in_environment(BOB)
            .json(&[&list[..], &["--key-file", name]].concat()),
    ] {
        has_values(
            &owner,
            &[("/owner", dave.clone()), ("/accounts", json!([]))],
        );
    }
}

pub fn another_server(program: &Program, url: &str) {
    let error = program.fails(&["markets", "--url", url]);
    has(&error, &[&format!("no node answers at {url}")]);
}

pub fn reader_that_leaves(program: &Program) {
    let mut command = program.command(&["markets"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("caisson runs");
    // Nobody reads any more.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success(), "{:?}", output.status);
}

pub fn interrupt(program: &Program) {
    // Finality takes some seconds, in which the program waits.
    let alice = program.with_key(ALICE);
    let mut command = alice.command(&["send", DAVE, "1", "--final"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("caisson runs");
    sleep(Duration::from_millis(700));
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("it ends");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{error}");
    has(
        &error,
        &["error: interrupted; a transaction that was sent may still come"],
    );
}
