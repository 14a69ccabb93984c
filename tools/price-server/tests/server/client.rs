//! A small HTTP client that keeps whatever it gets, as a broken answer has to be seen whole.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What came back.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Response {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The length that the server declared.
    pub fn declared_length(&self) -> usize {
        self.header("content-length")
            .and_then(|length| length.parse().ok())
            .expect("a declared length")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The text or number at a JSON pointer.
    pub fn at(&self, pointer: &str) -> String {
        match self.json().pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => panic!("no {pointer} in {}", self.text()),
        }
    }
}

pub fn get(address: SocketAddr, path: &str) -> Response {
    send(address, "GET", path, "")
}

pub fn put(address: SocketAddr, path: &str, body: &str) -> Response {
    send(address, "PUT", path, body)
}

pub fn post(address: SocketAddr, path: &str, body: &str) -> Response {
    send(address, "POST", path, body)
}

pub fn delete(address: SocketAddr, path: &str) -> Response {
    send(address, "DELETE", path, "")
}

/// Sends a request and reads until the server closes the connection.
pub fn send(address: SocketAddr, method: &str, path: &str, body: &str) -> Response {
    let mut stream = connect(address, method, path, body, Duration::from_secs(20));
    let mut raw = Vec::new();
    // A cut connection is an error here, but what came before it counts.
    let _ = stream.read_to_end(&mut raw);
    let end = raw
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no HTTP answer to {method} {path}"));
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("a status line");
    Response {
        status,
        head,
        body: raw[end + 4..].to_vec(),
    }
}

/// Sends a request and gives up after this time; true if nothing at all came back.
pub fn hears_nothing(address: SocketAddr, path: &str, patience: Duration) -> bool {
    let stream = connect(address, "GET", path, "", patience);
    let mut byte = [0];
    match stream.peek(&mut byte) {
        Ok(_) => false,
        Err(error) => matches!(
            error.kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
        ),
    }
}

fn connect(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &str,
    patience: Duration,
) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream
        .set_read_timeout(Some(patience))
        .expect("a time above 0");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .expect("the server reads");
    stream
}
