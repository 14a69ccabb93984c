// JSON-RPC and Prometheus of one node, over plain HTTP: enough for everything that needs no typed decoding.
"use strict";

const { words } = require("./wait");

const TIMEOUT_MS = 10_000;

/** The result of one JSON-RPC call to `node` (as zombienet describes it: `name`, `wsUri`). */
async function call(node, method, ...params) {
  let answer;
  try {
    const response = await fetch(node.wsUri.replace(/^ws/, "http"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = await response.json();
  } catch (error) {
    throw new Error(`${node.name} did not answer ${method} at ${node.wsUri}: ${words(error)}`);
  }
  if (answer.error) throw new Error(`${node.name} refused ${method}: ${answer.error.message}`);
  return answer.result;
}

const height = (header) => Number.parseInt(header.number, 16);

/** Height of the best block. */
const best = async (node) => height(await call(node, "chain_getHeader"));

/** Height of the last finalised block. */
async function finalised(node) {
  const hash = await call(node, "chain_getFinalizedHead");
  const header = await call(node, "chain_getHeader", hash);
  if (!header) throw new Error(`${node.name} does not know the header of its own finalised block ${hash}`);
  return height(header);
}

/** Hash of the block at `number` on the node's best chain, or null. */
const hashAt = (node, number) => call(node, "chain_getBlockHash", number);

/** The storage key of the runtime's code, ":code". */
const CODE_KEY = "0x3a636f6465";

/** BLAKE2b-256 of the runtime's code in the state of the best block. */
const codeHash = (node) => call(node, "state_getStorageHash", CODE_KEY);

/** The `spec_version` of the runtime of the best block. */
const specVersion = async (node) => (await call(node, "state_getRuntimeVersion")).specVersion;

/** The sum over all labels of one Prometheus sample name, or 0 if there is none yet. */
async function metric(node, name) {
  const response = await fetch(node.prometheusUri, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${node.name} answered ${response.status} at ${node.prometheusUri}`);
  return (await response.text())
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

module.exports = { best, call, codeHash, finalised, hashAt, metric, specVersion };
