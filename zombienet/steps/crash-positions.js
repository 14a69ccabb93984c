// alice: js-script ./steps/crash-positions.js within 185 seconds
//
// While bitcoin is calm traders open accounts. Then it rises a little, by less than what makes calls longer, and they take
// leveraged positions against each other, long and short. Some of the longs don't bear a fall by two percent, one bears
// more than all of what is to come. The first to fall short do so while the price is not far from that of a minute ago,
// which is what the circuit breaker looks at, so that orders in the book can restore them.
"use strict";

const { withApi } = require("../lib/client");
const notes = require("../lib/notes");
const { setPrice } = require("../lib/prices");
const { step } = require("../lib/step");
const { LOT, openAccounts, owners, quote, takePositions, untilTrading } = require("../lib/traders");

/** In dollars: 1.3 % above the calm, where the breaker watches a move of 1.5 % in a minute. */
const PEAK = 60_780;
/** The venues' offsets may leave the price so much lower, in dollars. */
const OFFSET = 1;
const LIVE_SECONDS = 90;
const FILL_SECONDS = 60;

exports.run = step(async ({ node, network }) =>
  withApi(node, async (api) => {
    await untilTrading(api, LIVE_SECONDS);
    const signers = await owners(api);
    const { traders, maker } = await openAccounts(api, signers, PEAK);
    await setPrice("BTC/USD", PEAK.toFixed(2));
    await untilTrading(api, LIVE_SECONDS, PEAK - OFFSET);
    await takePositions(api, signers, traders, FILL_SECONDS);
    await quote(api, signers[maker.name], maker.account);
    const height = (await api.rpc.chain.getHeader()).number.toNumber();
    notes.write(network, "traders", { traders, maker, height, price: PEAK });

    const longs = traders.filter(({ side }) => side === "Long");
    const lots = longs.reduce((sum, one) => sum + one.lots, 0);
    const leverages = traders.map(({ leverage }) => leverage);
    return (
      `${longs.length} accounts are long and ${traders.length - longs.length} short, ${(lots * LOT).toFixed(1)} bitcoin on ` +
      `each side at ${PEAK}, with leverages from ${Math.min(...leverages)} to ${Math.max(...leverages)}`
    );
  }),
);
