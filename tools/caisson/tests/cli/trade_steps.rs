//! Markets, accounts, money, and the worked example of the guide for traders.

use crate::program::{has, has_values, words, Program, ALICE, BOB};
use serde_json::{json, Value};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a fresh chain may take until it has a price.
const PATIENCE: Duration = Duration::from_secs(120);

/// The accounts of the example.
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    pub alice: u64,
    pub bob: u64,
}

impl Accounts {
    pub fn alice(&self) -> String {
        self.alice.to_string()
    }

    pub fn bob(&self) -> String {
        self.bob.to_string()
    }
}

/// Waits until both markets trade on live prices.
pub fn wait_for_prices(program: &Program) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let output = program.run(&["markets", "--json"]);
        let markets: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let lives =
            |market: &Value| market["phase"] == "Trading" && market["prices"]["status"] == "Live";
        if markets.as_array().is_some_and(|all| all.iter().all(lives)) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "no live prices after {PATIENCE:?}: {markets:#} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        sleep(Duration::from_millis(500));
    }
}

pub fn markets(program: &Program) {
    let markets = program.json(&["markets"]);
    let symbols: Vec<&Value> = markets
        .as_array()
        .expect("a list")
        .iter()
        .map(|market| &market["symbol"])
        .collect();
    assert_eq!(symbols, ["BTC-PERP", "ETH-PERP", "ETH-PERP-B"]);
    let text = program.text(&["markets"]);
    let line = text
        .lines()
        .find(|line| line.starts_with("BTC-PERP"))
        .expect("a line");
    let parts = words(line);
    assert_eq!(
        parts[..7],
        ["BTC-PERP", "0", "0", "Trading", "Live", "60000.0", "60000.0"]
    );

    let by_number = program.json(&["markets", "0"]);
    let by_symbol = program.json(&["markets", "btc-perp"]);
    assert_eq!(by_number["symbol"], by_symbol["symbol"]);
    has_values(
        &by_number,
        &[
            ("/prices/mark", json!("60000")),
            ("/prices/index", json!("60000")),
            ("/prices/mark_quanta_per_lot", json!("6000000000000")),
            ("/tick", json!("0.1")),
            ("/lot", json!("0.0001")),
            ("/fees/0/taker_percent", json!("0.05")),
            ("/fees/0/maker_percent", json!("-0.005")),
            ("/open_interest", json!("0")),
            ("/max_order", json!("100")),
        ],
    );
    let detail = program.text(&["markets", "BTC-PERP"]);
    has(
        &detail,
        &[
            "market 0 of compartment 0: perpetual, Trading",
            "3.2 %",
            "4.8 %",
            "100 BTC",
        ],
    );
    has(
        &program.fails(&["markets", "DOGE-PERP"]),
        &[
            "there is no market `DOGE-PERP`",
            "BTC-PERP (0)",
            "ETH-PERP-B (2)",
        ],
    );
    has(
        &program.text(&["depth", "BTC-PERP"]),
        &["The book of BTC-PERP is empty."],
    );
}

pub fn accounts(program: &Program) -> Accounts {
    let alice = program.with_key(ALICE);
    let opened = alice.json(&["account", "open", "1000"]);
    has_values(
        &opened,
        &[
            ("/sub", json!(0)),
            ("/compartment", json!(0)),
            ("/amount", json!("1000")),
        ],
    );
    let text = program.with_key(BOB).text(&["account", "open", "1000"]);
    has(&text, &["is open in compartment 0, sub 0, with 1000 USDD"]);
    let bob: u64 = words(&text)[1].parse().expect("the number of the account");
    let number = opened["account"].as_u64().expect("a number");
    assert_eq!(bob, number + 1);

    let listed = program.json(&["account", "list", ALICE]);
    has_values(
        &listed,
        &[
            ("/accounts/0/account", json!(number)),
            ("/accounts/0/equity", json!("1000")),
            ("/accounts/0/withdrawable", json!("1000")),
            ("/outside/assets/0/symbol", json!("USDD")),
            ("/outside/assets/0/amount", json!("999000")),
            ("/outside/assets/1/symbol", json!("BTCD")),
        ],
    );
    // The owner of the key, by its address.
    let owner = listed["owner"].as_str().expect("an address");
    let own = alice.text(&["account", "list"]);
    assert_eq!(own.lines().next(), Some(format!("Owner {owner}").as_str()));
    assert_eq!(
        program.json(&["account", "list", owner])["accounts"],
        listed["accounts"]
    );
    has(
        &program.text(&["account", "list", "//Ferdie"]),
        &["No accounts; `caisson account open AMOUNT` opens one."],
    );
    Accounts { alice: number, bob }
}

pub fn money(program: &Program, accounts: Accounts) {
    let alice = program.with_key(ALICE);
    let account = accounts.alice();
    let deposited = alice.json(&["deposit", &account, "250.5"]);
    assert_eq!(deposited["money"], "1250.5");
    has(
        &alice.text(&["deposit", &account, "0.5"]),
        &["0.5 USDD came into account", "which has 1251 USDD now"],
    );
    let withdrawn = alice.json(&["withdraw", &account, "250"]);
    has_values(
        &withdrawn,
        &[
            ("/status", json!("paid")),
            ("/money", json!("1001")),
            ("/queued", json!(null)),
        ],
    );
    has(
        &alice.text(&["withdraw", &account, "1"]),
        &["1 USDD were paid; account", "has 1000 USDD now"],
    );

    // Other collateral, in whole lots.
    has(
        &alice.text(&["deposit", &account, "0.00001", "--asset", "2"]),
        &["0.00001 BTCD came into"],
    );
    let health = alice.json(&["health", &account]);
    has_values(
        &health,
        &[
            ("/other_collateral/0/symbol", json!("BTCD")),
            ("/other_collateral/0/amount", json!("0.00001")),
            ("/money", json!("1000")),
        ],
    );
    has(
        &alice.text(&["health", &account]),
        &["Other collateral: 0.00001 BTCD"],
    );
    let back = alice.json(&["withdraw", &account, "0.00001", "--asset", "2"]);
    has_values(&back, &[("/status", json!("paid")), ("/asset", json!(2))]);

    // A second account of the same owner, found by itself under the next number.
    let second = alice.json(&["account", "open", "20"]);
    assert_eq!(second["sub"], 1);
    let second = second["account"].to_string();
    has(
        &alice.text(&["transfer", &account, &second, "30"]),
        &[&format!(
            "30 USDD went from account {account} to account {second}"
        )],
    );
    let back = alice.json(&["transfer", &second, &account, "30"]);
    assert_eq!(back["amount"], "30");
    assert_eq!(alice.json(&["health", &account])["money"], "1000");
    let closed = alice.json(&["account", "close", &second]);
    has_values(
        &closed,
        &[("/amount", json!("20")), ("/queued", json!(null))],
    );
}

/// The worked figures of `docs/trading.md`, "Fills and fees" and "Initial margin".
pub fn worked_example(program: &Program, accounts: Accounts) {
    let (alice, bob) = (program.with_key(ALICE), program.with_key(BOB));
    let (hers, his) = (accounts.alice(), accounts.bob());

    let bid = ["order", &hers, "BTC-PERP", "buy", "0.1", "--limit", "59970"];
    let preview = program.json(&[&bid[..], &["--preview"]].concat());
    has_values(
        &preview,
        &[
            ("/limit", json!("59970")),
            ("/initial_health_before", json!("1000")),
            ("/initial_health_after", json!("708.7")),
            ("/shortfall", json!("0")),
            ("/refused", json!(null)),
        ],
    );
    let placed = alice.json(&bid);
    has_values(
        &placed,
        &[
            ("/status", json!("rests")),
            ("/rests", json!("0.1")),
            ("/filled", json!("0")),
            ("/limit", json!("59970")),
            ("/side", json!("buy")),
        ],
    );
    let depth = program.json(&["depth", "BTC-PERP", "--levels", "1"]);
    has_values(
        &depth,
        &[
            ("/bids/0/price", json!("59970")),
            ("/bids/0/amount", json!("0.1")),
            ("/bids/0/orders", json!(1)),
            ("/asks", json!([])),
        ],
    );
    let depth = program.text(&["depth", "0"]);
    assert!(
        depth
            .lines()
            .any(|line| words(line) == ["bid", "59970.0", "0.1", "1"]),
        "{depth}"
    );
    let health = program.json(&["health", &hers]);
    has_values(
        &health,
        &[
            ("/initial", json!("291.3")),
            ("/initial_health", json!("708.7")),
        ],
    );

    let sold = bob.text(&["order", &his, "BTC-PERP", "sell", "0.1", "--limit", "59970"]);
    has(
        &sold,
        &["sold 0.1 BTC at 59970, fee 2.9985 as taker", "it is filled"],
    );
    let health = program.json(&["health", &hers]);
    has_values(
        &health,
        &[
            ("/money", json!("1000.29985")),
            ("/equity", json!("1003.29985")),
            ("/maintenance", json!("192")),
            ("/slack", json!("811.29985")),
            ("/initial", json!("288")),
            ("/initial_health", json!("715.29985")),
            ("/withdrawable", json!("403.29985")),
            ("/positions/0/size", json!("0.1")),
            ("/positions/0/entry", json!("59970")),
            ("/positions/0/unrealised", json!("3")),
            ("/liquidation", json!(null)),
        ],
    );
    let price = health["positions"][0]["liquidation_price"].as_str();
    assert!(
        price.is_some_and(|price| price.starts_with("51618.8")),
        "{price:?}"
    );
    has(
        &program.text(&["health", &his]),
        &["997.0015", "802.0015", "706.0015", "394.0015"],
    );
    let positions = program.text(&["positions", &his]);
    let line = words(positions.lines().last().expect("a line"));
    assert_eq!(
        line[..5],
        ["BTC-PERP", "-0.1", "59970.0", "60000.0", "-3.00"]
    );
    assert!(line[7].starts_with("67771.3"), "{line:?}");
    let positions = program.json(&["positions", &hers]);
    assert_eq!(positions["positions"][0]["symbol"], "BTC-PERP");

    // At 60,000 a tenth of a bitcoin needs 600 with a leverage of ten.
    has(
        &alice.text(&["account", "leverage", &hers, "10"]),
        &["a leverage of at most 10"],
    );
    assert_eq!(program.json(&["health", &hers])["initial"], "600");
    has(
        &program.text(&["health", &hers]),
        &["Its owner takes a leverage of at most 10."],
    );
    assert_eq!(
        alice.json(&["account", "leverage", &hers, "0"])["leverage"],
        0
    );
}

pub fn closing_a_position(program: &Program, accounts: Accounts) {
    let (alice, bob) = (program.with_key(ALICE), program.with_key(BOB));
    let (hers, his) = (accounts.alice(), accounts.bob());
    alice.json(&[
        "order",
        &hers,
        "0",
        "sell",
        "0.1",
        "--limit",
        "60000",
        "--reduce-only",
    ]);
    let bought = bob.json(&[
        "order",
        &his,
        "0",
        "buy",
        "0.1",
        "--market",
        "--reduce-only",
    ]);
    // He sold at 59,970 and buys at 60,000; a maker's rebate is hers, 0.05 % his fee.
    has_values(
        &bought,
        &[
            ("/status", json!("filled")),
            ("/limit", json!("60300")),
            ("/fills/0/price", json!("60000")),
            ("/fills/0/fee", json!("3")),
            ("/fills/0/realised", json!("-3")),
            ("/fills/0/maker", json!(false)),
        ],
    );
    // 1000.29985 + 3 realised + 0.3 of rebate; 997.0015 - 3 realised - 3 of fee.
    assert_eq!(program.json(&["health", &hers])["money"], "1003.59985");
    assert_eq!(program.json(&["health", &his])["money"], "991.0015");
    has(&program.text(&["positions", &hers]), &["has no positions."]);
    assert_eq!(program.json(&["positions", &hers])["positions"], json!([]));
}
