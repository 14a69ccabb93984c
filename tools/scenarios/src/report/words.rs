//! What the chain did, in sentences.

use caisson_primitives::trading::Level;

use crate::{
    figures::Figures,
    money::{grouped, hundredths, percent, ppm, price_of_whole, wholes},
    tape::{level_words, Tape},
};

/// A count with its noun.
fn count(number: impl Into<i128>, one: &str, many: &str) -> String {
    match number.into() {
        1 => format!("1 {one}"),
        number => format!("{} {many}", grouped(number)),
    }
}

fn blocks(number: u32) -> String {
    count(number, "block", "blocks")
}

/// How long it took, so that a trader understands it.
fn within(waited: u32, who: &str) -> String {
    match waited {
        0 => format!("in the very block in which {who} found"),
        waited => format!("within {} more", blocks(waited)),
    }
}

/// The sentences, a paragraph each.
pub fn sentences(figures: &Figures, tape: &Tape) -> Vec<String> {
    let mut all = vec![price(figures), found(figures)];
    all.extend(closed(figures));
    all.push(paid(figures));
    all.push(levels(figures, tape));
    all
}

fn price(figures: &Figures) -> String {
    let shown = |per_lot| hundredths(price_of_whole(per_lot, figures.lot_size));
    let before = shown(figures.before.index);
    let mut moves = Vec::new();
    if figures.fall_ppm() >= 1_000 {
        moves.push(format!(
            "fell by {} to {} (block {})",
            percent(figures.fall_ppm()),
            shown(figures.lowest.0),
            figures.lowest.1
        ));
    }
    if figures.rise_ppm() >= 1_000 {
        moves.push(format!(
            "rose by {} to {} (block {})",
            percent(figures.rise_ppm()),
            shown(figures.highest.0),
            figures.highest.1
        ));
    }
    if figures.highest.1 < figures.lowest.1 {
        moves.reverse();
    }
    let moved = match moves.as_slice() {
        [] => format!("The index stayed near {before}"),
        _ => format!("From {before} the index {}", moves.join(" and ")),
    };
    format!(
        "{moved}, and ended at {}. The mark was never further from it than {}.",
        shown(figures.after.index),
        percent(figures.mark_off_ppm)
    )
}

fn found(figures: &Figures) -> String {
    if figures.found == 0 {
        return "Nobody fell short of margin, and nobody was liquidated.".to_owned();
    }
    let accounts = count(figures.accounts_found, "account", "accounts");
    let again = match figures.found > figures.accounts_found {
        true => format!(
            ", {} times in all (whoever was restored could fall short again), at most {} in one block",
            grouped(figures.found.into()),
            grouped(figures.found_at_most.into())
        ),
        false if figures.found > 1 => format!(
            ", at most {} in one block",
            grouped(figures.found_at_most.into())
        ),
        false => String::new(),
    };
    let speed = match (figures.half_within, figures.most_within, figures.slowest) {
        (_, _, Some(slowest)) if figures.found == 1 => format!(
            " It was acted on until it had its margin again or nothing left, {}.",
            within(slowest, "it was")
        ),
        (Some(half), Some(most), Some(slowest)) => format!(
            " Each was acted on until it had its margin again or nothing left: half of them {}, 99 of 100 {}, the slowest {}.",
            within(half, "they were"),
            within(most, "they were"),
            within(slowest, "it was")
        ),
        _ => String::new(),
    };
    let waiting = match figures.backlog_at_most {
        0 => " No block was too full for one of them.".to_owned(),
        most => format!(
            " At most {} had to wait for the next block because a block was full.",
            count(most, "account", "accounts")
        ),
    };
    format!("{accounts} fell short of margin{again}.{speed}{waiting}")
}

fn closed(figures: &Figures) -> Option<String> {
    if figures.engine_lots == 0 && figures.bought == 0 && figures.taken_over == 0 {
        return None;
    }
    let mut ways = Vec::new();
    if figures.engine_lots > 0 {
        ways.push(format!(
            "{} sold (or bought back) in calls, among all other orders",
            count(figures.engine_lots, "lot", "lots")
        ));
    }
    if figures.bought > 0 {
        ways.push(format!(
            "the market's fund bought {} that found no counterpart in time",
            count(figures.bought, "lot", "lots")
        ));
    }
    if figures.taken_over > 0 {
        ways.push(format!(
            "it took over {} whole",
            count(figures.taken_over, "account", "accounts")
        ));
    }
    // At ReduceOnly and above no order that may add risk is taken in.
    let alone = figures.bought > figures.engine_lots
        && figures.at_level[2..].iter().any(|blocks| *blocks > 0);
    let why = match alone {
        true => " While the market was at ReduceOnly or above nobody could add risk, market makers neither, so there was little to \
                 trade with.",
        false => "",
    };
    Some(format!(
        "Positions that could not be kept: {}.{why}",
        ways.join("; ")
    ))
}

fn paid(figures: &Figures) -> String {
    let owed = match figures.losses {
        0 => "Nobody owed more than they had.".to_owned(),
        losses => format!(
            "Those who were taken over owed {} USDD more than they had.",
            wholes(losses)
        ),
    };
    let sources: Vec<_> = ["the insurance fund", "its backers", "the treasury"]
        .iter()
        .zip(figures.paid)
        .filter(|(_, paid)| *paid > 0)
        .map(|(who, paid)| format!("{who} paid {} USDD", wholes(paid)))
        .collect();
    let covered = match sources.as_slice() {
        [] => String::new(),
        _ => format!(" Of what the market's fund lost {}.", sources.join(", ")),
    };
    let interest = i128::from(figures.interest_at_most);
    let winners = match (figures.deleveraged, figures.haircuts) {
        (0, 0) => " Nobody on the winning side was closed or cut.".to_owned(),
        (0, cut) => format!(
            " Nobody on the winning side was closed; {} USDD were cut from profits.",
            wholes(cut)
        ),
        (lots, 0) => format!(
            " {} of the winning side, {} of the most open interest there was, were closed at the mark, which changes nobody's equity. \
             Nothing was cut from profits.",
            count(lots, "lot", "lots"),
            percent(ppm(lots.into(), interest))
        ),
        (lots, cut) => format!(
            " {} of the winning side, {} of the most open interest there was, were closed at the mark, which changes nobody's equity, and \
             {} USDD were cut from profits.",
            count(lots, "lot", "lots"),
            percent(ppm(lots.into(), interest)),
            wholes(cut)
        ),
    };
    let deficit = match figures.deficit_blocks {
        0 => String::new(),
        many => format!(
            " A deficit was open for {}, at most {} USDD; meanwhile nothing could leave the compartment.",
            blocks(many),
            wholes(figures.deficit_at_most)
        ),
    };
    format!(
        "{owed}{covered}{winners}{deficit} The insurance fund went from {} to {} USDD.",
        wholes(figures.before.insurance),
        wholes(figures.after.insurance)
    )
}

fn levels(figures: &Figures, tape: &Tape) -> String {
    if figures.strictest == Level::Open {
        return "The circuit breaker had no reason to act: calls of one block, all along."
            .to_owned();
    }
    let names = [
        Level::LongCalls,
        Level::ReduceOnly,
        Level::CancelOnly,
        Level::Halted,
    ];
    let stood: Vec<_> = names
        .into_iter()
        .zip(&figures.at_level[1..])
        .filter(|(_, number)| **number > 0)
        .map(|(level, number)| format!("{} at {}", blocks(*number), level_words(level)))
        .collect();
    let first = tape
        .notices
        .iter()
        .find(|notice| notice.text.starts_with("raised"))
        .map_or_else(String::new, |notice| {
            format!(" It was first {} (block {}).", notice.text, notice.place)
        });
    format!(
        "Of {} the market stood {}.{first}",
        blocks(figures.blocks),
        stood.join(", ")
    )
}

/// The figures that every page has.
pub fn rows(figures: &Figures) -> Vec<(String, String)> {
    let shown = |per_lot| hundredths(price_of_whole(per_lot, figures.lot_size));
    let or_none =
        |number: Option<u32>| number.map_or_else(|| "none".to_owned(), |one| one.to_string());
    let notional = figures.before.mark * i128::from(figures.before.open_interest);
    let rows = [
        (
            "blocks (seconds on chain)",
            format!("{} ({})", figures.blocks, grouped(figures.seconds.into())),
        ),
        (
            "index before, lowest, highest, after",
            format!(
                "{}, {}, {}, {}",
                shown(figures.before.index),
                shown(figures.lowest.0),
                shown(figures.highest.0),
                shown(figures.after.index)
            ),
        ),
        (
            "open interest before, most, after, lots",
            format!(
                "{}, {}, {}",
                grouped(figures.before.open_interest.into()),
                grouped(figures.interest_at_most.into()),
                grouped(figures.after.open_interest.into())
            ),
        ),
        ("open interest before, USDD", wholes(notional)),
        ("lots traded in calls", grouped(figures.traded.into())),
        (
            "accounts that fell short of margin",
            grouped(figures.accounts_found.into()),
        ),
        (
            "times that one was found short, restored or gone",
            format!(
                "{}, {}",
                grouped(figures.found.into()),
                grouped(figures.restored.into())
            ),
        ),
        (
            "latency in blocks: half, 99 of 100, slowest",
            format!(
                "{}, {}, {}",
                or_none(figures.half_within),
                or_none(figures.most_within),
                or_none(figures.slowest)
            ),
        ),
        (
            "most accounts unsafe, most waiting for room",
            format!("{}, {}", figures.unsafe_at_most, figures.backlog_at_most),
        ),
        (
            "lots closed in calls, bought by the fund",
            format!(
                "{}, {}",
                grouped(figures.engine_lots.into()),
                grouped(figures.bought.into())
            ),
        ),
        ("accounts taken over", grouped(figures.taken_over.into())),
        ("owed beyond what they had, USDD", wholes(figures.losses)),
        (
            "paid by insurance fund, backers, treasury, USDD",
            figures.paid.map(wholes).join(", "),
        ),
        (
            "insurance fund before, least, after, USDD",
            format!(
                "{}, {}, {}",
                wholes(figures.before.insurance),
                wholes(figures.insurance_at_least),
                wholes(figures.after.insurance)
            ),
        ),
        (
            "lost by the market's fund and covered by nobody, USDD",
            wholes(figures.uncovered),
        ),
        (
            "largest deficit, USDD; blocks with one",
            format!(
                "{}; {}",
                wholes(figures.deficit_at_most),
                figures.deficit_blocks
            ),
        ),
        ("lots deleveraged", grouped(figures.deleveraged.into())),
        ("cut from profits, USDD", wholes(figures.haircuts)),
        (
            "blocks at Open, LongCalls, ReduceOnly, CancelOnly, Halted",
            figures.at_level.map(|number| number.to_string()).join(", "),
        ),
        ("checks of the books", figures.checks.to_string()),
    ];
    rows.into_iter()
        .map(|(name, figure)| (name.to_owned(), figure))
        .collect()
}
