//! The table of all pages.

use std::{fmt::Write as _, fs, path::Path};

use super::page::Key;
use crate::{
    catalogue::{self, Scenario},
    error::{Error, Result},
};

const HEAD: &str = "<!-- Written by: caisson-scenarios all -->

# Scenarios

Price paths and incidents played through the compiled runtime: the same blocks that a node makes, without a network.
Each page says what happened in the world, what is played, what the chain did, and what had to hold. **All price paths
here are synthetic**: made up, or made up between prices that were published. They show how the rules act;
they are no record of what anyone traded at.

In every scenario the books are checked while it runs: what all accounts, funds and pots may claim equals what is in
custody, to the quantum. Traders' calls are signed transactions. Money in wallets, the positions that a crowd holds
when a scenario begins, and prices are written into the state, prices as the oracle would agree on them (in two
scenarios validators report them by transactions).

`cargo run -p caisson-scenarios -- all` writes all of this anew; the same input gives the same bytes. How to play your
own history: [tools/scenarios](../../tools/scenarios/README.md).

";

/// Writes the index of a folder from the pages that are there, in the order of the catalogue.
///
/// Errors: a page can't be read, or was not written by this program.
pub fn write_index(folder: &Path) -> Result<()> {
    let mut text = HEAD.to_owned();
    for (heading, is_incident) in [
        ("Days and paths", false),
        ("Incidents of other venues", true),
    ] {
        let _ = write!(
            text,
            "## {heading}\n\n| | blocks | accounts short of margin | 99 of 100 restored within, blocks | lost by the \
             insurance fund, USDD | cut from profits, USDD | strictest level | what had to hold |\n|---|---|---|---|---|---|---|---|\n"
        );
        for scenario in catalogue::all()
            .iter()
            .filter(|one| one.is_incident == is_incident)
        {
            if let Some(line) = line(folder, scenario)? {
                text.push_str(&line);
            }
        }
        text.push('\n');
    }
    text.push_str("A negative loss is a gain: penalties and fees came in.\n");
    let file = folder.join("README.md");
    fs::write(&file, text)
        .map_err(|error| Error::new(format!("can't write {}: {error}", file.display())))
}

/// The line of a scenario; nothing while it has no page.
fn line(folder: &Path, scenario: &Scenario) -> Result<Option<String>> {
    let file = folder.join(format!("{}.md", scenario.name));
    if !file.exists() {
        return Ok(None);
    }
    let page = fs::read_to_string(&file)
        .map_err(|error| Error::new(format!("can't read {}: {error}", file.display())))?;
    let key = page
        .lines()
        .find_map(|line| line.strip_prefix("<!-- key: ")?.strip_suffix(" -->"))
        .and_then(|json| serde_json::from_str::<Key>(json).ok())
        .ok_or_else(|| {
            Error::new(format!(
                "{} has no figures of this program; write it anew with `caisson-scenarios run {}`",
                file.display(),
                scenario.name
            ))
        })?;
    let within = key
        .within
        .map_or_else(|| "none".to_owned(), |within| within.to_string());
    Ok(Some(format!(
        "| [{}]({}.md) | {} | {} | {within} | {} | {} | {} | {} |\n",
        key.title,
        scenario.name,
        key.blocks,
        key.found,
        key.fund_lost,
        key.cut,
        key.level,
        if key.held { "held" } else { "**did not**" }
    )))
}
