//! Commands that have commands of their own.

use caisson_primitives::trading::{AccountIndex, CompartmentId};
use clap::Subcommand;

/// Margin accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum AccountCommand {
    /// The accounts of an owner, and what the owner holds outside of them.
    #[command(after_help = "Examples:\n  caisson account list\n  caisson account list //Bob")]
    List {
        /// An address, or //Bob and the like for development accounts; the owner of the key without.
        owner: Option<String>,
    },
    /// Opens an account with a first deposit, and prints its number.
    #[command(after_help = "Example:\n  caisson account open 1000 --compartment 1")]
    Open {
        /// The first deposit, in wholes of the settlement asset.
        amount: String,
        /// The compartment, whose markets the account then trades.
        #[arg(long, value_name = "N", default_value_t = 0)]
        compartment: CompartmentId,
        /// Its number among your accounts in the compartment, 0 to 31; the first free one without.
        #[arg(long, value_name = "N")]
        sub: Option<u8>,
    },
    /// Closes an account that holds nothing but money, and pays it out.
    Close {
        /// The account.
        account: AccountIndex,
    },
    /// Asks for no less initial margin than one part in N of each position, to guard you from your own orders.
    #[command(
        after_help = "Example:\n  caisson account leverage 0 5\n\n0 takes what the markets allow."
    )]
    Leverage {
        /// The account.
        account: AccountIndex,
        /// The most leverage, or 0 for what the markets allow.
        leverage: u8,
    },
    /// Keys that may trade for you, but never move money.
    #[command(subcommand)]
    Agent(AgentCommand),
}

/// Keys that trade for others.
#[derive(Clone, Debug, Subcommand)]
pub enum AgentCommand {
    /// Lets a key trade for all your accounts.
    #[command(
        after_help = "Example:\n  caisson account agent add //Bob\n\nWith its own key the agent uses the same \
                            commands as you: order, ladder, amend, cancel, cancel-at, account leverage."
    )]
    Add {
        /// The agent's address.
        address: String,
    },
    /// Takes that right from a key.
    Remove {
        /// The agent's address.
        address: String,
    },
}

/// Withdrawals that wait.
#[derive(Clone, Debug, Subcommand)]
pub enum WithdrawalsCommand {
    /// Has a withdrawal paid that could not be paid when its turn came.
    Claim {
        /// The compartment.
        compartment: CompartmentId,
        /// The number of the withdrawal.
        number: u64,
    },
    /// Takes a waiting withdrawal back into its account.
    Cancel {
        /// The compartment.
        compartment: CompartmentId,
        /// The number of the withdrawal.
        number: u64,
    },
}

/// Whose safety.
#[derive(Clone, Debug, Subcommand)]
pub enum RiskCommand {
    /// The safety of a compartment.
    Compartment {
        /// The compartment.
        compartment: CompartmentId,
    },
    /// The safety of the chain.
    Chain,
}

/// Insurance funds.
#[derive(Clone, Debug, Subcommand)]
pub enum InsuranceCommand {
    /// A compartment's fund, and what a backer has in it.
    #[command(
        after_help = "Examples:\n  caisson insurance show 0\n  caisson insurance show 0 //Bob"
    )]
    Show {
        /// The compartment.
        compartment: CompartmentId,
        /// The backer's address; the owner of the key, if one is given, without.
        backer: Option<String>,
    },
    /// Stakes money beside a compartment's fund, for a share of its fees; it bears losses after the fund.
    #[command(after_help = "Example:\n  caisson insurance back 0 100")]
    Back {
        /// The compartment.
        compartment: CompartmentId,
        /// How much of the settlement asset.
        amount: String,
    },
    /// Begins the cool-down of shares. They bear losses until they are redeemed.
    #[command(
        after_help = "Examples:\n  caisson insurance leave 0 all\n  caisson insurance leave 0 5000000000000000000"
    )]
    Leave {
        /// The compartment.
        compartment: CompartmentId,
        /// How many shares, a whole number as `insurance show` gives them, or `all`.
        shares: String,
    },
    /// Calls the cool-down off.
    Stay {
        /// The compartment.
        compartment: CompartmentId,
    },
    /// Pays out the shares whose cool-down is over.
    Redeem {
        /// The compartment.
        compartment: CompartmentId,
    },
    /// Gives money to a compartment's fund, for nothing.
    Donate {
        /// The compartment.
        compartment: CompartmentId,
        /// How much of the settlement asset.
        amount: String,
    },
}
