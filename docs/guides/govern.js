#!/usr/bin/env node
// Any call from a shell: signed, by a motion, or by a referendum. For trying governance on a development chain; on a
// chain whose tokens are worth something, use polkadot.js Apps and a key that this computer doesn't hold.
//
//   node docs/guides/govern.js send KEY PALLET.CALL [ARGUMENT...]
//   node docs/guides/govern.js motion BODY KEY,KEY... PALLET.CALL [ARGUMENT...]
//   node docs/guides/govern.js referendum TRACK KEY,KEY... PALLET.CALL [ARGUMENT...]
//   node docs/guides/govern.js read PALLET.ITEM [ARGUMENT...]
//
// KEY is //Alice and the like. BODY is council or technicalCommittee; the keys are its members: the first proposes, all
// vote aye. TRACK is an origin such as RiskAdmin, or Root; the first key submits, all vote aye with a million each.
// Arguments are JSON, or words. The node is that of CAISSON_URL.
"use strict";

const lib = require("../../examples/polkadot-js/lib");
const { createRequire } = require("module");
const path = require("path");
const { Keyring } = createRequire(path.resolve(__dirname, "../../tools/clients/package.json"))("@polkadot/api");

const ADDRESS = process.env.CAISSON_URL || "ws://127.0.0.1:9944";
/** One CSN. */
const CSN = 10n ** 12n;
/** How long a referendum is waited for: on a development chain it takes half a minute. */
const PATIENCE_SECONDS = 240;

/** An argument as JSON, or else as the word it is. Numbers stay text: JavaScript's own lose digits of amounts. */
function argument(text) {
  if (/^\d+$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The call of this name with these arguments. */
function callOf(api, [name, ...words]) {
  const [pallet, method] = (name || "").split(".");
  const make = api.tx[pallet] && api.tx[pallet][method];
  if (!make) throw new Error(`there is no call \`${name}\`; write it like circuitBreaker.raise`);
  return make(...words.map(argument));
}

/** Who signs. The names are those that errors show. */
function signersOf(secrets) {
  const keyring = new Keyring({ type: "sr25519" });
  return secrets.split(",").map((secret) => ({ name: secret, pair: keyring.addFromUri(secret), nonce: undefined }));
}

/** What failed inside a call that packs another. */
function expectDispatched(api, events, section, method) {
  const { result } = lib.eventOf(events, section, method);
  if (result.isErr) throw new Error(`the call failed: ${lib.errorOf(api, result.asErr).name}`);
}

async function send(api, [secret, ...words]) {
  const [signer] = signersOf(secret);
  await lib.send(api, signer, callOf(api, words));
  console.log(`${words[0]} was made by ${secret}`);
}

async function motion(api, [body, secrets, ...words]) {
  const members = signersOf(secrets);
  const call = callOf(api, words);
  const length = call.method.encodedLength;
  const { events } = await lib.send(api, members[0], api.tx[body].propose(members.length, call, length));
  const proposed = events.find((event) => event.section === body && event.method === "Proposed");
  if (!proposed) {
    // A single vote was enough.
    expectDispatched(api, events, body, "Executed");
    console.log(`${words[0]} was made by the ${body}`);
    return;
  }
  const { proposalIndex: index, proposalHash: hash } = proposed.data;
  console.log(`motion ${index} of the ${body}: ${words[0]}`);
  for (const member of members) {
    await lib.send(api, member, api.tx[body].vote(hash, index, true));
    console.log(`${member.name} votes aye`);
  }
  const { weight } = await call.paymentInfo(members[0].pair);
  const closed = await lib.send(api, members[0], api.tx[body].close(hash, index, weight, length));
  expectDispatched(api, closed.events, body, "Executed");
  console.log(`passed and made: ${words[0]}`);
}

async function referendum(api, [track, secrets, ...words]) {
  const voters = signersOf(secrets);
  const call = callOf(api, words);
  const bytes = call.method.toHex();
  await lib.send(api, voters[0], api.tx.preimage.notePreimage(bytes));
  const origin = track === "Root" ? { system: "Root" } : { Origins: track };
  const proposal = { Lookup: { hash: call.method.hash.toHex(), len: call.method.encodedLength } };
  const { events } = await lib.send(api, voters[0], api.tx.referenda.submit(origin, proposal, { After: 0 }));
  const { index } = lib.eventOf(events, "referenda", "Submitted");
  await lib.send(api, voters[0], api.tx.referenda.placeDecisionDeposit(index));
  console.log(`referendum ${index} for ${track}: ${words[0]}`);
  const vote = { Standard: { vote: { aye: true, conviction: "Locked1x" }, balance: (9_000_000n * CSN).toString() } };
  for (const voter of voters) {
    await lib.send(api, voter, api.tx.convictionVoting.vote(index, vote));
    console.log(`${voter.name} votes aye with 9,000,000 CSN`);
  }
  await enacted(api, index);
  console.log(`approved and enacted: ${words[0]}`);
}

/** Waits until the scheduler has dispatched what a referendum approved, and fails if that failed. */
async function enacted(api, index) {
  let next = (await api.rpc.chain.getHeader()).number.toNumber();
  await lib.until(`the end of referendum ${index}`, PATIENCE_SECONDS, async () => {
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    for (; next <= best; next += 1) {
      const state = await api.at(await api.rpc.chain.getBlockHash(next));
      const events = (await state.query.system.events()).map(({ event }) => event);
      // Other tasks of the scheduler, such as the clock of a referendum, have no name.
      const isEnactment = ({ section, method, data }) =>
        section === "scheduler" && method === "Dispatched" && data.id.isSome;
      const enactment = events.find(isEnactment);
      if (enactment) {
        expectDispatched(api, [enactment], "scheduler", "Dispatched");
        return true;
      }
    }
    const info = (await api.query.referenda.referendumInfoFor(index)).unwrap();
    if (!info.isOngoing && !info.isApproved) throw new Error(`referendum ${index} ended as ${info.type}`);
    return false;
  });
}

async function read(api, [name, ...words]) {
  const [pallet, item] = (name || "").split(".");
  const query = api.query[pallet] && api.query[pallet][item];
  if (!query) throw new Error(`there is nothing stored as \`${name}\`; write it like treasury.proposals`);
  console.log(JSON.stringify((await query(...words.map(argument))).toHuman(), null, 2));
}

const COMMANDS = { send, motion, referendum, read };

async function main([command, ...rest]) {
  const run = COMMANDS[command];
  if (!run) throw new Error(`say ${Object.keys(COMMANDS).join(", ")}; the head of this file shows how`);
  const api = await lib.connect(ADDRESS);
  try {
    await lib.signers();
    await run(api, rest);
  } finally {
    await api.disconnect();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`error: ${error.message}`);
  // Not later: @polkadot/api would report that it was disconnected.
  process.exit(1);
});
