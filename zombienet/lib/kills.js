// Killing a node at a random moment and starting it again on what is left of its database.
"use strict";

const { LOST_IN_A_CRASH, databaseHeight, end, startAgain } = require("./process");
const rpc = require("./rpc");
const { sleep, waitFor } = require("./wait");

const BLOCK_MS = 1_000;
/** A node stays down for so many blocks at most. */
const DOWN_BLOCKS = 4;
/** How long a busy machine may take for one more block. */
const BLOCK_SECONDS = 60;
/** How long it may take for a node to start, and to catch up. */
const BACK_SECONDS = 120;

/** Random numbers in [0, 1) that depend on nothing but the seed: mulberry32. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** When to kill: so many blocks and milliseconds from now, and for how many blocks. */
const draw = (next, blocks) => ({
  blocks: Math.floor(next() * blocks),
  milliseconds: Math.floor(next() * BLOCK_MS),
  down: Math.floor(next() * (DOWN_BLOCKS + 1)),
});

/** Waits until the best block of a node is at least this high. Returns its height. */
const untilHeight = (node, height) =>
  waitFor(
    `${node.name} to have block ${height}`,
    BLOCK_SECONDS,
    async () => {
      const best = await rpc.best(node);
      return best >= height ? { value: best } : { seen: `it at ${best}` };
    },
    100,
  );

/** The last block that a node has finalised. */
async function lastFinal(node) {
  const hash = await rpc.call(node, "chain_getFinalizedHead");
  const header = await rpc.call(node, "chain_getHeader", hash);
  return { number: Number.parseInt(header.number, 16), hash };
}

/**
 * Kills `node` (SIGKILL) at the moment that was drawn, starts it again on the same database, and waits until it has
 * finalised what `witness` had when it was started. Returns what it had when it was killed, and what it came back with.
 *
 * Fails if its database lost more than what it may have had in memory only.
 */
async function kill(network, node, witness, { blocks, milliseconds, down }) {
  await untilHeight(witness, (await rpc.best(witness)) + blocks);
  await sleep(milliseconds);
  const [final, best] = await Promise.all([lastFinal(node), rpc.best(node)]);
  const pid = await end(network, node.name, "SIGKILL");
  const gone = Date.now();
  await untilHeight(witness, (await rpc.best(witness)) + down);

  const target = await rpc.finalised(witness);
  const logStart = startAgain(network, node.name);
  const kept = await databaseHeight(network, node.name, logStart, BACK_SECONDS);
  if (kept < final.number - LOST_IN_A_CRASH)
    throw new Error(`${node.name} had finalised ${final.number} when it was killed, but its database holds only ${kept}`);
  const reached = await waitFor(`${node.name} to finalise beyond ${target} after a kill`, BACK_SECONDS, async () => {
    const now = await rpc.finalised(node);
    return now > target ? { value: now } : { seen: `it at ${now}, with best block ${await rpc.best(node)}` };
  });
  const seconds = (Date.now() - gone) / 1000;
  return { name: node.name, pid, best, final, kept, reached, seconds };
}

/** A kill in words. */
const show = ({ name, best, final, kept, reached, seconds }) =>
  `${name} was killed with block ${best}, final ${final.number}; its database had ${kept}; back at ${reached} after ` +
  `${seconds.toFixed(1)} s`;

module.exports = { draw, kill, lastFinal, random, show, untilHeight };
