// alice: js-script ./steps/crash-positions.js within 185 seconds
//
// While bitcoin is calm traders open accounts and take leveraged positions against each other, long and short. Some of the
// longs don't bear a fall by two percent, one bears more than all of what is to come.
"use strict";

const { withApi } = require("../lib/client");
const notes = require("../lib/notes");
const { step } = require("../lib/step");
const { LOT, openAccounts, owners, quote, takePositions, untilTrading } = require("../lib/traders");

const LIVE_SECONDS = 90;
const FILL_SECONDS = 60;

exports.run = step(async ({ node, network }) =>
  withApi(node, async (api) => {
    const price = await untilTrading(api, LIVE_SECONDS);
    const signers = await owners(api);
    const { traders, maker } = await openAccounts(api, signers, price);
    await takePositions(api, signers, traders, FILL_SECONDS);
    await quote(api, signers[maker.name], maker.account);
    const height = (await api.rpc.chain.getHeader()).number.toNumber();
    notes.write(network, "traders", { traders, maker, height, price });

    const longs = traders.filter(({ side }) => side === "Long");
    const lots = longs.reduce((sum, one) => sum + one.lots, 0);
    const leverages = traders.map(({ leverage }) => leverage);
    return (
      `${longs.length} accounts are long and ${traders.length - longs.length} short, ${(lots * LOT).toFixed(1)} bitcoin on ` +
      `each side at ${price}, with leverages from ${Math.min(...leverages)} to ${Math.max(...leverages)}`
    );
  }),
);
