// alice: js-script ./steps/same-chain.js with "60" within 65 seconds
//
// All nodes have the same block at a height that all have finalised. If a node was killed before, that height lies
// above everything it had finalised then, so it has caught up and finalised the same chain.
"use strict";

const { step } = require("../lib/step");
const { lastEnd } = require("./kill");
const rpc = require("../lib/rpc");
const { waitFor } = require("../lib/wait");

exports.run = step(async ({ nodes, network, args: [seconds = "60"] }) => {
  const above = Math.max(0, ...nodes.map(({ name }) => lastEnd(network, name).finalised));
  const common = await waitFor(`all nodes to finalise beyond block ${above}`, Number(seconds), async () => {
    const heights = await Promise.all(nodes.map(rpc.finalised));
    const lowest = Math.min(...heights);
    if (lowest > above) return { value: lowest };
    return { seen: nodes.map(({ name }, i) => `${name} at ${heights[i]}`).join(", ") };
  });
  const hashes = await Promise.all(nodes.map((node) => rpc.hashAt(node, common)));
  if (new Set(hashes).size !== 1 || !hashes[0]) {
    const list = nodes.map(({ name }, i) => `${name} ${hashes[i]}`).join(", ");
    throw new Error(`nodes disagree about the finalised block ${common}: ${list}`);
  }
  return `${nodes.length} nodes finalised the same block ${common}, ${hashes[0].slice(0, 10)}…`;
});
