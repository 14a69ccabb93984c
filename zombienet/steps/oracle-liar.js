// alice: js-script ./steps/oracle-liar.js with "dave,60" within 245 seconds
//
// All sources of one validator say half as much again. For at least so many final blocks
//   1. every feed stays live and within the range of what honest sources showed,
//   2. nobody but the liar is found to be an outlier,
//   3. the liar's offence is found, reported and on record to be slashed, and nobody else's.
"use strict";

const { stashOf, withApi } = require("../lib/client");
const { ages, checkHonest, checkLive, eventsIn, nextNumber, show, untilLive, watch } = require("../lib/feeds");
const { clearFaults, setFault } = require("../lib/prices");
const { step } = require("../lib/step");

const LIE_PERCENT = 50;
const LIVE_SECONDS = 60;
const SLASH_SECONDS = 180;

/** Events that must name the liar and nobody else, with the name of the field that says whom. */
const ACCUSATIONS = [
  ["oracle", "Outlier"],
  ["oracle", "OffenceFound"],
  ["staking", "SlashReported"],
];

/** How often each accusation was made, by its name. Fails if it was made against anybody but the liar. */
function accusations(blocks, liar) {
  const counts = ACCUSATIONS.map(([section, method]) => {
    const made = eventsIn(blocks, section, method);
    const wrong = made.find(({ data }) => data.validator.toString() !== liar);
    if (wrong)
      throw new Error(`${section}.${method} names ${wrong.data.validator} in block ${wrong.block.number}, not ${liar}`);
    return [method, made.length];
  });
  return Object.fromEntries(counts);
}

/** The liar's slash that waits to be applied. Fails if there is none, or one of anybody else. */
async function recordedSlash(api, liar) {
  const entries = await api.query.staking.unappliedSlashes.entries();
  const slashes = entries.flatMap(([key, all]) => [...all].map((slash) => ({ era: key.args[0].toNumber(), slash })));
  const wrong = slashes.find(({ slash }) => slash.validator.toString() !== liar);
  if (wrong || slashes.length !== 1)
    throw new Error(`one slash of ${liar} was to be on record, but there are ${slashes.length}: ${slashes.map(String)}`);
  const [{ era, slash }] = slashes;
  const [decimals] = api.registry.chainDecimals;
  return { era, amount: `${slash.own.toBigInt() / 10n ** BigInt(decimals)} ${api.registry.chainTokens[0]}` };
}

exports.run = step(async ({ node, args: [name = "dave", count = "60"] }) =>
  withApi(node, async (api) => {
    const liar = await stashOf(name);
    await untilLive(api, await nextNumber(api), LIVE_SECONDS);
    const from = await nextNumber(api);
    const blocks = [];
    try {
      await setFault(name, "*", { kind: "lie", percent: LIE_PERCENT });
      await watch(api, from, `${count} blocks and a slash of ${name}`, SLASH_SECONDS, (block) => {
        blocks.push(block);
        const { Outlier, OffenceFound, SlashReported } = accusations(blocks, liar);
        if (blocks.length > 2 * Number(count) && OffenceFound === 0)
          throw new Error(`no offence of ${name} was found with ${Outlier} outliers; ${show(block)}`);
        return blocks.length >= Number(count) && SlashReported > 0;
      });
    } finally {
      await clearFaults();
    }
    checkLive(blocks);
    const worst = await checkHonest(blocks);
    const { Outlier } = accusations(blocks, liar);
    const [{ block: found, data: offence }] = eventsIn(blocks, "oracle", "OffenceFound");
    const [{ block: slashed }] = eventsIn(blocks, "staking", "SlashReported");
    const { era, amount } = await recordedSlash(api, liar);
    return (
      `${name} lied by ${LIE_PERCENT} % for ${blocks.length} blocks: ${ages(blocks).words}; at most ${worst} ppm from ` +
      `honest sources; ${Outlier} outliers, the offence after ${found.number - from + 1} blocks, reported in ` +
      `${slashed.number - found.number} more; ${offence.slash.toHuman()}, ${amount}, to be slashed in era ${era}`
    );
  }),
);
