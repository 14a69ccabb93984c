//! The step `examples`: the programs in `examples/` do what they say, on a development chain of their own.
//!
//! Those in TypeScript are compiled against types that are made from the wasm of the very runtime that the node runs, so
//! a change of the runtime that they don't fit fails here before anything starts.

use crate::dev_chain::Chain;
use crate::error::{Error, Result};
use crate::network;
use crate::node;
use crate::process;
use crate::service;
use crate::setup::{scratch::Scratch, Ready};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long the programs may take: a minute, and a slow machine.
const LIMIT: Duration = Duration::from_secs(180);
/// The programs that are given the address of a node, in the order in which they run on the one chain.
const EXAMPLES: [&str; 2] = ["examples/polkadot-js/trade.js", "examples/papi/trade.ts"];
/// The program that is given the chain's specification first.
const LIGHT_CLIENT: &str = "examples/light-client/follow.ts";
/// Makes the types, and what from.
const TYPES: &str = "tools/clients/types.js";
const WASM: &str = "wbuild/caisson-runtime/caisson_runtime.compact.compressed.wasm";
/// The TypeScript compiler, and the project that it checks.
const COMPILER: &str = "tools/clients/node_modules/typescript/bin/tsc";
const PROJECT: &str = "examples";

/// Builds node and price server, compiles the examples, starts both, and runs the examples against them.
pub fn run(ready: &Ready) -> Result<()> {
    let binary = node::build(ready)?;
    compile(ready, &binary)?;
    let folder = Scratch::new(ready.workspace, "examples")?;
    let chain = Chain::start(ready, &binary, folder.path())?;
    let address = format!("ws://{}", chain.rpc);
    let until = Instant::now() + LIMIT;
    let explained = |error| Error::new(format!("{error}\n{}", chain.last_words()));
    for example in EXAMPLES {
        println!("{example} on {address}");
        run_example(ready, &binary, &[example, &address], until).map_err(explained)?;
    }
    println!("{LIGHT_CLIENT} beside {address}");
    let spec = write_spec(&binary, folder.path())?;
    run_example(ready, &binary, &[LIGHT_CLIENT, &spec, &address], until).map_err(explained)
}

/// Makes the TypeScript types of the runtime that was just built; those of the same runtime are made once.
pub fn make_types(ready: &Ready, binary: &Path) -> Result<()> {
    let wasm = text(&ready.workspace.target.join("debug").join(WASM));
    process::run(node_js(ready, binary)?.args([TYPES, &wasm]))
}

/// Checks the examples against these types.
fn compile(ready: &Ready, binary: &Path) -> Result<()> {
    make_types(ready, binary)?;
    println!("compiling the examples in TypeScript");
    process::run(node_js(ready, binary)?.args([COMPILER, "-p", PROJECT])).map_err(|error| {
        Error::new(format!(
            "{error}\nThe examples don't fit the types of the runtime: either its interface has changed, and they \
             must follow, or they are wrong"
        ))
    })
}

/// Has the node write the raw specification of its development chain.
fn write_spec(binary: &Path, folder: &Path) -> Result<String> {
    let file = text(&folder.join("spec.json"));
    let options = ["export-chain-spec", "--chain", "dev", "--raw", "--output"];
    process::run_quietly(Command::new(binary).args(options).arg(&file))?;
    Ok(file)
}

/// Runs a program of `examples/` with its arguments.
fn run_example(ready: &Ready, binary: &Path, words: &[&str], until: Instant) -> Result<()> {
    let mut program = node_js(ready, binary)?;
    process::run_within(
        program.args(words),
        until.saturating_duration_since(Instant::now()),
    )
}

/// The Node.js of `tools/clients`, in the checkout; it ends with this process.
fn node_js(ready: &Ready, binary: &Path) -> Result<Command> {
    let mut program = service::tied(Path::new("node"));
    program
        .current_dir(&ready.workspace.root)
        .env("PATH", network::client_path(ready, binary)?);
    Ok(program)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
