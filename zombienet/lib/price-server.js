// The price server that stands in for the exchanges: starting it, and telling the nodes' operators about it.
"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const { sourcesOf } = require("./venues");

const START_SECONDS = 20;
const SERVES = /^Serving prices at (http:\S+)$/;

/** The address that the server prints once it answers. */
function address(server, binary) {
  return new Promise((resolve, reject) => {
    const refuse = (why) => reject(new Error(`${binary} ${why}`));
    const timer = setTimeout(() => refuse(`did not say within ${START_SECONDS} s where it serves`), START_SECONDS * 1000);
    server.on("error", (error) => refuse(`can't be started: ${error.message}`));
    server.on("exit", (code, signal) => refuse(`ended with ${code ?? signal} instead of serving`));
    readline.createInterface({ input: server.stdout }).on("line", (line) => {
      const [, url] = line.match(SERVES) || [];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

/**
 * Starts the server on this history, which it repeats, at a free port, with its log in `folder`, and writes the file of
 * sources of each observer there, `<observer>.sources.json`. Returns its address. It ends with this process.
 */
async function start(binary, folder, observers, history) {
  const csv = path.join(folder, "history.csv");
  fs.writeFileSync(csv, history);
  const log = fs.openSync(path.join(folder, "price-server.log"), "a");
  const server = spawn(binary, ["--history", csv, "--loop", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", log],
  });
  process.on("exit", () => server.kill("SIGKILL"));
  fs.closeSync(log);
  const url = await address(server, binary);
  for (const observer of observers) {
    const file = path.join(folder, `${observer}.sources.json`);
    fs.writeFileSync(file, JSON.stringify(sourcesOf(url, observer), null, 2));
  }
  return url;
}

module.exports = { start };
