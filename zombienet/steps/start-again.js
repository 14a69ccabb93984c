// dave: js-script ./steps/start-again.js with "60" within 65 seconds
//
// Starts a node that kill.js has ended, on the database it left, and shows that
//   1. it took up its old database instead of beginning at genesis,
//   2. it reached the height that another node had when it was started, and finalises beyond,
//   3. it authors blocks again, so it is back as a validator and not just as a listener.
"use strict";

const { step } = require("../lib/step");
const { lastEnd } = require("./kill");
const { LOST_IN_A_CRASH, databaseHeight, startAgain } = require("../lib/process");
const rpc = require("../lib/rpc");
const { waitFor } = require("../lib/wait");

const AUTHORED = "substrate_proposer_block_constructed_count";

exports.run = step(async ({ node, nodes, network, args: [seconds = "60"] }) => {
  const deadline = Date.now() + Number(seconds) * 1000;
  const left = () => Math.max(1, Math.round((deadline - Date.now()) / 1000));
  const other = nodes.find(({ name }) => name !== node.name);

  const { finalised: before, signal } = lastEnd(network, node.name);
  const target = await rpc.finalised(other);
  const logStart = startAgain(network, node.name);

  const kept = await databaseHeight(network, node.name, logStart, left());
  if (kept < before - (signal === "SIGKILL" ? LOST_IN_A_CRASH : 0))
    throw new Error(`${node.name} had finalised ${before} when it was ended, but its database holds only ${kept}`);

  const reached = await waitFor(`${node.name} to finalise beyond ${target}`, left(), async () => {
    const now = await rpc.finalised(node);
    return now > target ? { value: now } : { seen: `it at ${now}, with best block ${await rpc.best(node)}` };
  });
  const authored = await waitFor(`${node.name} to author a block again`, left(), async () => {
    const count = await rpc.metric(node, AUTHORED);
    return count > 0 ? { value: count } : { seen: `${AUTHORED} at ${count}` };
  });
  return `${node.name} came back with block ${kept}, finalised ${reached}, authored ${authored}`;
});
