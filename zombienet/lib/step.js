// What zombienet calls: `run(nodeName, networkInfo, args)`.
"use strict";

const notes = require("./notes");
const { words } = require("./wait");

/**
 * Makes a `run` function out of `body`, which returns one line that says what was shown.
 *
 * zombienet goes on after a failed line. Each later line would wait for its whole time on a network that is broken
 * already, so the first failure is noted in the network's directory and the later scripts give up at once.
 *
 * @param {(context: {node: object, nodes: object[], network: object, args: string[]}) => Promise<string>} body
 *   `node` is the one that the line names, `nodes` are all of them.
 */
function step(body) {
  return async (nodeName, networkInfo, args) => {
    if (notes.read(networkInfo, "failed")) throw new Error("not tried, because an earlier line failed");
    const nodes = networkInfo.relay;
    const node = nodes.find(({ name }) => name === nodeName);
    const started = Date.now();
    try {
      const shown = await body({ node, nodes, network: networkInfo, args: [args].flat().filter((arg) => arg !== "") });
      console.log(`   ${shown} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      notes.write(networkInfo, "failed", words(error));
      throw error;
    }
  };
}

/** The nodes with these names, or all if there are none. */
function named(nodes, names) {
  if (names.length === 0) return nodes;
  return names.map((name) => {
    const node = nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`no node is called ${name}; there are ${nodes.map((n) => n.name).join(", ")}`);
    return node;
  });
}

module.exports = { named, step };
