//! Orders of all kinds, ladders, agents.

use crate::{
    program::{has, has_values, words, Program, ALICE, BOB, CHARLIE},
    trade_steps::Accounts,
};
use serde_json::{json, Value};

/// The numbers of the live orders of an account.
fn live(program: &Program, account: &str) -> Vec<u64> {
    let orders = program.json(&["orders", account])["orders"].clone();
    let orders = orders.as_array().expect("a list");
    orders
        .iter()
        .map(|order| order["order"].as_u64().expect("a number"))
        .collect()
}

pub fn orders_of_all_kinds(program: &Program, accounts: Accounts) {
    let alice = program.with_key(ALICE);
    let account = accounts.alice();
    let order = |more: &[&str]| alice.json(&[&["order", &account, "BTC-PERP"], more].concat());

    // Nobody is there to trade with.
    let market = order(&["buy", "0.01", "--market", "--slippage", "0.2"]);
    has_values(
        &market,
        &[
            ("/status", json!("cancelled")),
            ("/cancelled", json!("Unfilled")),
            ("/limit", json!("60120")),
        ],
    );
    let text = alice.text(&[
        "order", &account, "BTC-PERP", "buy", "0.01", "--limit", "60000", "--ioc",
    ]);
    has(&text, &["what was left is cancelled: nobody took it"]);

    // One of each that rests or sleeps.
    let until = order(&[
        "buy",
        "0.01",
        "--limit",
        "59000",
        "--good-till",
        "600",
        "--id",
        "4",
    ]);
    has_values(&until, &[("/status", json!("rests")), ("/id", json!(4))]);
    let stop = order(&[
        "sell",
        "0.1",
        "--market",
        "--reduce-only",
        "--when-below",
        "55000",
    ]);
    has_values(
        &stop,
        &[("/status", json!("sleeps")), ("/limit", json!(null))],
    );
    let text = alice.text(&[
        "order",
        &account,
        "0",
        "buy",
        "0.01",
        "--limit",
        "66000",
        "--when-above",
        "65900",
    ]);
    has(&text, &["it sleeps until its trigger"]);
    let maker = order(&["sell", "0.02", "--limit", "60300", "--post-only"]);
    assert_eq!(maker["status"], "rests");

    let listed = program.json(&["orders", &account]);
    let orders = listed["orders"].as_array().expect("a list");
    assert_eq!(orders.len(), 4);
    let find = |number: &Value| {
        let mut orders = orders.iter();
        orders
            .find(|one| one["order"] == *number)
            .expect("the order lives")
    };
    has_values(
        find(&stop["order"]),
        &[
            ("/trigger/direction", json!("below")),
            ("/trigger/price", json!("55000")),
            ("/reduce_only", json!(true)),
            ("/limit", json!(null)),
        ],
    );
    assert!(find(&until["order"])["expires_at"].is_u64());
    let text = program.text(&["orders", &account]);
    has(
        &text,
        &["mark <= 55000", "mark >= 65900", "reduce only", "until "],
    );

    // Post-only is cancelled where it would be filled at once.
    let bob = program.with_key(BOB);
    let taker = bob.json(&[
        "order",
        &accounts.bob(),
        "0",
        "buy",
        "0.02",
        "--limit",
        "60300",
        "--post-only",
    ]);
    has_values(
        &taker,
        &[
            ("/status", json!("cancelled")),
            ("/cancelled", json!("WouldTake")),
        ],
    );

    // A part of it is filled, the rest rests.
    let part = bob.json(&[
        "order",
        &accounts.bob(),
        "0",
        "buy",
        "0.03",
        "--limit",
        "60300",
    ]);
    has_values(
        &part,
        &[
            ("/status", json!("rests")),
            ("/filled", json!("0.02")),
            ("/rests", json!("0.01")),
        ],
    );
    // Back to nothing for both.
    let back = alice.json(&["order", &account, "0", "buy", "0.02", "--limit", "60200"]);
    assert_eq!(back["status"], "rests");
    bob.json(&["cancel", &accounts.bob()]);
    let sold = bob.json(&[
        "order",
        &accounts.bob(),
        "0",
        "sell",
        "0.02",
        "--limit",
        "60200",
        "--reduce-only",
    ]);
    assert_eq!(sold["status"], "filled");
    assert_eq!(
        program.json(&["positions", &account])["positions"],
        json!([])
    );
}

pub fn amending(program: &Program, accounts: Accounts) {
    let alice = program.with_key(ALICE);
    let account = accounts.alice();
    let placed = alice.json(&[
        "order", &account, "ETH-PERP", "buy", "0.5", "--limit", "2900",
    ]);
    let number = placed["order"].to_string();
    let less = alice.json(&[
        "amend", &account, "ETH-PERP", &number, "--limit", "2900", "--amount", "0.4",
    ]);
    has_values(
        &less,
        &[
            ("/kept_place", json!(true)),
            ("/amount", json!("0.4")),
            ("/rests", json!("0.4")),
        ],
    );
    let text = alice.text(&[
        "amend", &account, "1", &number, "--limit", "2900.01", "--amount", "0.4",
    ]);
    has(
        &text,
        &["is for 0.4 ETH at 2900.01 now, and has a new place in the book"],
    );
}

pub fn cancelling(program: &Program, accounts: Accounts) {
    let alice = program.with_key(ALICE);
    let account = accounts.alice();
    let before = live(program, &account);
    assert_eq!(before.len(), 4, "{before:?}");

    let named = alice.json(&["cancel", &account, "BTC-PERP", "--id", "4"]);
    let cancelled = named["cancelled"].as_array().expect("a list");
    assert_eq!(cancelled.len(), 1);
    let eth = program.json(&["orders", &account])["orders"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|order| order["symbol"] == "ETH-PERP")
        .expect("the amended order")["order"]
        .to_string();
    has(
        &alice.text(&["cancel", &account, "ETH-PERP", &eth]),
        &[&format!("Order {eth} in ETH-PERP is cancelled")],
    );
    let market = alice.json(&["cancel", &account, "BTC-PERP"]);
    assert_eq!(market["cancelled"].as_array().map(Vec::len), Some(2));
    has(
        &alice.text(&["cancel", &account]),
        &["There was nothing to cancel"],
    );
    has(&program.text(&["orders", &account]), &["has no orders."]);

    let switch = alice.json(&["cancel-at", &account, "300"]);
    assert!(switch["cancel_at"].is_u64(), "{switch}");
    assert_eq!(
        program.json(&["orders", &account])["cancel_at"],
        switch["cancel_at"]
    );
    has(
        &program.text(&["orders", &account]),
        &["All are cancelled in "],
    );
    has(
        &alice.text(&["cancel-at", &account, "60"]),
        &["are cancelled in 60 s, unless"],
    );
    has(
        &alice.text(&["cancel-at", &account, "never"]),
        &["stay until they are cancelled"],
    );
    assert_eq!(
        program.json(&["orders", &account])["cancel_at"],
        json!(null)
    );
}

pub fn ladder(program: &Program, accounts: Accounts) {
    let alice = program.with_key(ALICE);
    let account = accounts.alice();
    let arguments = [
        "ladder", &account, "ETH-PERP", "--size", "0.01", "--levels", "2", "--spread", "0.2",
    ];
    let ladder = alice.json(&arguments);
    let prices: Vec<(&Value, &Value)> = ladder["quotes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|quote| (&quote["side"], &quote["price"]))
        .collect();
    let (buy, sell) = (json!("buy"), json!("sell"));
    assert_eq!(
        prices,
        [
            (&buy, &json!("2997")),
            (&sell, &json!("3003")),
            (&buy, &json!("2994")),
            (&sell, &json!("3006"))
        ]
    );
    assert_eq!(ladder["cancelled"], 0);
    assert_eq!(live(program, &account).len(), 4);

    // The inner two stay where they are; the outer two are replaced.
    let text = alice.text(&[&arguments[..], &["--step", "0.2"]].concat());
    has(&text, &["around 3000; 2 earlier ones are cancelled"]);
    assert!(
        text.lines()
            .any(|line| words(line)[..3] == ["buy", "2991", "0.01"]),
        "{text}"
    );
    let depth = program.json(&["depth", "ETH-PERP"]);
    has_values(
        &depth,
        &[
            ("/asks/0/price", json!("3003")),
            ("/asks/1/price", json!("3009")),
        ],
    );
    let gone = alice.json(&["cancel", &account, "ETH-PERP"]);
    assert_eq!(gone["cancelled"].as_array().map(Vec::len), Some(4));

    // A quote that is refused says why: the band is 10 %.
    let wide = alice.json(&[
        "ladder", &account, "1", "--size", "0.01", "--levels", "1", "--spread", "40",
    ]);
    let refused = wide["quotes"][0]["refused"].as_str().expect("words");
    has(
        refused,
        &["Exchange.OutsideBand: The limit is further from the mark"],
    );
}

pub fn agents(program: &Program, accounts: Accounts) {
    let (alice, charlie) = (program.with_key(ALICE), program.with_key(CHARLIE));
    let account = accounts.alice();
    let order = [
        "order", &account, "BTC-PERP", "buy", "0.01", "--limit", "59000",
    ];
    has(&charlie.fails(&order), &["Exchange.NotOwner: "]);

    has(
        &alice.text(&["account", "agent", "add", CHARLIE]),
        &["may trade with all accounts of"],
    );
    let placed = charlie.json(&order);
    has_values(
        &placed,
        &[
            ("/account", json!(accounts.alice)),
            ("/status", json!("rests")),
        ],
    );
    // What is refused inside is an error of the whole.
    let large = [
        "order", &account, "BTC-PERP", "buy", "90", "--limit", "59000",
    ];
    has(&charlie.fails(&large), &["Exchange.NotEnoughMargin: "]);
    let cancelled = charlie.json(&["cancel", &account]);
    assert_eq!(cancelled["cancelled"][0]["order"], placed["order"]);
    assert_eq!(
        charlie.json(&["account", "leverage", &account, "0"])["leverage"],
        0
    );
    has(
        &charlie.fails(&["withdraw", &account, "1"]),
        &["Margin.NotOwner: "],
    );

    let removed = alice.json(&["account", "agent", "remove", CHARLIE]);
    assert_eq!(removed["may_trade"], false);
    has(&charlie.fails(&order), &["Exchange.NotOwner: "]);
}
