// alice: js-script ./steps/upgrade-by-referendum.js within 3600 seconds
//
// Token holders upgrade the runtime to the wasm at CAISSON_UPGRADE_WASM: a referendum on the root track authorises
// its hash, and once that is enacted anyone may supply the code. How long each phase may take follows from the
// track's periods, which the runtime states in its metadata; the time on the line above is only a last limit.
"use strict";

const fs = require("fs");
const { fromClients, holders, takeNonce, withApi } = require("../lib/client");
const { awaitApproval, periodsOf, propose, voteAye } = require("../lib/governance");
const notes = require("../lib/notes");
const rpc = require("../lib/rpc");
const { step } = require("../lib/step");
const { waitFor } = require("../lib/wait");

/** How long four nodes on a busy machine may take to compile the new runtime. */
const APPLY_SECONDS = 180;

function readCode() {
  const file = process.env.CAISSON_UPGRADE_WASM;
  if (!file) throw new Error("CAISSON_UPGRADE_WASM must name the wasm of the new runtime");
  return fs.readFileSync(file);
}

/** Waits until root's authorisation of the code with this hash is in the state. */
function awaitAuthorisation(api, codeHash, seconds) {
  return waitFor(`the upgrade to ${codeHash} to be authorised`, seconds, async () => {
    const authorised = await api.query.system.authorizedUpgrade();
    if (authorised.isNone) return { seen: "no authorised upgrade" };
    const hash = authorised.unwrap().codeHash.toHex();
    return hash === codeHash ? { value: true } : { seen: `an authorised upgrade to ${hash}` };
  });
}

/**
 * Supplies the code and waits until it is the runtime's.
 *
 * The outcome is read from the state, not from the events: all nodes compile the new runtime at this point, which
 * takes seconds in which they answer nothing that needs it, such as how its events are to be decoded.
 */
async function apply(api, node, submitter, code, codeHash) {
  const call = api.tx.system.applyAuthorizedUpgrade(`0x${code.toString("hex")}`);
  const signed = await call.signAsync(submitter.pair, { nonce: await takeNonce(api, submitter) });
  await rpc.call(node, "author_submitExtrinsic", signed.toHex());
  await waitFor(`the code ${codeHash} to become the runtime`, APPLY_SECONDS, async () => {
    if ((await rpc.codeHash(node)) === codeHash) return { value: true };
    const waiting = (await api.query.system.authorizedUpgrade()).isSome;
    const rejected = "the chain refuse it: is its spec_version higher, and its spec_name the same?";
    return { seen: waiting ? "it only authorised" : rejected };
  });
}

exports.run = step(async ({ node, network }) => {
  const code = readCode();
  const codeHash = fromClients("@polkadot/util-crypto").blake2AsHex(code, 256);
  const from = await rpc.specVersion(node);
  if ((await rpc.codeHash(node)) === codeHash)
    throw new Error(`CAISSON_UPGRADE_WASM is the runtime that runs already (spec_version ${from})`);

  return withApi(node, async (api) => {
    const [proposer, ...others] = await holders();
    const { index, track } = await propose(api, proposer, api.tx.system.authorizeUpgrade(codeHash));
    const say = (text) => console.log(`   referendum ${index} on track ${track}: ${text}`);
    const periods = periodsOf(api, track);
    const { prepare, decide, confirm, enact, within } = periods;
    say(`submitted; ${prepare} blocks to prepare, ${decide} to decide, ${confirm} to confirm, ${enact} to enact`);

    await voteAye(api, [proposer, ...others], index);
    say(`${others.length + 1} holders have voted`);
    await awaitApproval(api, index, periods, say);
    await awaitAuthorisation(api, codeHash, within(enact));
    say("it is enacted: the upgrade is authorised");

    await apply(api, node, proposer, code, codeHash);
    const height = await rpc.best(node);
    notes.write(network, "upgrade", { from, codeHash, height });
    return `referendum ${index} replaced spec_version ${from} by the code ${codeHash.slice(0, 10)}… by block ${height}`;
  });
});
