//! A local HTTP server that plays price histories in the shape of eight exchanges' public tickers,
//! at real or accelerated speed, with faults on demand.
//!
//! It stands in for the exchanges wherever a network of validators is tested or shown: their
//! off-chain workers fetch from it by the very paths and JSON pointers that they use in earnest.
//!
//! ```
//! use caisson_price_server::{History, Options, Server};
//!
//! let history = History::parse("example", "time_ms,BTC/USD\n0,60000\n1000,60010.5\n")?;
//! let server = Server::start(history, Options::at_free_port())?;
//! let url = server.url("/alice/binance/api/v3/ticker/price?symbol=BTCUSDT");
//! assert!(url.starts_with("http://127.0.0.1:"));
//! # Ok::<(), caisson_price_server::Error>(())
//! ```
//!
//! # How it is built
//!
//! [`history`] reads a CSV file. [`clock`] maps wall-clock time to the time of the history. `book` puts
//! the two and the prices pinned by hand together: the price of every symbol at every moment, past
//! ones too. [`venues`] shapes a price as each exchange does. [`faults`] are the ways to be wrong,
//! `fault_table` says which holds for whom, and `tickers` and `replies` carry it out. `control` is the
//! part of the server that no exchange has. [`server`] binds it all to a port, [`cli`] to a terminal.
//! [`synthesis`] makes the sample histories.

pub mod cli;
pub mod clock;
pub mod error;
pub mod faults;
pub mod history;
pub mod server;
pub mod symbol;
pub mod synthesis;
pub mod venues;

mod book;
mod control;
mod fault_table;
mod pins;
mod price;
mod replies;
mod state;
mod tickers;

pub use clock::Speed;
pub use error::Error;
pub use history::History;
pub use server::{Options, Server};
