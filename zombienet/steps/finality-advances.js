// alice: js-script ./steps/finality-advances.js with "10,60,alice,bob" within 65 seconds
//
// Every one of the nodes named (all, if none is) finalises so many more blocks within so many seconds.
"use strict";

const { named, step } = require("../lib/step");
const rpc = require("../lib/rpc");
const { waitFor } = require("../lib/wait");

async function advance(node, blocks, seconds) {
  const from = await waitFor(`${node.name} to report its finalised height`, seconds, async () => ({
    value: await rpc.finalised(node),
  }));
  const to = await waitFor(`${node.name} to finalise ${blocks} blocks beyond ${from}`, seconds, async () => {
    const now = await rpc.finalised(node);
    return now >= from + blocks ? { value: now } : { seen: `it at ${now}, with best block ${await rpc.best(node)}` };
  });
  return `${node.name} ${from} → ${to}`;
}

exports.run = step(async ({ nodes, args: [blocks = "5", seconds = "60", ...names] }) => {
  const moves = await Promise.all(named(nodes, names).map((node) => advance(node, Number(blocks), Number(seconds))));
  return `finality advances: ${moves.join(", ")}`;
});
