//! The texts of `--help`.

pub const HELP: &str = "\
Set-up, checks and development commands of Caisson.

Usage: cargo xtask <command>

Commands:
  run           do all set-up, build, and start a chain whose markets trade on a history of prices
  test          do all set-up and run every check that CI runs
  setup         only the set-up
  prove         prove the arithmetic of risk/ with z3
  chain-specs   write the chain specifications of dev, local and staging
  network-test  start validators and check finality, recovery and a live upgrade; or prices; or a crash
  weights       measure what calls and hooks cost and write it into the runtime
  side-by-side  play a crash with the trigger index and with other ways to find unsafe accounts

`cargo xtask <command> --help` says more. CAISSON_CACHE names the folder for downloaded tools
(default: ~/.cache/caisson), CARGO_TARGET_DIR the one for build artefacts.";

pub const HELP_SETUP: &str = "\
Makes this machine ready: Debian packages, the wasm target, a Python environment with z3, the npm
packages of tools/clients, zepter. Says nothing when nothing is to do. The other commands do the
part of it that they need by themselves.

Usage: cargo xtask setup";

pub const HELP_RUN: &str = "\
Does all set-up, builds everything, and starts a development chain with 1-second blocks, prices that
play from a history, a crowd of bots that trades on it, and a live view in this terminal. Ctrl-C ends it
all. Every start is a fresh chain, unless --keep says where to keep it.

Usage: cargo xtask run [OPTIONS] [-- ARGUMENTS OF THE NODE]

Options:
  --history NAME  the prices: calm, crash or another of tools/price-server/histories; a CSV file of your
                  own; or live, for those of real exchanges (default: a day of real prices)
  --speed X       how many times faster than it was the history plays (default: a row of it each second)
  --nodes N       validators, 1 to 4 (default: 1)
  --no-bots       nobody trades but you
  --keep DIR      keep the chain in DIR and go on from there next time
  --rpc-port N    the port of the first node's RPC (default: 9944); further nodes take the next ones
  --plain         lines instead of a live view; without a terminal that is so anyway
  --json          a JSON document for each block instead of a live view
  --blocks N      end after N blocks

Examples: cargo xtask run --history crash
          cargo xtask run --nodes 4 --no-bots -- -lrpc=debug";

pub const HELP_TEST: &str = "\
Does all set-up and runs every check that CI runs, in order, with the time of each. Stops at the
first failure and says how to run that step alone.

Usage: cargo xtask test [--only STEP]... [--list]

Options:
  --only STEP  run this step only; may be given several times
  --list       print the steps and what each does";

pub const HELP_PROVE: &str = "\
Proves the arithmetic of risk/ on symbolic numbers with z3.

Usage: cargo xtask prove [-- ARGUMENTS OF THE PROVER]";

pub const HELP_CHAIN_SPECS: &str = "\
Writes the plain and the raw chain specification of dev, local and staging, and checks them.

Usage: cargo xtask chain-specs [--out DIR] [--node FILE]

Options:
  --out DIR    folder to write to (default: chain-specs in the checkout)
  --node FILE  ask this node instead of building one; for a release, the production build";

pub const HELP_NETWORK_TEST: &str = "\
Starts four validators on this machine with zombienet: they finalise, one is killed and comes back,
the chain goes on, the runtime is upgraded by referendum and all nodes follow.

Usage: cargo xtask network-test [--short | --oracle | --crash]

Options:
  --short      without the upgrade: a form that `cargo xtask test` runs
  --oracle     prices instead: they follow their sources, junk reports change nothing, the loss of half
               the sources is noticed and heals by itself, a validator that lies is slashed and no price
               is; `cargo xtask test` runs this form, too
  --crash      a market crash instead: a validator and another node are killed and started again while
               accounts are liquidated, and come back to the state of a node that was never disturbed;
               `cargo xtask test` runs this form, too. CAISSON_SEED repeats the moments of a run";

pub const HELP_WEIGHTS: &str = "\
Builds the runtime with its benchmarks, measures them with frame-omni-bencher, which it installs if it is
missing, and writes runtime/src/weights. The machine should do nothing else meanwhile. Not part of CI.

Usage: cargo xtask weights [OPTIONS]

Options:
  --only NAME  measure this pallet only, or `overhead`: empty blocks and transactions; may be given several
               times
  --steps N    values tried of each component of a benchmark (default: 10)
  --repeat N   runs of each, one after the other (default: 20)
  --rounds N   how often all of that is done; the least time of each run counts (default: 3)
  --out DIR    folder to write to (default: runtime/src/weights)
  --list       print what can be measured

To try benchmarks: cargo xtask weights --only pallet_margin --steps 3 --repeat 1 --rounds 1 --out /tmp/weights";

pub const HELP_SIDE_BY_SIDE: &str = "\
Builds a runtime that knows other ways to find unsafe accounts besides the trigger index (a scan of all
accounts, workers off the chain), and plays one crash with each. Takes some minutes; the machine should do
nothing else meanwhile. Not part of CI.

Usage: cargo xtask side-by-side [-- ARGUMENTS OF caisson-side-by-side]

Example: cargo xtask side-by-side -- --accounts 1000 --accounts 10000 --out growth-report";
