//! What a node says of itself at its Prometheus port.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything that the node on this computer says; nothing when it does not answer.
pub fn read(port: u16) -> Option<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// The value of the metric whose name begins so and that has this label, written as Prometheus writes it.
pub fn value(metrics: &str, name: &str, label: &str) -> Option<u64> {
    let line = metrics
        .lines()
        .find(|line| line.starts_with(name) && line.contains(label))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// The height of the node's chain: `best`, `finalized` or `sync_target`.
pub fn height(port: u16, status: &str) -> Option<u64> {
    let label = format!("status=\"{status}\"");
    value(&read(port)?, "substrate_block_height{", &label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_should_be_that_of_the_label() {
        let metrics = "# HELP substrate_block_height x\n\
            substrate_block_height{status=\"best\",chain=\"local\"} 17\n\
            substrate_block_height{status=\"finalized\",chain=\"local\"} 15\n";
        let height = |status: &str| value(metrics, "substrate_block_height{", status);
        assert_eq!(height("status=\"finalized\""), Some(15));
        assert_eq!(height("status=\"sync_target\""), None);
    }
}
