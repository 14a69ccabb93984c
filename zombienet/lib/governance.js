// A referendum on the root track, from the preimage to the enactment.
"use strict";

const { eventOf, submit } = require("./client");
const { final, waitFor } = require("./wait");

/** Blocks come late on a busy machine: a period may last this many times its nominal time … */
const SLACK = 3;
/** … and a while more, for the steps between the periods. In seconds. */
const MARGIN = 60;
/** How much of its free balance a holder votes with, in percent: the rest pays fees and deposits. */
const STAKE_PERCENT = 80n;
/** The convictions of the voters in turn: how long they let their tokens be locked. */
const CONVICTIONS = ["Locked1x", "Locked2x", "Locked3x"];

/** The periods of a track as the runtime states them, in blocks, and how long to wait for one, in seconds. */
function periodsOf(api, track) {
  const tracks = api.consts.referenda.tracks;
  const found = tracks.find(([id]) => id.eq(track));
  if (!found) throw new Error(`the runtime states no track ${track}; it has ${tracks.map(([id]) => id).join(", ")}`);
  const blockSeconds = api.consts.babe.expectedBlockTime.toNumber() / 1000;
  const names = ["preparePeriod", "decisionPeriod", "confirmPeriod", "minEnactmentPeriod"];
  const [prepare, decide, confirm, enact] = names.map((name) => found[1][name].toNumber());
  const within = (blocks) => Math.ceil(blocks * blockSeconds * SLACK) + MARGIN;
  return { prepare, decide, confirm, enact, within };
}

/** Submits a referendum on `call` with root's origin and places its decision deposit. */
async function propose(api, proposer, call) {
  const { hash, encodedLength: len } = call.method;
  await submit(api, proposer, api.tx.preimage.notePreimage(call.method.toHex()));
  const proposal = { Lookup: { hash, len } };
  const submission = api.tx.referenda.submit({ system: "Root" }, proposal, { After: 0 });
  const submitted = eventOf(await submit(api, proposer, submission), "referenda", "Submitted", "the proposal");
  const { index, track } = submitted.data;
  const deposit = await submit(api, proposer, api.tx.referenda.placeDecisionDeposit(index));
  eventOf(deposit, "referenda", "DecisionDepositPlaced", "the decision deposit");
  return { index, track };
}

/** All `voters` vote aye with most of what they have. */
async function voteAye(api, voters, index) {
  await Promise.all(
    voters.map(async (voter, i) => {
      const { data } = await api.query.system.account(voter.pair.address);
      const balance = (data.free.toBigInt() * STAKE_PERCENT) / 100n;
      if (balance === 0n) throw new Error(`${voter.name} holds nothing to vote with; is this the local preset?`);
      const vote = { aye: true, conviction: CONVICTIONS[i % CONVICTIONS.length] };
      await submit(api, voter, api.tx.convictionVoting.vote(index, { Standard: { vote, balance } }));
    }),
  );
}

/** Where a referendum stands: `state` as the runtime calls it, and all of it in words. */
async function standing(api, index) {
  const [info, now] = await Promise.all([api.query.referenda.referendumInfoFor(index), api.query.system.number()]);
  if (info.isNone) return { state: "None", words: `no referendum ${index}` };
  const { type: state, value } = info.unwrap();
  if (state !== "Ongoing") return { state, words: `it ${state} at block ${value[0]}` };
  const { deciding, tally, alarm } = value;
  const phase = deciding.isNone
    ? "in preparation"
    : deciding.unwrap().confirming.isSome
      ? `being confirmed until block ${deciding.unwrap().confirming.unwrap()}`
      : `being decided since block ${deciding.unwrap().since}`;
  const alarmAt = alarm.isSome ? `, next looked at in block ${alarm.unwrap()[0]}` : "";
  const votes = `ayes ${tally.ayes.toHuman()}, nays ${tally.nays.toHuman()}, support ${tally.support.toHuman()}`;
  return { state, deciding: deciding.isSome, words: `it ${phase} at block ${now}${alarmAt}, with ${votes}` };
}

/** Waits until the referendum has reached a point, which `reached` tells from its standing. */
function awaitStanding(api, index, what, seconds, reached) {
  return waitFor(`referendum ${index} to be ${what}`, seconds, async () => {
    const now = await standing(api, index);
    if (reached(now)) return { value: now };
    if (now.state !== "Ongoing") throw final(`referendum ${index} was to be ${what}, but ${now.words}`);
    return { seen: now.words };
  });
}

/** Waits until the referendum is approved, phase by phase, each as long as the track allows. */
async function awaitApproval(api, index, periods, say) {
  const { prepare, decide, confirm, within } = periods;
  const decided = (now) => now.deciding || now.state === "Approved";
  await awaitStanding(api, index, `in decision after ${prepare} blocks`, within(prepare), decided);
  say("it is being decided");
  const phases = `approved in at most ${decide} + ${confirm} blocks`;
  await awaitStanding(api, index, phases, within(decide + confirm), (now) => now.state === "Approved");
  say("it is approved");
}

module.exports = { awaitApproval, periodsOf, propose, voteAye };
