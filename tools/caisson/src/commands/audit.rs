//! `caisson audit`: the books of a block, checked on this computer.

use super::{
    context::Context,
    report::{Report, Table},
};
use crate::{
    audit::{audit, Audit, Options},
    error::{Error, Result},
};
use serde_json::json;

/// Fetches the state of a block and checks all invariants on it. Fails if one doesn't hold.
pub async fn run(context: &Context, options: &Options) -> Result<Report> {
    let audit = audit(&context.chain, options).await?;
    if audit.holds() {
        return Ok(Report::new(text(&audit), json!(audit)));
    }
    Err(Error::new(format!(
        "the books of block {} ({:?}) don't balance: {}",
        audit.number,
        audit.block,
        broken(&audit)
    )))
}

fn text(audit: &Audit) -> String {
    let mut table = Table::new(&["pallet", "invariants"]);
    for finding in &audit.pallets {
        table.row([finding.pallet.clone(), "hold".to_owned()]);
    }
    format!(
        "Block {} ({:?}): {} entries, {} bytes\n\n{}",
        audit.number,
        audit.block,
        audit.entries,
        audit.bytes,
        table.text()
    )
}

fn broken(audit: &Audit) -> String {
    let all: Vec<String> = audit
        .pallets
        .iter()
        .filter_map(|finding| {
            let broken = finding.broken.as_ref()?;
            Some(format!("{}: {broken}", finding.pallet))
        })
        .collect();
    all.join("; ")
}
