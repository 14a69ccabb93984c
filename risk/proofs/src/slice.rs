//! The part of a context that an obligation depends on.
//!
//! Fewer facts can only make a proof harder to find in principle and sound in any case; in practice an
//! unrelated nonlinear definition costs the solver more than it gives.

use std::collections::HashSet;

/// Keeps declarations, facts about inputs alone, and the facts whose youngest constant the goal is
/// built from. Constants are numbered in the order of their definition, so one pass from the end
/// suffices.
pub fn relevant(context: &str, goal: &str) -> String {
    let mut wanted: HashSet<String> = symbols(goal).map(owner_of).collect();
    let mut kept = Vec::new();
    for line in context.lines().rev() {
        let youngest = symbols(line)
            .filter_map(|name| number(name).map(|n| (n, name)))
            .max();
        let keep = match youngest {
            Some((_, name)) if !line.starts_with("(declare") => wanted.contains(&owner_of(name)),
            _ => true,
        };
        if keep {
            if !line.starts_with("(declare") {
                wanted.extend(symbols(line).map(owner_of));
            }
            kept.push(line);
        }
    }
    kept.reverse();
    kept.join("\n") + "\n"
}

fn symbols(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '!'))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic()))
}

/// The number of a constant that was defined, not declared as an input.
fn number(name: &str) -> Option<usize> {
    name.split_once('!')?.1.parse().ok()
}

/// A remainder belongs to its quotient, which was named just before it.
fn owner_of(name: &str) -> String {
    match (name.strip_prefix("r!"), number(name)) {
        (Some(_), Some(n)) => format!("q!{}", n.saturating_sub(1)),
        _ => name.to_string(),
    }
}
