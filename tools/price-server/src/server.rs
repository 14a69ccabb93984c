//! The server: it plays a history from its start until it is dropped.

use crate::book::Book;
use crate::clock::{self, Playback, Speed};
use crate::control;
use crate::error::{Error, Result};
use crate::history::History;
use crate::state::State;
use crate::tickers;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{signal, Signal, SignalKind};

/// The port unless another is asked for.
pub const DEFAULT_PORT: u16 = 9950;

/// How a server serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The address to listen at; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// How fast the history plays.
    pub speed: Speed,
    /// Whether the history starts again at its end; otherwise its last price stays.
    pub looping: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            speed: Speed::REAL,
            looping: false,
        }
    }
}

impl Options {
    /// The defaults, at a free port of this machine: what tests want.
    pub fn at_free_port() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            ..Self::default()
        }
    }
}

/// A running server. It stops when it is dropped, whatever requests are open.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    /// None only while dropping.
    runtime: Option<Runtime>,
}

impl Server {
    /// Starts to serve, and to play. When this returns, the server accepts requests.
    pub fn start(history: History, options: Options) -> Result<Self> {
        let fail = |error: io::Error| {
            Error::new(format!(
                "can't serve at {}: {error}; choose another address with --listen, port 0 for any",
                options.listen
            ))
        };
        let listener = TcpListener::bind(options.listen).map_err(fail)?;
        listener.set_nonblocking(true).map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        // Of its own, so that a test needs none and a server can start inside another runtime.
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("price-server")
            .enable_all()
            .build()
            .map_err(fail)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(fail)?
        };
        let playback = Playback {
            started_ms: clock::wall_ms(),
            speed: options.speed,
            looping: options.looping,
        };
        let state = Arc::new(State::new(Book::new(history, playback)));
        let routes = control::routes()
            .fallback(tickers::ticker)
            .with_state(state);
        runtime.spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                eprintln!("error: the price server stopped: {error}");
            }
        });
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of this path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Catches Ctrl-C and SIGTERM from now on.
    pub fn catch_stop_signals(&self) -> Result<StopSignals<'_>> {
        let fail = |error: io::Error| Error::new(format!("can't catch Ctrl-C: {error}"));
        let runtime = self
            .runtime
            .as_ref()
            .ok_or_else(|| Error::new("the server has stopped"))?;
        let _inside = runtime.enter();
        Ok(StopSignals {
            runtime,
            interrupt: signal(SignalKind::interrupt()).map_err(fail)?,
            terminate: signal(SignalKind::terminate()).map_err(fail)?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Not waiting: a `timeout` fault never ends, and inside another runtime one can't wait.
            runtime.shutdown_background();
        }
    }
}

/// The signals that end the program.
#[derive(Debug)]
pub struct StopSignals<'a> {
    runtime: &'a Runtime,
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals<'_> {
    /// Blocks until one of them arrives.
    pub fn wait(mut self) {
        self.runtime.block_on(async {
            let interrupt = std::pin::pin!(self.interrupt.recv());
            let terminate = std::pin::pin!(self.terminate.recv());
            futures::future::select(interrupt, terminate).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        History::parse("test.csv", "time_ms,BTC/USD\n0,1\n").expect("a good history")
    }

    #[test]
    fn server_should_start_and_stop_when_it_is_inside_another_runtime() {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let server = Server::start(history(), Options::at_free_port()).expect("a free port");
            assert_ne!(server.address().port(), 0);
        });
    }

    #[test]
    fn server_should_say_what_to_do_when_the_address_is_taken() {
        let first = Server::start(history(), Options::at_free_port()).expect("a free port");
        let options = Options {
            listen: first.address(),
            ..Options::default()
        };
        let error = Server::start(history(), options).expect_err("a taken port");
        assert!(error.to_string().contains("--listen"), "{error}");
    }
}
