//! The command line: what can be asked for.
//!
//! Money, amounts and prices stay text here: how many decimal places they may have depends on the market or the asset,
//! which only the chain knows.

mod groups;
mod orders;

pub use groups::{AccountCommand, AgentCommand, InsuranceCommand, RiskCommand, WithdrawalsCommand};
pub use orders::{AmendOptions, CancelOptions, CancelTime, LadderOptions, OrderOptions, OrderSide};

use crate::{audit, bots, chain, demo, error::Result, view};
use caisson_primitives::{
    trading::{AccountIndex, CompartmentId},
    AssetId,
};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const ABOUT: &str = "\
Accounts, orders, positions, markets and risk of a Caisson chain; trading bots; a live view.

Markets go by symbol (BTC-PERP) or number, accounts by number (`caisson account list`). Money is in wholes of the \
settlement asset (12.5), amounts in wholes of the base (0.1 BTC), prices in money for one whole of the base (60000.5). \
Nothing is rounded: what the chain can't count is refused with what comes nearest.";

const EXAMPLES: &str = "\
A round trip on a development chain:
  export CAISSON_KEY=//Alice
  caisson account open 1000                           prints the number of the account, say 0
  caisson order 0 BTC-PERP buy 0.1 --market
  caisson health 0
  caisson order 0 BTC-PERP sell 0.1 --market --reduce-only
  caisson withdraw 0 500

Exit codes: 0 done, 1 failed (with `error: ...` on standard error), 2 not understood, 130 interrupted.";

/// What `caisson` was asked for.
#[derive(Debug, Parser)]
#[command(name = "caisson", version, about = "The command line of Caisson", long_about = ABOUT, after_help = EXAMPLES)]
#[command(arg_required_else_help = true, disable_help_subcommand = false)]
pub struct Cli {
    /// What holds for all commands.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for all commands.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The node to talk to, by its WebSocket address.
    #[arg(long, global = true, env = "CAISSON_URL", default_value = chain::DEFAULT_URL, value_name = "URL")]
    pub url: String,
    /// The secret of the key that signs: a phrase, a seed as 0x..., or //Alice on development chains [env: CAISSON_KEY].
    /// Others on this computer can see command lines: prefer --key-file for money that is worth something.
    // Not clap's own `env`: then a key in the environment would stand in the way of --key-file.
    #[arg(
        long,
        global = true,
        value_name = "SECRET",
        conflicts_with = "key_file"
    )]
    pub key: Option<String>,
    /// A file with that secret [env: CAISSON_KEY_FILE].
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Print one JSON document instead of text. Money, amounts and prices are strings with decimals.
    #[arg(long, global = true)]
    pub json: bool,
    /// Wait until the transaction's block is final, not only until it is in a block.
    #[arg(long = "final", global = true)]
    pub until_final: bool,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// All markets, or one in detail: prices, margins, fees, limits.
    #[command(after_help = "Examples:\n  caisson markets\n  caisson markets BTC-PERP")]
    Markets {
        /// A market by symbol or number.
        market: Option<String>,
    },
    /// The best prices of a market's book, and at what price how much would trade now.
    #[command(after_help = "Example:\n  caisson depth BTC-PERP --levels 5")]
    Depth {
        /// The market.
        market: String,
        /// How many prices of each side.
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=200))]
        levels: u32,
    },
    /// Margin accounts: list, open, close, leverage, agents.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Brings money or other collateral into an account.
    #[command(
        after_help = "Examples:\n  caisson deposit 0 250.5\n  caisson deposit 0 0.5 --asset 2"
    )]
    Deposit(MoneyOptions),
    /// Takes money or other collateral out of an account; says whether it was paid or waits.
    #[command(
        after_help = "Example:\n  caisson withdraw 0 100\n\nHow much can leave: `caisson health ACCOUNT`. What \
                            waits: `caisson withdrawals COMPARTMENT`."
    )]
    Withdraw(MoneyOptions),
    /// Moves money between two accounts of one owner in one compartment.
    #[command(after_help = "Example:\n  caisson transfer 0 3 100")]
    Transfer {
        /// The account that pays.
        from: AccountIndex,
        /// The account that receives.
        to: AccountIndex,
        /// How much of the settlement asset.
        amount: String,
    },
    /// Withdrawals that wait in a compartment.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    #[command(
        after_help = "Examples:\n  caisson withdrawals 0\n  caisson withdrawals cancel 0 12"
    )]
    Withdrawals {
        /// The compartment.
        #[arg(required = true)]
        compartment: Option<CompartmentId>,
        /// What to do with one of them.
        #[command(subcommand)]
        command: Option<WithdrawalsCommand>,
    },
    /// Places an order and says what became of it.
    Order(OrderOptions),
    /// Replaces an account's quotes in a market by a ladder of bids and asks around the mark.
    Ladder(LadderOptions),
    /// Gives an order another limit and size.
    Amend(AmendOptions),
    /// Cancels one order, all in a market, or all of an account.
    Cancel(CancelOptions),
    /// Has all orders of an account cancelled after a time, unless it is set again: a dead-man switch.
    #[command(after_help = "Examples:\n  caisson cancel-at 0 60\n  caisson cancel-at 0 never")]
    CancelAt {
        /// The account.
        account: AccountIndex,
        /// In how many seconds, or `never` to call it off.
        #[arg(value_name = "SECONDS|never")]
        time: CancelTime,
    },
    /// The live orders of an account, sleeping ones among them.
    Orders {
        /// The account.
        account: AccountIndex,
    },
    /// The positions of an account: size, entry, mark, profit, liquidation price.
    Positions {
        /// The account.
        account: AccountIndex,
    },
    /// How an account stands: equity, margins, what can be withdrawn, where it would be liquidated.
    Health {
        /// The account.
        account: AccountIndex,
    },
    /// The safety of the chain, of markets and of compartments.
    #[command(
        args_conflicts_with_subcommands = true,
        subcommand_precedence_over_arg = true
    )]
    #[command(
        after_help = "Examples:\n  caisson risk\n  caisson risk BTC-PERP\n  caisson risk compartment 0\n  \
                            caisson risk chain"
    )]
    Risk {
        /// A market by symbol or number; all there is without.
        market: Option<String>,
        /// The chain or a compartment instead.
        #[command(subcommand)]
        command: Option<RiskCommand>,
    },
    /// Price feeds, and what each validator did for them.
    Oracle,
    /// Insurance funds: show, back, leave, stay, redeem, donate.
    #[command(subcommand)]
    Insurance(InsuranceCommand),
    /// Sends money to another owner, outside of margin accounts.
    #[command(
        after_help = "Examples:\n  caisson send //Bob 100\n  caisson send //Bob 5 --csn\n\n//Bob and the like \
                            stand for the development accounts."
    )]
    Send {
        /// Who receives.
        address: String,
        /// How much.
        amount: String,
        /// Which asset, by its number; the settlement asset of compartment 0 without.
        #[arg(long, value_name = "ID", conflicts_with = "csn")]
        asset: Option<AssetId>,
        /// The native token, with which transactions are paid for.
        #[arg(long)]
        csn: bool,
    },
    /// A small crowd that trades.
    Bots(bots::Options),
    /// A live view of the chain in this terminal.
    View(view::Options),
    /// A whole market on this computer: a chain, prices that play from a history, a crowd that trades, the live view.
    Demo(Box<demo::Options>),
    /// Checks the books of a chain on this computer: fetches the state of a block and checks every invariant on it.
    Audit(audit::Options),
}

/// Money into or out of an account.
#[derive(Clone, Debug, Args)]
pub struct MoneyOptions {
    /// The account.
    pub account: AccountIndex,
    /// How much, in wholes of the asset.
    pub amount: String,
    /// Another collateral asset, by its number; the settlement asset without.
    #[arg(long, value_name = "ID")]
    pub asset: Option<AssetId>,
}

/// Does what was asked for.
pub async fn run(cli: Cli) -> Result<()> {
    crate::commands::run(cli).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_should_be_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn withdrawals_should_be_listed_when_only_a_compartment_is_given() {
        let cli = Cli::try_parse_from(["caisson", "withdrawals", "1"]).expect("parses");
        assert!(matches!(
            cli.command,
            Command::Withdrawals {
                compartment: Some(1),
                command: None
            }
        ));
        let cli =
            Cli::try_parse_from(["caisson", "withdrawals", "claim", "1", "7"]).expect("parses");
        assert!(matches!(
            cli.command,
            Command::Withdrawals {
                command: Some(WithdrawalsCommand::Claim {
                    compartment: 1,
                    number: 7
                }),
                ..
            }
        ));
        assert!(Cli::try_parse_from(["caisson", "withdrawals"]).is_err());
    }

    #[test]
    fn order_should_be_refused_when_it_says_no_price_or_two() {
        let order = ["caisson", "order", "0", "BTC-PERP", "buy", "0.1"];
        let with = |more: &[&str]| Cli::try_parse_from(order.iter().chain(more)).is_ok();
        assert!(!with(&[]));
        assert!(!with(&["--market", "--limit", "1"]));
        assert!(!with(&["--limit", "1", "--slippage", "1"]));
        assert!(!with(&["--limit", "1", "--ioc", "--post-only"]));
        assert!(!with(&[
            "--limit",
            "1",
            "--when-above",
            "1",
            "--when-below",
            "1"
        ]));
        assert!(with(&["--limit", "1", "--good-till", "60", "--id", "4"]));
        assert!(with(&["--market", "--slippage", "1", "--when-below", "1"]));
    }
}
