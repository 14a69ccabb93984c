//! The commands about orders.

use caisson_primitives::trading::{AccountIndex, ClientOrderId, OrderNumber, Side};
use clap::{ArgGroup, Args, ValueEnum};
use std::str::FromStr;

const ORDER_EXAMPLES: &str = "\
Examples:
  caisson order 0 BTC-PERP buy 0.1 --limit 59970            rests until it is filled or cancelled
  caisson order 0 BTC-PERP buy 0.1 --market --slippage 0.2  now, at most 0.2 % above the mark
  caisson order 0 BTC-PERP sell 0.1 --market --reduce-only --when-below 55000
                                                            a stop: sleeps until the mark is there
  caisson order 0 BTC-PERP buy 5 --limit 60000 --preview    sends nothing

AMOUNT is in the base (BTC of BTC-PERP), PRICE in the settlement asset for one whole of it.";

/// Whether to buy or to sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderSide {
    /// Gains when the price rises.
    Buy,
    /// Gains when the price falls.
    Sell,
}

impl From<OrderSide> for Side {
    fn from(side: OrderSide) -> Self {
        match side {
            OrderSide::Buy => Self::Long,
            OrderSide::Sell => Self::Short,
        }
    }
}

/// An order.
#[derive(Clone, Debug, Args)]
#[command(after_help = ORDER_EXAMPLES)]
#[command(group = ArgGroup::new("price").required(true))]
#[command(group = ArgGroup::new("life"))]
#[command(group = ArgGroup::new("sleep"))]
pub struct OrderOptions {
    /// The account that trades.
    pub account: AccountIndex,
    /// The market.
    #[arg(id = "symbol", value_name = "MARKET")]
    pub market: String,
    /// Buy or sell.
    pub side: OrderSide,
    /// How much of the base.
    pub amount: String,
    /// At this price or better.
    #[arg(long, value_name = "PRICE", group = "price")]
    pub limit: Option<String>,
    /// Now, at the mark or worse by at most --slippage.
    #[arg(long = "market", group = "price")]
    pub at_market: bool,
    /// How much worse than the mark a market order may be filled, in percent of the mark.
    #[arg(
        long,
        value_name = "PERCENT",
        default_value = "0.5",
        conflicts_with = "limit"
    )]
    pub slippage: String,
    /// Cancelled instead of filled if it would be filled in its first call: it only ever earns the maker's rebate.
    #[arg(long, group = "life", conflicts_with = "at_market")]
    pub post_only: bool,
    /// Immediate or cancel: takes part in one call, and what is left is cancelled.
    #[arg(long, group = "life")]
    pub ioc: bool,
    /// How many seconds it rests at most.
    #[arg(
        long,
        value_name = "SECONDS",
        group = "life",
        conflicts_with = "at_market"
    )]
    pub good_till: Option<u64>,
    /// It may only make the position smaller.
    #[arg(long)]
    pub reduce_only: bool,
    /// It sleeps until the mark is at or above this price.
    #[arg(long, value_name = "PRICE", group = "sleep")]
    pub when_above: Option<String>,
    /// It sleeps until the mark is at or below this price.
    #[arg(long, value_name = "PRICE", group = "sleep")]
    pub when_below: Option<String>,
    /// A number of your own, by which `cancel` finds the order.
    #[arg(long, value_name = "N")]
    pub id: Option<ClientOrderId>,
    /// Sends nothing: says what the order would do, or why it would be refused.
    #[arg(long)]
    pub preview: bool,
}

/// A ladder of quotes.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  caisson ladder 0 BTC-PERP --size 0.05 --levels 5 --spread 0.1

Bids and asks begin half the spread from the mark and go on in steps; prices are rounded away from the mark. Quotes that \
stand there already keep their place. Sleeping orders stay. `caisson cancel ACCOUNT MARKET` takes the ladder away.")]
pub struct LadderOptions {
    /// The account that quotes.
    pub account: AccountIndex,
    /// The market.
    pub market: String,
    /// The amount at each price, in the base.
    #[arg(long, value_name = "AMOUNT")]
    pub size: String,
    /// How many prices on each side.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub levels: u32,
    /// The distance between the best bid and the best ask, in percent of the mark.
    #[arg(long, value_name = "PERCENT")]
    pub spread: String,
    /// The distance between two prices of a side, in percent of the mark; half the spread without.
    #[arg(long, value_name = "PERCENT")]
    pub step: Option<String>,
}

/// Another limit and size for an order.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  caisson amend 0 BTC-PERP 7 --limit 59980 --amount 0.05

Less at the same limit keeps the order's place in the book; anything else makes it a new order of the same number.")]
pub struct AmendOptions {
    /// The account.
    pub account: AccountIndex,
    /// The market.
    pub market: String,
    /// The order's number.
    pub order: OrderNumber,
    /// Its limit from now on.
    #[arg(long, value_name = "PRICE")]
    pub limit: String,
    /// Its amount from now on, in the base.
    #[arg(long, value_name = "AMOUNT")]
    pub amount: String,
}

/// What to cancel.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  caisson cancel 0                    all orders of account 0
  caisson cancel 0 BTC-PERP           all in one market
  caisson cancel 0 BTC-PERP 7         one, by its number
  caisson cancel 0 BTC-PERP --id 4    one, by your own number for it")]
pub struct CancelOptions {
    /// The account.
    pub account: AccountIndex,
    /// The market; all without.
    pub market: Option<String>,
    /// The order's number; all without.
    pub order: Option<OrderNumber>,
    /// Your own number for the order.
    #[arg(long, value_name = "N", requires = "market", conflicts_with = "order")]
    pub id: Option<ClientOrderId>,
}

/// When the orders of an account are cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelTime {
    /// After so many seconds.
    After(u64),
    /// Not at all.
    Never,
}

impl FromStr for CancelTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self::Never),
            _ => match text.parse() {
                Ok(seconds) if seconds > 0 => Ok(Self::After(seconds)),
                _ => Err("write a number of seconds, or `never`".to_owned()),
            },
        }
    }
}
