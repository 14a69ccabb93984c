// dave: js-script ./steps/kill.js within 65 seconds
// dave: js-script ./steps/kill.js with "SIGTERM" within 65 seconds
//
// Ends the node's process, by SIGKILL as in a crash, or by the signal given, and waits until it is gone.
"use strict";

const notes = require("../lib/notes");
const { end } = require("../lib/process");
const rpc = require("../lib/rpc");
const { step } = require("../lib/step");

/** How the node was last ended by this script: what it had finalised then, and by which signal. */
function lastEnd(network, name) {
  return notes.read(network, `${name}-ended`, { finalised: 0, signal: "none" });
}

exports.lastEnd = lastEnd;
exports.run = step(async ({ node, network, args: [signal = "SIGKILL"] }) => {
  const finalised = await rpc.finalised(node);
  notes.write(network, `${node.name}-ended`, { finalised, signal });
  const pid = await end(network, node.name, signal);
  return `${node.name} (process ${pid}) is gone after ${signal}, with block ${finalised} finalised`;
});
