//! The program itself: what it prints, how it ends, what it says of a bad file.

use crate::client::get;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_caisson-price-server"))
}

fn file(folder: &TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("history.csv");
    fs::write(&file, text).expect("a writable folder");
    file
}

/// Runs to the end, for what doesn't serve.
fn failure(arguments: &[&str]) -> (Output, String) {
    let output = program().args(arguments).output().expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?}");
    assert!(output.stdout.is_empty());
    assert!(!error.contains("panicked"), "{error}");
    (output, error)
}

fn wait(child: &mut Child) -> std::process::ExitStatus {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        if Instant::now() > until {
            let _ = child.kill();
            panic!("the program didn't end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn program_should_say_where_it_serves_and_end_cleanly_when_asked() {
    for signal in ["TERM", "INT"] {
        let folder = TempDir::new().expect("a folder");
        let mut child = program()
            .arg("--history")
            .arg(file(
                &folder,
                "# SYNTHETIC: made up\ntime_ms,BTC/USD\n0,60000\n",
            ))
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let address: SocketAddr = line
            .trim_end()
            .strip_prefix("Serving prices at http://")
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("unexpected line: {line}"));
        let price = get(address, "/bob/coinbase/products/BTC-USD/ticker");
        assert_eq!(price.at("/price"), "59999.94");
        // The shell's own `kill`: the program of that name isn't on every machine.
        let kill = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {}", child.id())])
            .status();
        assert!(kill.expect("kill starts").success());
        assert!(wait(&mut child).success(), "{signal}");
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).expect("the end");
        assert_eq!(rest, "");
        let mut table = String::new();
        let mut stderr = child.stderr.take().expect("piped");
        stderr.read_to_string(&mut table).expect("the table");
        let url = format!("http://{address}/alice/kraken/0/public/Ticker?pair=XBTUSD");
        assert!(table.contains(&url), "{table}");
        assert!(
            table.starts_with("history   SYNTHETIC: made up\n"),
            "{table}"
        );
    }
}

#[test]
fn program_should_name_file_line_and_column_when_the_history_is_bad() {
    let folder = TempDir::new().expect("a folder");
    let path = file(
        &folder,
        "# a comment\ntime_ms,BTC/USD\n0,60000\n1000,oops\n",
    );
    let path = path.to_string_lossy();
    let (_, error) = failure(&["--history", &path, "--listen", "127.0.0.1:0"]);
    let place = format!("error: {path}, line 4, column 2 (BTC/USD): `oops`");
    assert!(error.starts_with(&place), "{error}");
}

#[test]
fn program_should_name_the_file_when_it_is_not_there_or_not_text() {
    let folder = TempDir::new().expect("a folder");
    let missing = folder.path().join("missing.csv");
    let binary = folder.path().join("binary.csv");
    fs::write(&binary, [0xff, 0xfe, 0]).expect("a writable folder");
    for path in [missing, binary, folder.path().to_path_buf()] {
        let path = path.to_string_lossy();
        let (_, error) = failure(&["--history", &path]);
        assert!(error.contains(path.as_ref()), "{error}");
    }
}

#[test]
fn program_should_name_the_address_when_it_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = TempDir::new().expect("a folder");
    let path = file(&folder, "time_ms,BTC/USD\n0,60000\n");
    let (_, error) = failure(&["--history", &path.to_string_lossy(), "--listen", &address]);
    assert!(error.contains(&address), "{error}");
    assert!(error.contains("--listen"), "{error}");
}

#[test]
fn program_should_write_a_history_that_it_can_read_when_it_synthesises() {
    let output = program()
        .args(["synthesise", "--kind", "crash", "--seed", "42"])
        .output()
        .expect("it starts");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.starts_with("# SYNTHETIC"));
    let history = caisson_price_server::History::parse("synthetic", &text);
    assert_eq!(history.map(|history| history.rows()), Ok(600));
}
