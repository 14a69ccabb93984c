//! The kinds of load: which roles the accounts play, and how transactions are shared out among them.

use clap::ValueEnum;

/// Orders that an account places before it cancels them all by one batch; as many entries as a batch takes.
pub const CYCLE_ORDERS: u64 = 50;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Single resting orders; each account cancels its own by a batch after every fifty
    Orders,
    /// Ladders, replaced whole by `replace_all`
    Ladders,
    /// Market orders, against ladders that are refreshed by one transaction in twenty
    Takers,
    /// Single cancels, of orders that a batch placed before
    Cancels,
    /// As on a real market day: by acts 95 % quotes and cancels, 5 % takers
    Mixed,
    /// `balances.transfer_keep_alive`, the yardstick
    Transfers,
}

/// What an account does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Places fifty resting orders one by one, then cancels them by one batch.
    Resting,
    /// Replaces a ladder.
    Quoting,
    /// Sends immediate market orders, a buy and a sale in turn.
    Taking,
    /// Places fifty orders by one batch, then cancels them one by one.
    Cancelling,
    /// Places an order and cancels it, in turn.
    Flickering,
    /// Sends a little of the native token to the next account.
    Paying,
}

impl Role {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Quoting => "quoting",
            Self::Taking => "taking",
            Self::Cancelling => "cancelling",
            Self::Flickering => "flickering",
            Self::Paying => "paying",
        }
    }
}

/// A role in a kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The role.
    pub role: Role,
    /// Its share of the transactions, relative to the other parts.
    pub transactions: u32,
    /// Its share of the accounts, in percent.
    pub accounts: u32,
    /// Whether its acts are what the rate counts.
    pub paced: bool,
}

const fn part(role: Role, transactions: u32, accounts: u32, paced: bool) -> Part {
    Part {
        role,
        transactions,
        accounts,
        paced,
    }
}

const ORDERS: [Part; 1] = [part(Role::Resting, 1, 100, true)];
const LADDERS: [Part; 1] = [part(Role::Quoting, 1, 100, true)];
const TAKERS: [Part; 2] = [
    part(Role::Taking, 19, 90, true),
    part(Role::Quoting, 1, 10, false),
];
const CANCELS: [Part; 1] = [part(Role::Cancelling, 1, 100, true)];
/// Of 1,000 acts: 600 quotes in 12 ladders of 50, 175 placements, 175 cancels, 50 takers.
const MIXED: [Part; 3] = [
    part(Role::Quoting, 12, 30, true),
    part(Role::Flickering, 350, 50, true),
    part(Role::Taking, 50, 20, true),
];
const TRANSFERS: [Part; 1] = [part(Role::Paying, 1, 100, true)];

impl Kind {
    /// Its parts.
    pub const fn parts(self) -> &'static [Part] {
        match self {
            Self::Orders => &ORDERS,
            Self::Ladders => &LADDERS,
            Self::Takers => &TAKERS,
            Self::Cancels => &CANCELS,
            Self::Mixed => &MIXED,
            Self::Transfers => &TRANSFERS,
        }
    }

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Ladders => "ladders",
            Self::Takers => "takers",
            Self::Cancels => "cancels",
            Self::Mixed => "mixed",
            Self::Transfers => "transfers",
        }
    }

    /// How many accounts it has unless told otherwise: so many that each has few transactions under way.
    pub const fn default_accounts(self) -> usize {
        match self {
            Self::Ladders => 500,
            Self::Takers | Self::Cancels | Self::Mixed => 1_000,
            Self::Orders | Self::Transfers => 2_000,
        }
    }

    /// Whether accounts need margin accounts.
    pub const fn trades(self) -> bool {
        !matches!(self, Self::Transfers)
    }

    /// Whether its prices must follow the mark closely, so that signing much ahead would change what is measured.
    pub const fn follows_the_mark(self) -> bool {
        matches!(self, Self::Ladders | Self::Takers | Self::Mixed)
    }

    /// How many transactions a second make so many acts a second, counted as the rate counts them.
    pub fn transactions_for(self, acts: f64, quotes: u32) -> f64 {
        let (mut all, mut paced) = (0.0, 0.0);
        for part in self.parts() {
            let share = f64::from(part.transactions);
            all += share;
            if part.paced {
                paced += share * acts_a_transaction(part.role, quotes);
            }
        }
        acts * all / paced
    }
}

/// The acts that the rate counts for a role's transaction, on average over its cycle.
fn acts_a_transaction(role: Role, quotes: u32) -> f64 {
    // Precise: the cycle is 50.
    #[allow(clippy::cast_precision_loss)]
    let cycle = CYCLE_ORDERS as f64;
    match role {
        Role::Quoting => f64::from(quotes),
        Role::Resting | Role::Cancelling => cycle / (cycle + 1.0),
        Role::Taking | Role::Flickering | Role::Paying => 1.0,
    }
}

/// Shares transactions out among parts: whichever is owed most is next, so that each comes evenly.
#[derive(Clone, Debug)]
pub struct Mix {
    shares: Vec<i64>,
    owed: Vec<i64>,
}

impl Mix {
    /// The parts' shares.
    pub fn new(parts: &[Part]) -> Self {
        let shares: Vec<i64> = parts.iter().map(|one| one.transactions.into()).collect();
        Self {
            owed: vec![0; shares.len()],
            shares,
        }
    }

    /// The part whose turn it is: the one that is owed most.
    pub fn peek(&self) -> usize {
        let due = self.owed.iter().zip(&self.shares);
        let due = due.map(|(owed, share)| owed + share).enumerate();
        // The last of equals would be taken: the order is turned, so that it is the first.
        due.rev().max_by_key(|(_, due)| *due).map_or(0, |one| one.0)
    }

    /// A transaction of that part was sent.
    pub fn took(&mut self, part: usize) {
        let all: i64 = self.shares.iter().sum();
        for (owed, share) in self.owed.iter_mut().zip(&self.shares) {
            *owed += share;
        }
        if let Some(owed) = self.owed.get_mut(part) {
            *owed -= all;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(kind: Kind, count: usize) -> Vec<usize> {
        let mut mix = Mix::new(kind.parts());
        let mut counts = vec![0; kind.parts().len()];
        for _ in 0..count {
            let part = mix.peek();
            mix.took(part);
            counts[part] += 1;
        }
        counts
    }

    #[test]
    fn mix_should_give_each_part_exactly_its_share() {
        assert_eq!(drawn(Kind::Mixed, 412), [12, 350, 50]);
        assert_eq!(drawn(Kind::Takers, 2_000), [1_900, 100]);
        assert_eq!(drawn(Kind::Orders, 7), [7]);
    }

    #[test]
    fn mix_should_spread_a_part_evenly() {
        // Two in forty: one in each half.
        assert_eq!(drawn(Kind::Takers, 20), [19, 1]);
        let counts = drawn(Kind::Mixed, 103);
        assert!((11..=14).contains(&counts[2]), "{counts:?}");
    }

    #[test]
    fn mixed_should_be_a_market_day_when_acts_are_counted() {
        let parts = Kind::Mixed.parts();
        let acts = |role: Role| {
            let part = parts.iter().find(|part| part.role == role);
            part.map_or(0.0, |part| {
                f64::from(part.transactions) * acts_a_transaction(role, 50)
            })
        };
        let all = acts(Role::Quoting) + acts(Role::Flickering) + acts(Role::Taking);
        assert_eq!(acts(Role::Taking) / all, 0.05);
        assert_eq!(acts(Role::Quoting) / all, 0.6);
    }

    #[test]
    fn accounts_should_be_shared_out_whole() {
        for kind in Kind::value_variants() {
            let all: u32 = kind.parts().iter().map(|part| part.accounts).sum();
            assert_eq!(all, 100, "{kind:?}");
        }
    }

    #[test]
    fn rate_should_count_what_the_kind_is_named_for() {
        assert_eq!(Kind::Ladders.transactions_for(5_000.0, 50), 100.0);
        assert_eq!(Kind::Orders.transactions_for(1_000.0, 50), 1_020.0);
        assert_eq!(Kind::Takers.transactions_for(190.0, 50), 200.0);
        assert_eq!(Kind::Mixed.transactions_for(1_000.0, 50), 412.0);
    }
}
