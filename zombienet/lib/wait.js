// Waiting for something to become true, with errors that say what was waited for and what was seen instead.
"use strict";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One line of text for any error. */
function words(error) {
  const message = (error && error.message) || String(error);
  const cause = error && error.cause && (error.cause.code || error.cause.message);
  return (cause ? `${message} (${cause})` : message).replace(/\s+/g, " ");
}

/**
 * Calls `probe` until it returns `{ value }`; while it returns `{ seen }` or throws, it is asked again.
 *
 * @param {string} what     what is waited for, as the end of "waited 30 s for …"
 * @param {number} seconds  how long at most
 * @param {() => Promise<{value: any} | {seen: string}>} probe
 * @param {number} [every]  milliseconds between two probes
 */
async function waitFor(what, seconds, probe, every = 500) {
  const deadline = Date.now() + seconds * 1000;
  let seen = "nothing";
  do {
    try {
      const answer = await probe();
      if ("value" in answer) return answer.value;
      seen = answer.seen;
    } catch (error) {
      if (error.final) throw error;
      seen = `an error: ${words(error)}`;
    }
    await sleep(every);
  } while (Date.now() < deadline);
  throw new Error(`waited ${seconds} s for ${what}, but saw ${seen}`);
}

/** An error that ends a `waitFor` at once, because waiting longer cannot help. */
function final(message) {
  return Object.assign(new Error(message), { final: true });
}

module.exports = { final, sleep, waitFor, words };
