//! The risk analyst's guide explains each metric that the node registers, and no other.

use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../../../docs/guides/risk-analyst.md");
const SOURCES: [&str; 2] = [
    include_str!("../../../../node/src/risk_metrics.rs"),
    include_str!("../../../../node/src/oracle/metrics.rs"),
];
const API: &str = include_str!("../../../../primitives/src/trading/risk_api.rs");

/// All names of our metrics in a text: those of the code in quotes, those of the guide in backticks.
fn metrics(text: &str, quote: char) -> BTreeSet<String> {
    let is_name = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
    };
    text.split(quote)
        .filter(|word| word.starts_with("caisson_"))
        .map(|word| word.split('{').next().unwrap_or(word).to_owned())
        .filter(|word| word.chars().all(is_name))
        .collect()
}

/// The public fields of the structures that `RiskApi` answers with.
fn fields() -> BTreeSet<&'static str> {
    API.lines()
        .filter_map(|line| line.trim().strip_prefix("pub "))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn guide_should_explain_every_metric_and_no_other() {
    let registered: BTreeSet<String> = SOURCES
        .iter()
        .flat_map(|source| metrics(source, '"'))
        .collect();
    assert!(registered.len() > 30, "{registered:?}");
    assert_eq!(metrics(GUIDE, '`'), registered);
}

#[test]
fn guide_should_explain_every_field_of_the_risk_api() {
    let fields = fields();
    assert!(fields.len() > 40, "{fields:?}");
    let missing: Vec<_> = fields
        .iter()
        .filter(|field| !GUIDE.contains(&format!("`{field}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
