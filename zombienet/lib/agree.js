// Holding what all nodes say against what one of them says: blocks, whole states, and figures of the runtime.
"use strict";

const { createHash } = require("crypto");
const { fromClients } = require("./client");
const rpc = require("./rpc");

/** So many requests to one node at once. */
const AT_ONCE = 16;
/** So many keys of a state in one answer. */
const PAGE = 512;
/** Differing values are shown up to this length. */
const SHOWN = 120;

/** The results of `work` on all of `list`, in order, a few at once. */
async function all(list, work) {
  const results = [];
  for (let i = 0; i < list.length; i += AT_ONCE)
    results.push(...(await Promise.all(list.slice(i, i + AT_ONCE).map(work))));
  return results;
}

const short = (value) => (value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);

/** What `read` gives for the first of the nodes, as text. Fails unless it gives the same for all of them. */
async function same(nodes, what, read) {
  const values = await Promise.all(nodes.map(async (node) => JSON.stringify(await read(node))));
  const other = values.findIndex((value) => value !== values[0]);
  if (other > 0)
    throw new Error(
      `${what}: ${nodes[other].name} has ${short(values[other])}, but ${nodes[0].name} ${short(values[0])}`,
    );
  return values[0];
}

/** Whole numbers from one to another. */
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The canonical blocks of a node with these numbers: hash, state root, and the block with its header and extrinsics. */
async function blocks(node, numbers) {
  const hashes = await rpc.call(node, "chain_getBlockHash", numbers);
  const places = numbers.map((number, i) => ({ number, hash: hashes[i] }));
  return all(places, async ({ number, hash }) => {
    const signed = hash && (await rpc.call(node, "chain_getBlock", hash));
    if (!signed) throw new Error(`${node.name} does not have block ${number}, ${hash}`);
    return { number, hash, stateRoot: signed.block.header.stateRoot, block: signed.block };
  });
}

/** The whole state after a block, read key by key: how many there are, and a digest of all keys and values. */
async function state(node, hash) {
  const digest = createHash("sha256");
  let count = 0;
  for (let last = null; ; ) {
    const keys = await rpc.call(node, "state_getKeysPaged", "0x", PAGE, last, hash);
    if (keys.length === 0) return { count, digest: digest.digest("hex") };
    const [{ changes }] = await rpc.call(node, "state_queryStorageAt", keys, hash);
    for (const [key, value] of changes) digest.update(`${key}=${value}\n`);
    count += keys.length;
    last = keys.at(-1);
  }
}

/** The answer of a runtime API in the state after a block, in SCALE. */
const ask = (node, hash, api, parameters = "0x") => rpc.call(node, "state_call", api, parameters, hash);

/** A number as a parameter of a runtime API. */
function u32(number) {
  const { u8aToHex, bnToU8a } = fromClients("@polkadot/util");
  return u8aToHex(bnToU8a(number, { bitLength: 32, isLe: true }));
}

/** All entries of one storage item in the state after a block. */
async function entries(node, hash, pallet, item) {
  const { xxhashAsHex } = fromClients("@polkadot/util-crypto");
  const prefix = `${xxhashAsHex(pallet, 128)}${xxhashAsHex(item, 128).slice(2)}`;
  const keys = await rpc.call(node, "state_getKeysPaged", prefix, PAGE, null, hash);
  const [{ changes }] = await rpc.call(node, "state_queryStorageAt", keys, hash);
  return changes;
}

module.exports = { all, ask, blocks, entries, range, same, state, u32 };
