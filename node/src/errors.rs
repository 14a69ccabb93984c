//! Failures, told to the person who has to do something about them.
//!
//! What the node itself refuses is a [`Refusal`]. What comes from the SDK passes through
//! [`explain`], which knows the failures an operator can cause and leaves the others as they are.
//! Either way the result is one line.

use std::{
    error::Error as StdError,
    fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Why this node does not start.
#[derive(Debug)]
pub enum Refusal {
    /// Another process listens where this one should.
    PortInUse {
        /// What the port is for.
        purpose: &'static str,
        /// Where the other process listens.
        address: SocketAddr,
        /// The flag that chooses another port.
        flag: &'static str,
    },
    /// Nothing can listen at an address, for another reason.
    CannotListen {
        /// What the port is for.
        purpose: &'static str,
        /// The address.
        address: SocketAddr,
        /// The flag that chooses another address.
        flag: &'static str,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Two services of this node are to listen at the same port.
    PortTwice {
        /// The port.
        port: u16,
        /// The two services and the flags that choose their ports.
        services: [(&'static str, &'static str); 2],
    },
    /// The folder for database and keys can't be made or written.
    BasePath {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The file with sources of prices can't be used.
    OracleSources {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database holds another chain than the specification describes.
    ForeignDatabase {
        /// Where the database is.
        path: PathBuf,
        /// Hash of the database's first block.
        found: String,
        /// Hash of the specification's first block.
        expected: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortInUse {
                purpose,
                address,
                flag,
            } => write!(
                f,
                "the {purpose} port {address} is in use by another process: stop that process, or \
                 choose another port with {flag}"
            ),
            Self::CannotListen {
                purpose,
                address,
                flag,
                cause,
            } => write!(
                f,
                "can't listen at {address} for {purpose} ({cause}): choose another address or port \
                 with {flag}"
            ),
            Self::PortTwice {
                port,
                services: [(a, flag_a), (b, flag_b)],
            } => write!(
                f,
                "port {port} is given to both {a} and {b}: choose another with {flag_a} or {flag_b}"
            ),
            Self::BasePath { path, cause } => write!(
                f,
                "can't write to {} ({cause}): make it writable for this user, or choose another \
                 folder with --base-path",
                path.display()
            ),
            Self::OracleSources { path, reason } => write!(
                f,
                "the file {} of --oracle-sources can't be used: {}; docs/oracle.md shows its form",
                path.display(),
                reason.replace('\n', " ")
            ),
            Self::ForeignDatabase {
                path,
                found,
                expected,
            } => write!(
                f,
                "the database {} belongs to another chain (its genesis is {found}, that of the \
                 chain specification is {expected}): pass the --chain it was made with, choose \
                 another --base-path, or delete it with `purge-chain`",
                path.display()
            ),
        }
    }
}

impl StdError for Refusal {}

impl From<Refusal> for sc_service::Error {
    fn from(refusal: Refusal) -> Self {
        Self::Application(Box::new(refusal))
    }
}

impl From<Refusal> for sc_cli::Error {
    fn from(refusal: Refusal) -> Self {
        Self::Application(Box::new(refusal))
    }
}

/// The failure of a command as one line.
pub fn explain(error: &sc_cli::Error) -> String {
    use sc_cli::Error;

    let message = match error {
        Error::Input(message) => message.clone(),
        Error::NetworkKeyNotFound(path) => missing_network_key(path),
        Error::Service(sc_service::Error::Application(inner)) | Error::Application(inner) => {
            inner.to_string()
        }
        Error::Service(sc_service::Error::Other(message)) => message.clone(),
        other => other.to_string(),
    };
    one_line(&with_remedy(message))
}

/// A validator without a network key: the SDK answers with a page of alternatives.
fn missing_network_key(path: &Path) -> String {
    // `<base path>/chains/<id>/network/<key>`, unless a file was named.
    let base = path
        .ancestors()
        .nth(4)
        .filter(|base| path.starts_with(base.join("chains")));
    let make = match base {
        Some(base) => format!("--base-path {}` and this --chain", base.display()),
        None => format!("--file {}`", path.display()),
    };
    format!(
        "there is no network key at {}, and a validator must keep its own: make it once with \
         `key generate-node-key {make}",
        path.display()
    )
}

/// Adds what to do to messages of the SDK that only say what happened.
fn with_remedy(message: String) -> String {
    const REMEDIES: [(&str, &str); 5] = [
        (
            "database file is in use",
            "another node uses this database: stop it, or choose another --base-path",
        ),
        (
            "invalid phrase",
            "pass a secret phrase, a 0x-prefixed seed, or a file that holds one, as --suri",
        ),
        (
            "out of storage space",
            "free disk space, or lower the limit with --db-storage-threshold",
        ),
        (
            "address already in use",
            "stop the process that uses the port, or choose another with --rpc-port",
        ),
        (
            "permission denied",
            "run as the user who owns the files, or choose another --base-path",
        ),
    ];
    let lower = message.to_lowercase();
    match REMEDIES.iter().find(|(symptom, _)| lower.contains(symptom)) {
        Some((_, remedy)) if !lower.contains("choose another") => format!("{message}: {remedy}"),
        _ => message,
    }
}

/// A mistake on the command line as one line.
pub fn usage(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let message = text
        .trim_start_matches("error: ")
        .split("\n\n")
        .take_while(|part| {
            !["Usage:", "For more information"]
                .iter()
                .any(|s| part.starts_with(s))
        })
        .map(one_line)
        .collect::<Vec<_>>()
        .join("; ");
    if message.contains("rocksdb") {
        return format!("{message}; this node has no RocksDB: leave --database out");
    }
    format!("{message}; --help explains every option")
}

/// The text with its line breaks, and what surrounds them, as single spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanation_should_be_one_line_when_the_sdk_writes_many() {
        let error = sc_cli::Error::NetworkKeyNotFound("keys/secret".into());
        let line = explain(&error);
        assert!(
            !line.contains('\n') && line.contains("generate-node-key"),
            "{line}"
        );
    }

    #[test]
    fn refusal_should_reach_the_operator_unwrapped() {
        let refusal = || Refusal::PortInUse {
            purpose: "RPC",
            address: ([127, 0, 0, 1], 9944).into(),
            flag: "--rpc-port",
        };
        let expected = refusal().to_string();
        assert_eq!(explain(&refusal().into()), expected);
        assert_eq!(explain(&sc_cli::Error::Service(refusal().into())), expected);
    }
}
