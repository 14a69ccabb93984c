//! How large the state is, by what is in it.

use caisson_chain_harness::{
    acts::{self, LADDER, PRICE},
    crowd::Crowd,
    trading::{open_chain, traders, BTC_PERP},
    Chain,
};

use crate::{
    progress::Progress,
    table::{column, Table},
};

/// How many of each there are.
const ACCOUNTS: u32 = 10_000;
/// Orders, in whole ladders of one account each.
const ORDERS: u32 = 10_000;

/// What a state takes.
#[derive(Clone, Copy, Debug)]
struct Size {
    keys: f64,
    bytes: f64,
    nodes: f64,
    node_bytes: f64,
}

/// Keys, bytes and trie nodes of one account, one position, one resting order: states with many of them less those without.
pub fn measure(progress: &Progress) -> Table {
    let mut table = Table::new(
        "size",
        "State of one of each",
        &[
            column("keys", 2),
            column("keys and values, bytes", 0),
            column("trie nodes", 2),
            column("trie nodes with their hashes, bytes", 0),
        ],
    );
    let mut row = |what, many: Size, without: Size, count: u32| {
        let each = |of: fn(&Size) -> f64| (of(&many) - of(&without)) / f64::from(count);
        table.push_named(
            what,
            vec![
                each(|size| size.keys),
                each(|size| size.bytes),
                each(|size| size.nodes),
                each(|size| size.node_bytes),
            ],
        );
    };
    progress.say("the size of accounts and positions");
    let empty = size(open_chain(PRICE));
    let flat = size(with_crowd(false));
    let holding = size(with_crowd(true));
    row("an account without a position", flat, empty, ACCOUNTS);
    row("its position", holding, flat, ACCOUNTS);
    progress.say("the size of orders");
    let makers = ORDERS / LADDER;
    let mut chain = open_chain(PRICE);
    traders(&mut chain, "resting", makers, 0, 1_000_000);
    let idle = size(chain);
    let mut chain = open_chain(PRICE);
    acts::fill_book(&mut chain, ORDERS);
    let quoting = size(chain);
    row("an account and its owner's wallet", idle, empty, makers);
    row("a resting order", quoting, idle, ORDERS);
    table
}

fn with_crowd(holds: bool) -> Chain {
    let mut chain = open_chain(PRICE);
    Crowd {
        accounts: ACCOUNTS,
        market: BTC_PERP,
        money_per_mille: 80..630,
        holds,
    }
    .enter(&mut chain);
    chain
}

/// Takes a chain apart.
fn size(mut chain: Chain) -> Size {
    chain.commit();
    let (keys, bytes) = chain.query(|| {
        let (mut keys, mut bytes) = (0u64, 0);
        let mut at = Vec::new();
        while let Some(key) = sp_io::storage::next_key(&at) {
            keys += 1;
            bytes += key.len() + sp_io::storage::get(&key).map_or(0, |value| value.len());
            at = key;
        }
        (keys, bytes)
    });
    let (nodes, node_bytes) = chain.into_trie_size();
    Size {
        keys: keys as f64,
        bytes: bytes as f64,
        nodes: nodes as f64,
        node_bytes: node_bytes as f64,
    }
}
