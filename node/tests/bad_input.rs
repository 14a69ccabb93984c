//! Mistakes an operator can make: each ends the binary with one line that says what to do.

mod common;

use common::caisson;
use std::{fs, net::TcpListener, path::Path};

/// Runs the binary, which must end with an error of one line that contains all of `hints`.
fn refuses(args: &[&str], hints: &[&str]) {
    let outcome = caisson(args);
    let stderr = outcome.stderr;
    assert!(!outcome.status.success(), "{args:?} succeeded:\n{stderr}");

    let errors: Vec<_> = stderr
        .lines()
        .filter(|line| line.starts_with("Error: "))
        .collect();
    let [error] = errors[..] else {
        panic!("{args:?} left {} errors:\n{stderr}", errors.len())
    };
    assert!(!stderr.contains("panicked"), "{stderr}");
    for hint in hints {
        assert!(error.contains(hint), "{args:?}: no `{hint}` in\n{error}");
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

#[test]
fn chain_specification_should_be_refused_when_it_is_none() {
    let folder = folder();
    let path = folder.path().join("spec.json");
    let spec = text(&path);
    refuses(
        &["--chain", spec, "--tmp"],
        &["neither a chain known by name", "dev, local, staging"],
    );

    for (content, reason) in [
        ("a caisson", "isn't JSON"),
        ("{\"name\": \"Caisson\"", "isn't JSON"),
        ("[]", "is not a chain specification"),
        ("{}", "missing field `genesis`"),
        (r#"{"genesis": {}}"#, "neither `raw` nor `runtimeGenesis`"),
        (
            r#"{"genesis": {"raw": {"top": {}}}}"#,
            "missing field `name`",
        ),
    ] {
        fs::write(&path, content).expect("it can be written");
        refuses(
            &["--chain", spec, "--tmp"],
            &[spec, reason, "export-chain-spec"],
        );
        refuses(&["build-spec", "--raw", "--chain", spec], &[spec, reason]);
    }
}

#[test]
fn key_should_be_refused_when_type_or_scheme_is_wrong() {
    let folder = folder();
    let base = text(folder.path());
    let insert = |kind, scheme, suri| {
        let store = ["key", "insert", "--chain", "dev", "-d", base];
        [
            &store[..],
            &["--key-type", kind, "--scheme", scheme, "--suri", suri],
        ]
        .concat()
    };
    refuses(
        &insert("xx", "sr25519", "//Alice"),
        &["'xx'", "babe, gran, audi, orcl"],
    );
    refuses(
        &insert("imon", "sr25519", "//Alice"),
        &["'imon'", "babe, gran, audi, orcl"],
    );
    refuses(&insert("gran", "rsa", "//Alice"), &["'rsa'", "ed25519"]);
    refuses(&insert("gran", "sr25519", "//Alice"), &["--scheme ed25519"]);
    refuses(
        &insert("babe", "sr25519", "not a phrase"),
        &["secret phrase", "--suri"],
    );

    let outcome = caisson(&insert("gran", "ed25519", "//Alice"));
    assert!(outcome.status.success(), "{}", outcome.stderr);
}

#[test]
fn price_sources_should_be_refused_when_the_file_is_wrong() {
    let folder = folder();
    let path = folder.path().join("sources.json");
    let file = text(&path);
    let start = [
        "--dev",
        "--tmp",
        "--rpc-port",
        "0",
        "--oracle-sources",
        file,
    ];
    refuses(&start, &[file, "No such file", "docs/oracle.md"]);
    for (content, reason) in [
        ("BTC/USD", "expected value"),
        (r#"{"BTC": {"sources": []}}"#, "`BTC` is no feed"),
        (
            r#"{"BTC/USD": {"sources": [{"url": "ftp://a", "pointer": "/p"}]}}"#,
            "source 1 of BTC/USD",
        ),
        (
            r#"{"BTC/USD": {"sources": [{"url": "https://a", "pointer": "/p", "wait": 1}]}}"#,
            "unknown field `wait`",
        ),
    ] {
        fs::write(&path, content).expect("it can be written");
        refuses(&start, &[file, reason, "docs/oracle.md"]);
    }
}

#[test]
fn node_should_not_start_when_a_port_is_taken() {
    let other = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = other
        .local_addr()
        .expect("it has an address")
        .port()
        .to_string();
    let listen = format!("/ip4/127.0.0.1/tcp/{port}");
    let free = ["--listen-addr", "/ip4/127.0.0.1/tcp/0", "--no-telemetry"];
    fn dev<'a>(args: &[&'a str], place: &'a str) -> Vec<&'a str> {
        [&["--dev"], args, &[place][..]].concat()
    }

    let rpc = dev(&["--no-prometheus", "--rpc-port"], &port);
    refuses(
        &[&rpc[..], &free].concat(),
        &["RPC", &port, "in use", "--rpc-port"],
    );
    let metrics = dev(&["--rpc-port", "0", "--prometheus-port"], &port);
    refuses(
        &[&metrics[..], &free].concat(),
        &["Prometheus", &port, "--prometheus-port"],
    );
    for transport in ["", "/ws"] {
        let listen = format!("{listen}{transport}");
        let peers = dev(
            &["--rpc-port", "0", "--no-prometheus", "--listen-addr"],
            &listen,
        );
        refuses(&peers, &["peer-to-peer", &port, "in use", "--listen-addr"]);
    }
    let twice = ["--dev", "--rpc-port", "40404", "--prometheus-port", "40404"];
    refuses(
        &[&twice[..], &free].concat(),
        &["40404", "--rpc-port or --prometheus-port"],
    );
}

#[test]
fn database_should_be_refused_when_it_holds_another_chain() {
    let folder = folder();
    let base = folder.path().join("data");
    let opened = caisson(&["revert", "--chain", "dev", "-d", text(&base), "0"]);
    assert!(opened.status.success(), "{}", opened.stderr);

    // The same id leads to the same folder; the genesis is another.
    let local = caisson(&[
        "build-spec",
        "--chain",
        "local",
        "--disable-default-bootnode",
    ])
    .stdout;
    let spec = folder.path().join("spec.json");
    fs::write(&spec, local.replace("caisson_local", "caisson_dev")).expect("it can be written");
    refuses(
        &["export-state", "--chain", text(&spec), "-d", text(&base)],
        &["another chain", "--chain", "--base-path", "purge-chain"],
    );
}

#[test]
fn database_should_be_refused_when_it_is_rocksdb() {
    refuses(
        &["--dev", "--database", "rocksdb"],
        &["rocksdb", "paritydb", "leave --database out"],
    );
}

#[test]
fn base_path_should_be_refused_when_it_cannot_be_written() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").expect("it can be written");
    let base = file.join("data");
    refuses(&["--dev", "-d", text(&base)], &[text(&base), "--base-path"]);
}

#[test]
fn validator_should_not_start_without_a_network_key() {
    let folder = folder();
    let base = text(folder.path());
    refuses(
        &["--chain", "local", "--validator", "-d", base],
        &["network key", "key generate-node-key"],
    );
}

#[test]
fn flag_should_be_refused_when_there_is_none_such() {
    refuses(&["--validate"], &["--validate", "--help"]);
}
