// eve: js-script ./steps/crash-agrees.js within 125 seconds
//
// After crash-kills.js: whatever was killed, nothing was lost. The node that the line names was never disturbed, and all
// others are held against it, at a block that all have finalised after the fall:
//   1. every block from the first to that one is the same on all nodes: hash, state root, header and extrinsics,
//   2. whatever a node had finalised when it was killed is among them,
//   3. the whole state after that block is the same, read key by key from each node's database; so are the figures that the
//      runtime computes of it: the risk of the chain, of markets and compartments, the health of accounts,
//   4. the books of margin and the risk of the chain are the same after every block since the first kill,
//   5. accounts were liquidated, nothing happened that should never be, and no validator is accused of anything,
//   6. no log tells of a panic or of a block whose state root was wrong.
"use strict";

const { all, ask, blocks, entries, range, same, state, u32 } = require("../lib/agree");
const { eventsOf, stateAt, withApi } = require("../lib/client");
const notes = require("../lib/notes");
const { logFrom } = require("../lib/process");
const rpc = require("../lib/rpc");
const { step } = require("../lib/step");
const { waitFor } = require("../lib/wait");

const FINAL_SECONDS = 60;
/** The block to compare at is so many after the fall. */
const AFTER_BLOCKS = 3;
/** In a log these mean that a node did what it never should. */
const BAD_SIGNS = /panicked|storage root must match|digest item must match|essential task .* failed|corrupt/i;
/** What a crash must make happen, ... */
const EXPECTED = ["liquidation.OrderEntered", "liquidation.TakenOver", "liquidation.Restored"];
/** ... what must never happen, whatever the market does, ... */
const NEVER = ["liquidation.CouldNotLiquidate", "liquidation.FundFailed", "exchange.ClearingFailed"];
/** ... and what must not happen to a validator for a crash. */
const ACCUSATIONS = ["offences.Offence", "oracle.OffenceFound", "staking.SlashReported"];
/** What else is told of. */
const TOLD = [
  "margin.BecameUnsafe",
  "exchange.Filled",
  "liquidation.Bought",
  "liquidation.Deleveraged",
  "liquidation.ProfitCut",
  "circuitBreaker.Raised",
  "oracle.StatusChanged",
];

/** Waits until all nodes have finalised this block; returns the lowest height that all have. */
const untilFinal = (nodes, height) =>
  waitFor(`all nodes to finalise block ${height}`, FINAL_SECONDS, async () => {
    const heights = await Promise.all(nodes.map(rpc.finalised));
    const lowest = Math.min(...heights);
    if (lowest >= height) return { value: lowest };
    return { seen: nodes.map(({ name }, i) => `${name} at ${heights[i]}`).join(", ") };
  });

/** The blocks of the first node, after all others were found to have the very same. */
async function sameBlocks(nodes, numbers) {
  const [reference, ...others] = await Promise.all(nodes.map((node) => blocks(node, numbers)));
  for (const [i, chain] of others.entries()) {
    const wrong = chain.find((one, at) => JSON.stringify(one) !== JSON.stringify(reference[at]));
    if (!wrong) continue;
    const { hash, stateRoot } = reference[wrong.number - numbers[0]];
    const [name, witness] = [nodes[i + 1].name, nodes[0].name];
    throw new Error(
      `block ${wrong.number} of ${name} is ${wrong.hash} with state root ${wrong.stateRoot}, but that of ${witness} ` +
        `${hash} with ${stateRoot}`,
    );
  }
  return reference;
}

/** Fails if a block that a node had finalised when it was killed is not on the chain. */
function checkKept(kills, chain) {
  for (const { name, final } of kills) {
    const { hash } = chain[final.number - 1];
    if (hash !== final.hash)
      throw new Error(`${name} had finalised ${final.number}, ${final.hash}, when it was killed, but it is ${hash} now`);
  }
}

/** Fails unless all nodes have the same state after the block, and compute the same of it. Returns how many keys it has. */
async function sameState(nodes, { number, hash }, traders) {
  const whole = JSON.parse(await same(nodes, `the state after block ${number}`, (node) => state(node, hash)));
  for (const api of ["RiskApi_chain_risk", "RiskApi_market_risks", "RiskApi_compartment_risks"])
    await same(nodes, `${api} after block ${number}`, (node) => ask(node, hash, api));
  for (const { account } of traders)
    await same(nodes, `the health of account ${account} after block ${number}`, (node) =>
      ask(node, hash, "MarginApi_health", u32(account)),
    );
  return whole.count;
}

/** Fails unless these nodes have the same books and risk after each of the blocks. */
const sameHistory = (nodes, chain) =>
  all(chain, async ({ number, hash }) => {
    await same(nodes, `the books after block ${number}`, (node) => entries(node, hash, "Margin", "Ledgers"));
    await same(nodes, `the risk after block ${number}`, (node) => ask(node, hash, "RiskApi_chain_risk"));
  });

/** How often each event was made in these blocks, by its name. */
async function eventCounts(api, numbers) {
  const counts = {};
  for (const number of numbers)
    for (const { section, method } of await eventsOf(await stateAt(api, number))) {
      const name = `${section}.${method}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  return counts;
}

/** Fails if an event is missing that a crash must make, or there is one that must not be. */
function checkEvents(counts) {
  const missing = EXPECTED.filter((name) => !counts[name]);
  if (missing.length > 0) throw new Error(`the fall made no ${missing.join(", ")}; it made ${JSON.stringify(counts)}`);
  const wrong = [...NEVER, ...ACCUSATIONS].filter((name) => counts[name]);
  if (wrong.length > 0) throw new Error(`there should be no ${wrong.join(", ")}; there were ${JSON.stringify(counts)}`);
}

/** Fails if a log tells of a panic or a wrong state root. */
function checkLogs(network, nodes) {
  for (const { name } of nodes) {
    const line = logFrom(network, name)
      .split("\n")
      .find((one) => BAD_SIGNS.test(one));
    if (line) throw new Error(`the log of ${name} says: ${line.trim()}`);
  }
}

exports.run = step(async ({ node: witness, nodes, network }) => {
  const say = (text) => console.log(`   ${text}`);
  const { kills, to, witness: undisturbed } = notes.read(network, "kills", {});
  const { traders, height } = notes.read(network, "traders", {});
  if (!kills) throw new Error("nothing was killed before, so there is nothing to compare");
  if (undisturbed !== witness.name) throw new Error(`${witness.name} was disturbed, ${undisturbed} was not`);
  const others = nodes.filter((node) => node !== witness);
  const ordered = [witness, ...others];

  const last = await untilFinal(nodes, to + AFTER_BLOCKS);
  const chain = await sameBlocks(ordered, range(1, last));
  checkKept(kills, chain);
  const end = chain.at(-1);
  say(`all ${nodes.length} nodes have the same ${last} blocks; ${last} is ${end.hash} with state root ${end.stateRoot}`);

  const keys = await sameState(ordered, end, traders);
  say(`its state is the same on all of them: ${keys} keys, and the health of ${traders.length} accounts`);

  const first = Math.min(...kills.map(({ best }) => best));
  const killed = others.filter(({ name }) => kills.some((one) => one.name === name));
  const since = chain.slice(first - 1);
  await sameHistory([witness, ...killed], since);
  say(`after each of the ${since.length} blocks since the first kill the books are the same as if nothing had been killed`);

  const counts = await withApi(witness, (api) => eventCounts(api, range(height, last)));
  const told = [...EXPECTED, ...TOLD].map((name) => `${counts[name] ?? 0} ${name}`);
  say(`blocks ${height} to ${last} made ${told.join(", ")}`);
  checkEvents(counts);
  checkLogs(network, nodes);

  const lost = Math.max(0, ...kills.map(({ final, kept }) => final.number - kept));
  return (
    `${kills.length} kills, ${since.length} blocks compared since the first, state root ${end.stateRoot.slice(0, 10)}… ` +
    `at block ${last}; ${lost === 0 ? "no database lost a final block" : `databases got back up to ${lost} final blocks`}`
  );
});
