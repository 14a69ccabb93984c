//! The page of a run.

use std::{fmt::Write as _, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{plots, words, Plot, Report};
use crate::{
    error::{Error, Result},
    figures::Figures,
    money::wholes,
    stage::BTC_PERP,
    tape::level_words,
};

/// The most lines of the list of what happened; what is left out is counted.
const MOST_NOTICES: usize = 24;

/// What the index says of a page. It stands in the page itself, so that the index can be made of pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The title.
    pub title: String,
    /// Recorded blocks.
    pub blocks: u32,
    /// Accounts found short of margin.
    pub found: u32,
    /// 99 of 100 were restored within so many blocks.
    pub within: Option<u32>,
    /// What the insurance fund lost (gained, if negative), as text.
    pub fund_lost: String,
    /// What was cut from profits, as text.
    pub cut: String,
    /// The strictest level.
    pub level: String,
    /// Whether all that had to hold held.
    pub held: bool,
}

/// A page and its plots, before they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The scenario.
    pub name: String,
    /// The page.
    pub page: String,
    /// The plots.
    pub plots: Vec<Plot>,
    /// Whether all that had to hold held.
    pub held: bool,
}

impl Report {
    /// Makes the page and its plots.
    ///
    /// Errors: not a block was recorded.
    pub fn render(&self) -> Result<Rendered> {
        let figures = Figures::of(&self.tape)
            .ok_or_else(|| Error::new("nothing was recorded; the path needs at least one price"))?;
        let market = self.tape.subject.as_ref().map(|subject| subject.market);
        let base = if market == Some(BTC_PERP) {
            "BTC"
        } else {
            "ETH"
        };
        let plots = plots::draw(&self.tape, base, &self.origin.label())?;
        let held = self.claims.iter().all(|claim| claim.holds);
        let page = self.page(&figures, &plots, held)?;
        Ok(Rendered {
            name: self.name.clone(),
            page,
            plots,
            held,
        })
    }

    fn page(&self, figures: &Figures, plots: &[Plot], held: bool) -> Result<String> {
        let key = Key {
            title: self.title.clone(),
            blocks: figures.blocks,
            found: figures.accounts_found,
            within: figures.most_within,
            fund_lost: wholes(figures.before.insurance - figures.after.insurance),
            cut: wholes(figures.haircuts),
            level: level_words(figures.strictest).to_owned(),
            held,
        };
        let key = serde_json::to_string(&key)
            .map_err(|error| Error::new(format!("the figures can't be written: {error}")))?;
        let mut page = format!(
            "<!-- Written by: {} -->\n<!-- key: {key} -->\n\n# {} ({})\n\n",
            self.command,
            self.title,
            self.origin.label()
        );
        if !self.world.is_empty() {
            section(&mut page, "What happened", &self.world);
        }
        section(&mut page, "What is played", &self.played);
        section(&mut page, "Who is in the market", &self.people);
        self.what_the_chain_did(&mut page, figures);
        self.what_had_to_hold(&mut page);
        section(&mut page, "In pictures", &pictures(&self.name, plots));
        let rows: Vec<_> = self
            .rows
            .iter()
            .cloned()
            .chain(words::rows(figures))
            .collect();
        let mut table = "| figure | |\n|---|---|\n".to_owned();
        for (name, figure) in rows {
            // Writing to text never fails.
            let _ = writeln!(table, "| {name} | {figure} |");
        }
        section(&mut page, "Figures", table.trim_end());
        self.notices(&mut page);
        while page.ends_with("\n\n") {
            page.pop();
        }
        Ok(page)
    }

    fn what_the_chain_did(&self, page: &mut String, figures: &Figures) {
        let told: Vec<_> = self
            .story
            .iter()
            .cloned()
            .chain(words::sentences(figures, &self.tape))
            .map(|sentence| wrapped(&sentence))
            .collect();
        let text = told.join("\n\n");
        section_as_is(page, "What the chain did", &text);
    }

    fn what_had_to_hold(&self, page: &mut String) {
        let lines: Vec<_> = self
            .claims
            .iter()
            .map(|claim| {
                let verdict = if claim.holds {
                    "held"
                } else {
                    "**DID NOT HOLD**"
                };
                format!("| {} | {verdict} |", claim.text)
            })
            .collect();
        let table = format!("| | |\n|---|---|\n{}", lines.join("\n"));
        section_as_is(page, "What had to hold", &table);
    }

    fn notices(&self, page: &mut String) {
        if self.tape.notices.is_empty() {
            return;
        }
        let mut text = "| block | |\n|---|---|\n".to_owned();
        for notice in self.tape.notices.iter().take(MOST_NOTICES) {
            let _ = writeln!(text, "| {} | {} |", notice.place, notice.text);
        }
        let more = self.tape.notices.len().saturating_sub(MOST_NOTICES);
        if more > 0 {
            let _ = writeln!(text, "\nAnd {more} more.");
        }
        section_as_is(page, "Levels and acts, in order", text.trim_end());
    }
}

fn section(page: &mut String, title: &str, text: &str) {
    let is_prose = !text.starts_with('|') && !text.starts_with('!');
    let text = if is_prose {
        wrapped(text)
    } else {
        text.to_owned()
    };
    section_as_is(page, title, &text);
}

fn section_as_is(page: &mut String, title: &str, text: &str) {
    let _ = write!(page, "## {title}\n\n{text}\n\n");
}

/// Prose in lines of at most 120 letters, as the other guides have them.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 120;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > WIDTH {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

fn pictures(name: &str, plots: &[Plot]) -> String {
    let images: Vec<_> = plots
        .iter()
        .map(|plot| format!("![{}]({name}-{}.svg)", plot.caption, plot.name))
        .collect();
    images.join("\n\n")
}

/// Writes a page and its plots into a folder, and removes plots of an earlier run that this one doesn't have.
///
/// Errors: the folder can't be made or written.
pub fn write(rendered: &Rendered, folder: &Path) -> Result<()> {
    let fail = |what: &Path, error: std::io::Error| {
        Error::new(format!("can't write {}: {error}", what.display()))
    };
    fs::create_dir_all(folder).map_err(|error| fail(folder, error))?;
    for name in [
        "mark",
        "interest",
        "liquidations",
        "latency",
        "fund",
        "haircuts",
        "deleveraging",
        "level",
    ] {
        let file = folder.join(format!("{}-{name}.svg", rendered.name));
        let plot = rendered.plots.iter().find(|plot| plot.name == name);
        match plot {
            Some(plot) => fs::write(&file, &plot.svg).map_err(|error| fail(&file, error))?,
            None if file.exists() => fs::remove_file(&file).map_err(|error| fail(&file, error))?,
            None => {}
        }
    }
    let file = folder.join(format!("{}.md", rendered.name));
    fs::write(&file, &rendered.page).map_err(|error| fail(&file, error))
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn prose_should_keep_its_words_when_it_is_wrapped() {
        let text = "word ".repeat(100);
        let lines = wrapped(&text);
        assert!(lines.lines().all(|line| line.len() <= 120));
        assert_eq!(lines.split_whitespace().count(), 100);
    }
}
