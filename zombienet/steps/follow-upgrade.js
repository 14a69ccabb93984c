// alice: js-script ./steps/follow-upgrade.js with "60" within 65 seconds
//
// After upgrade-by-referendum.js: every node runs the new code, says a higher spec_version, and has finalised a block
// that was made by it.
"use strict";

const notes = require("../lib/notes");
const rpc = require("../lib/rpc");
const { step } = require("../lib/step");
const { waitFor } = require("../lib/wait");

/** The new code is in the state after the block that set it; the block after that is the first it makes. */
const FIRST_BLOCKS = 2;

async function follow(node, { from, codeHash, height }, seconds) {
  return waitFor(`${node.name} to run the new runtime and finalise beyond block ${height}`, seconds, async () => {
    const [hash, version, finalised] = await Promise.all([
      rpc.codeHash(node),
      rpc.specVersion(node),
      rpc.finalised(node),
    ]);
    if (hash === codeHash && version > from && finalised >= height + FIRST_BLOCKS) return { value: version };
    return { seen: `code ${hash}, spec_version ${version} after ${from}, finalised block ${finalised}` };
  });
}

exports.run = step(async ({ nodes, network, args: [seconds = "60"] }) => {
  const upgrade = notes.read(network, "upgrade");
  if (!upgrade) throw new Error("no upgrade was made before, so there is none to follow");
  const versions = await Promise.all(nodes.map((node) => follow(node, upgrade, Number(seconds))));
  return `${nodes.length} nodes went from spec_version ${upgrade.from} to ${[...new Set(versions)].join(" and ")}`;
});
