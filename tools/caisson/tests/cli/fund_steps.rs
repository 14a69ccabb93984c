//! Sending, insurance, withdrawals that wait, risk, the oracle, finality, closing.

use crate::{
    program::{has, has_values, words, Program, ALICE, BOB, DAVE},
    trade_steps::Accounts,
};
use serde_json::json;

pub fn sending(program: &Program) {
    let alice = program.with_key(ALICE);
    let balances = |program: &Program| program.json(&["account", "list", DAVE])["outside"].clone();
    assert_eq!(balances(program)["assets"][0]["amount"], "1000000");
    has(
        &alice.text(&["send", DAVE, "10.5"]),
        &["10.5 USDD went to 5"],
    );
    assert_eq!(balances(program)["assets"][0]["amount"], "1000010.5");
    let sent = alice.json(&["send", DAVE, "0.25", "--asset", "2"]);
    has_values(
        &sent,
        &[("/symbol", json!("BTCD")), ("/amount", json!("0.25"))],
    );
    has_values(
        &balances(program),
        &[
            ("/native", json!("10000000")),
            ("/assets/1/asset", json!(2)),
        ],
    );
    let sent = alice.json(&["send", DAVE, "3.5", "--csn"]);
    has_values(&sent, &[("/symbol", json!("CSN")), ("/asset", json!(null))]);
    assert_eq!(balances(program)["native"], "10000003.5");
}

pub fn insurance(program: &Program) {
    let bob = program.with_key(BOB);
    let before = program.json(&["insurance", "show", "1"]);
    has_values(
        &before,
        &[("/min_backing", json!("10")), ("/backer", json!(null))],
    );
    let fund = |program: &Program| {
        let shown = program.json(&["insurance", "show", "1"]);
        shown["insurance"].as_str().expect("money").to_owned()
    };
    has(
        &bob.text(&["insurance", "donate", "1", "7"]),
        &["7 USDD went to the insurance fund of compartment 1"],
    );
    let whole = |text: &str| text.parse::<u64>().expect("a whole number");
    assert_eq!(
        whole(&fund(program)),
        whole(before["insurance"].as_str().expect("money")) + 7
    );

    has(
        &program.text(&["insurance", "show", "1", BOB]),
        &["has no shares in it"],
    );
    let backed = bob.json(&["insurance", "back", "1", "100"]);
    // A quantum costs a million shares at first.
    let shares = "100000000000000000000";
    has_values(
        &backed,
        &[("/shares", json!(shares)), ("/held", json!(shares))],
    );
    has_values(
        &bob.json(&["insurance", "show", "1"]),
        &[
            ("/backers", json!("100")),
            ("/backer/shares", json!(shares)),
            ("/backer/value", json!("100")),
            ("/backer/leaving", json!(null)),
        ],
    );
    has(
        &bob.fails(&["insurance", "redeem", "1"]),
        &["Insurance.NotLeaving: "],
    );
    let leaving = bob.json(&["insurance", "leave", "1", "all"]);
    assert_eq!(leaving["shares"], shares);
    has(
        &bob.text(&["insurance", "show", "1"]),
        &["worth 100", "of them leave"],
    );
    has(
        &bob.fails(&["insurance", "redeem", "1"]),
        &["Insurance.CoolingDown: "],
    );
    has(
        &bob.text(&["insurance", "stay", "1"]),
        &[&format!("{shares} shares stay")],
    );
    let half = "50000000000000000000";
    has(
        &bob.text(&["insurance", "leave", "1", half]),
        &[&format!(
            "{half} shares leave; they can be redeemed in 168 h"
        )],
    );
    assert_eq!(bob.json(&["insurance", "stay", "1"])["shares"], half);
    has(
        &bob.fails(&["insurance", "leave", "1", "some"]),
        &["isn't a number of shares"],
    );
}

pub fn waiting_withdrawals(program: &Program) {
    let alice = program.with_key(ALICE);
    has(
        &program.text(&["withdrawals", "1"]),
        &["No withdrawal waits in compartment 1."],
    );
    let opened = alice.json(&[
        "account",
        "open",
        "600000",
        "--compartment",
        "1",
        "--sub",
        "7",
    ]);
    assert_eq!(opened["sub"], 7);
    let account = opened["account"].to_string();
    // More than the 100,000 that may leave in an hour.
    let queued = alice.json(&["withdraw", &account, "500000"]);
    assert_eq!(queued["status"], "queued");
    let number = queued["queued"].to_string();
    let listed = program.json(&["withdrawals", "1"]);
    has_values(
        &listed,
        &[
            ("/waiting/0/number", queued["queued"].clone()),
            ("/waiting/0/account", opened["account"].clone()),
            ("/to_claim", json!([])),
        ],
    );
    let text = program.text(&["withdrawals", "1"]);
    has(&text, &["waits"]);
    has(
        &alice.fails(&["withdrawals", "claim", "1", &number]),
        &["Margin.NoSuchWithdrawal: "],
    );
    has(
        &alice.fails(&["withdrawals", "cancel", "1", "99"]),
        &["Margin.NoSuchWithdrawal: "],
    );
    has(
        &program
            .with_key(BOB)
            .fails(&["withdrawals", "cancel", "1", &number]),
        &["Margin.NotOwner: "],
    );
    // The chain pays what room there is in the meantime; what is left comes back.
    let back = alice.json(&["withdrawals", "cancel", "1", &number]);
    assert_eq!(back["account"], opened["account"]);
    assert_eq!(program.json(&["withdrawals", "1"])["waiting"], json!([]));
    let second = alice.text(&["withdraw", &account, "400000"]);
    has(
        &second,
        &[
            "wait in the queue of compartment 1 as number",
            "caisson withdrawals cancel 1 ",
        ],
    );
    let number = program.json(&["withdrawals", "1"])["waiting"][0]["number"].to_string();
    has(
        &alice.text(&["withdrawals", "cancel", "1", &number]),
        &[&format!("are back in account {account}")],
    );
}

pub fn risk(program: &Program) {
    let all = program.json(&["risk"]);
    assert_eq!(all["markets"].as_array().map(Vec::len), Some(3));
    assert_eq!(all["compartments"].as_array().map(Vec::len), Some(2));
    has_values(
        &all,
        &[
            ("/chain/level", json!("Open")),
            ("/chain/unsafe_accounts", json!(0)),
            ("/markets/0/level", json!("Open")),
            ("/markets/0/open_interest", json!("0")),
            ("/markets/0/near_edge/0/move_percent", json!("1")),
            ("/compartments/1/backers", json!("100")),
        ],
    );
    let text = program.text(&["risk"]);
    has(
        &text,
        &[
            "Chain: level Open; 0 unsafe accounts, 0 of them wait",
            "BTC-PERP",
            "compartment",
        ],
    );
    assert_eq!(program.json(&["risk", "BTC-PERP"])["mark"], "60000");
    has(
        &program.text(&["risk", "0"]),
        &["BTC-PERP: level Open", "would be liquidated by a move of"],
    );
    assert_eq!(program.json(&["risk", "chain"])["backlog"], 0);
    has(&program.text(&["risk", "chain"]), &["Chain: level Open"]);
    assert_eq!(
        program.json(&["risk", "compartment", "1"])["backers"],
        "100"
    );
    let text = program.text(&["risk", "compartment", "1"]);
    assert!(
        text.lines().any(|line| words(line) == ["backers", "100"]),
        "{text}"
    );
    has(
        &program.fails(&["risk", "compartment", "9"]),
        &["Margin.NoSuchCompartment: "],
    );
}

pub fn oracle(program: &Program) {
    let status = program.json(&["oracle"]);
    has_values(
        &status,
        &[
            ("/feeds/0/symbol", json!("BTC/USD")),
            ("/feeds/0/status", json!("Live")),
            ("/feeds/0/price", json!("60000")),
            ("/feeds/1/price", json!("3000")),
            ("/validators/0/weight_percent", json!("100")),
        ],
    );
    let text = program.text(&["oracle"]);
    has(
        &text,
        &["BTC/USD", "Live", "60000.00", "100 %", "In this session:"],
    );
}

pub fn finality(program: &Program, accounts: Accounts) {
    let alice = program.with_key(ALICE);
    let included = alice.json(&["deposit", &accounts.alice(), "1"]);
    assert_eq!(included["block"]["final"], false);
    let last = alice.json(&["withdraw", &accounts.alice(), "1", "--final"]);
    assert_eq!(last["block"]["final"], true);
}

pub fn closing(program: &Program, accounts: Accounts) {
    let text = program
        .with_key(BOB)
        .text(&["account", "close", &accounts.bob()]);
    has(
        &text,
        &[
            &format!("Account {} is closed; ", accounts.bob),
            " USDD were paid",
        ],
    );
    has(
        &program.fails(&["health", &accounts.bob()]),
        &["Margin.NoSuchAccount: "],
    );
}
