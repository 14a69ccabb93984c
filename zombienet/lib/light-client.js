// Runs examples/light-client/follow.ts, the light client that users are shown, and collects what it reads.
"use strict";

const { spawn } = require("child_process");
const path = require("path");
const readline = require("readline");

const PROGRAM = path.resolve(__dirname, "../../examples/light-client/follow.ts");

/** So much of what it complains about is repeated. */
const COMPLAINT = 500;

/** The end of a stream's text, once it has ended. */
async function textOf(stream) {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  return text.trim().slice(-COMPLAINT);
}

/**
 * Follows a chain for so many finalised blocks, and returns what it says of each: `number`, `hash`, and the figures.
 *
 * @param {string} spec       file with the raw chain specification
 * @param {string[]} peers    RPC addresses of full nodes, which are asked where they listen
 * @param {number} blocks     how many blocks
 * @param {number} seconds    how long it may take
 */
async function follow(spec, peers, blocks, seconds) {
  const program = spawn(process.execPath, [PROGRAM, spec, ...peers, "--blocks", String(blocks), "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve, reject) => {
    program.on("error", reject);
    program.on("close", (code, signal) => resolve(code === null ? signal : code));
  });
  const complaints = textOf(program.stderr);
  const seen = [];
  readline.createInterface({ input: program.stdout }).on("line", (line) => seen.push(JSON.parse(line)));
  const timer = setTimeout(() => program.kill("SIGKILL"), seconds * 1000);
  const outcome = await ended.finally(() => clearTimeout(timer));
  if (outcome === 0 && seen.length === blocks) return seen;
  const why = outcome === "SIGKILL" ? `wasn't done after ${seconds} s` : `ended with ${outcome}`;
  const last = seen.length === 0 ? "no block" : `${seen.length} blocks up to ${seen.at(-1).number}`;
  throw new Error(`the light client ${why}, having followed ${last}; it says: ${(await complaints) || "nothing"}`);
}

module.exports = { follow };
