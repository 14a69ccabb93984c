//! A node's figures for Prometheus, without a library: it is one plain request.

use caisson::error::{Error, Result};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long the node may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The metric that counts why the making of blocks ended.
const ENDS: &str = "substrate_proposer_end_proposal_reason";
/// The time that the making of blocks took, in seconds: its sum and number.
const MADE_SUM: &str = "substrate_proposer_block_constructed_sum";
const MADE_COUNT: &str = "substrate_proposer_block_constructed_count";

/// What a node says of the blocks it made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposals {
    /// How many ended for which reason.
    pub ends: BTreeMap<String, u64>,
    /// How many were made.
    pub made: u64,
    /// How long that took together, in milliseconds.
    pub made_ms: f64,
}

impl Proposals {
    /// What came since an earlier time.
    pub fn since(&self, before: &Self) -> Self {
        let ends = self.ends.iter().map(|(reason, count)| {
            let earlier = before.ends.get(reason).copied().unwrap_or(0);
            (reason.clone(), count.saturating_sub(earlier))
        });
        Self {
            ends: ends.filter(|(_, count)| *count > 0).collect(),
            made: self.made.saturating_sub(before.made),
            made_ms: self.made_ms - before.made_ms,
        }
    }

    /// Adds those of another node.
    pub fn add(&mut self, other: &Self) {
        for (reason, count) in &other.ends {
            *self.ends.entry(reason.clone()).or_default() += count;
        }
        self.made += other.made;
        self.made_ms += other.made_ms;
    }
}

/// Asks the node whose metrics are at this address, such as `127.0.0.1:9615`.
pub async fn proposals(address: &str) -> Result<Proposals> {
    let failed = |why: String| {
        Error::new(format!(
            "no metrics at http://{address}/metrics: {why}; start the node with --prometheus-port, or leave --metrics out"
        ))
    };
    match timeout(PATIENCE, fetch(address)).await {
        Ok(Ok(text)) => Ok(parse(&text)),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed("no answer in time".to_owned())),
    }
}

/// By the first version of HTTP, whose answers come in one piece and end with the connection.
async fn fetch(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
        .await?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn parse(text: &str) -> Proposals {
    let mut found = Proposals::default();
    for line in text.lines() {
        let Some((name, value)) = line.rsplit_once(' ') else {
            continue;
        };
        let Ok(value) = value.parse::<f64>() else {
            continue;
        };
        // Counters are whole numbers, written as any.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let count = value as u64;
        match name.split('{').next() {
            Some(ENDS) => {
                let reason = label(name, "reason").unwrap_or("unknown");
                *found.ends.entry(reason.to_owned()).or_default() += count;
            }
            Some(MADE_SUM) => found.made_ms += value * 1_000.0,
            Some(MADE_COUNT) => found.made += count,
            _ => {}
        }
    }
    found
}

/// The value of a label.
fn label<'a>(name: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = name.split_once(&format!("{label}=\""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# HELP substrate_proposer_end_proposal_reason The reason
substrate_proposer_end_proposal_reason{chain=\"caisson_dev\",reason=\"hit_deadline\"} 3
substrate_proposer_end_proposal_reason{chain=\"caisson_dev\",reason=\"no_more_transactions\"} 40
substrate_proposer_block_constructed_sum{chain=\"caisson_dev\"} 4.3
substrate_proposer_block_constructed_count{chain=\"caisson_dev\"} 43
substrate_proposer_block_constructed_bucket{chain=\"caisson_dev\",le=\"+Inf\"} 43
";

    #[test]
    fn proposals_should_be_read_by_their_labels() {
        let found = parse(TEXT);
        assert_eq!(found.ends["hit_deadline"], 3);
        assert_eq!(found.ends["no_more_transactions"], 40);
        assert_eq!((found.made, found.made_ms.round()), (43, 4_300.0));
    }

    #[test]
    fn proposals_should_leave_out_what_was_before() {
        let before = Proposals {
            ends: BTreeMap::from([("hit_deadline".to_owned(), 3)]),
            made: 3,
            made_ms: 300.0,
        };
        let since = parse(TEXT).since(&before);
        assert_eq!(
            since.ends.len(),
            1,
            "a reason that did not come again is left out"
        );
        assert_eq!(since.made, 40);
    }
}
