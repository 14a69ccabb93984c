// alice: js-script ./steps/light-client.js with "10,90" within 125 seconds
//
// A light client, smoldot, follows so many finalised blocks within so many seconds: it knows the raw chain specification
// and where the nodes listen, checks finality itself, and reads every figure by a proof. All nodes have the same blocks at
// these heights, and the full nodes, each in turn, say the same of storage and of the runtime API in the same block.
"use strict";

const { withApi } = require("../lib/client");
const lightClient = require("../lib/light-client");
const rpc = require("../lib/rpc");
const { step } = require("../lib/step");

/** What a full node says of a block, in the form in which the light client does. */
async function figuresOf(api, hash) {
  const state = await api.at(hash);
  const [time, issuance, markets] = await Promise.all([
    state.query.timestamp.now(),
    state.query.balances.totalIssuance(),
    state.call.marketsApi.markets(),
  ]);
  return {
    time: time.toString(),
    issuance: issuance.toString(),
    markets: markets.map(({ symbol, contract, prices, openInterest }) => ({
      symbol: symbol.toUtf8(),
      tick: contract.tick.toString(),
      mark: prices.isSome ? prices.unwrap().mark.toString() : null,
      openInterest: openInterest.toString(),
    })),
  };
}

/** Fails unless each block is what `node` has at that height, and follows the one before. */
async function compareBlocks(node, followed) {
  for (const [i, { number, hash }] of followed.entries()) {
    const height = followed[0].number + i;
    if (number !== height) throw new Error(`the light client gave block ${number} where ${height} should follow`);
    const its = await rpc.hashAt(node, number);
    if (its !== hash) throw new Error(`block ${number}: the light client has ${hash}, ${node.name} has ${its}`);
  }
}

/** Fails unless `node` says the same of these blocks. */
async function compareFigures(node, followed) {
  await withApi(node, async (api) => {
    for (const { number, hash, ...figures } of followed) {
      const [light, full] = [figures, await figuresOf(api, hash)].map((value) => JSON.stringify(value));
      if (light !== full) throw new Error(`of block ${number} the light client says ${light}, but the node ${full}`);
    }
  });
}

exports.run = step(async ({ nodes, args: [blocks = "10", seconds = "90"] }) => {
  const peers = nodes.map(({ wsUri }) => wsUri);
  const followed = await lightClient.follow(process.env.CAISSON_CHAIN_SPEC, peers, Number(blocks), Number(seconds));
  const [first, last] = [followed[0], followed.at(-1)];
  const symbols = first.markets.map(({ symbol }) => symbol);
  if (symbols.length === 0) throw new Error(`the light client saw no markets in block ${first.number}`);
  for (const node of nodes) await compareBlocks(node, followed);
  await Promise.all(
    nodes.map((node, n) => compareFigures(node, followed.filter((_, i) => i % nodes.length === n))),
  );
  return `a light client followed ${first.number} → ${last.number} and proved what the nodes say of ${symbols.join(", ")}`;
});
