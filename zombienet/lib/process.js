// The operating-system process of one node: find it, end it, start it again on the same database.
//
// zombienet's own `restart` kills and starts in one step, and its `pause` only stops the process (SIGSTOP). A crash
// needs the node to be gone while the test looks at the others, so this works on the process itself.
"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const notes = require("./notes");
const { final, waitFor } = require("./wait");

const EXIT_SECONDS = 60;

/** paritydb writes behind: what it had in memory only, a crash takes with it. In blocks. */
const LOST_IN_A_CRASH = 3;

const dataOf = (network, name) => path.join(network.tmpDir, name, "data");
const logOf = (network, name) => path.join(network.tmpDir, `${name}.log`);

/** The arguments of a process, or nothing if it has ended. */
function argumentsOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** The process that runs on the data directory of the node `name` of this network, or undefined. */
function find(network, name) {
  const data = dataOf(network, name);
  for (const pid of fs.readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const command = argumentsOf(pid);
    const at = command.indexOf("--base-path");
    if (at >= 0 && command[at + 1] === data) return { pid: Number(pid), command };
  }
  return undefined;
}

/** Ends a node with `signal`, waits until it is gone, and notes its command for `startAgain`. */
async function end(network, name, signal) {
  const running = find(network, name);
  if (!running) throw new Error(`no process runs on ${dataOf(network, name)}, so ${name} cannot be ended`);
  const cwd = fs.readlinkSync(`/proc/${running.pid}/cwd`);
  notes.write(network, `${name}-command`, { command: running.command, cwd });
  process.kill(running.pid, signal);
  await waitFor(
    `process ${running.pid} of ${name} to end after ${signal}`,
    EXIT_SECONDS,
    async () => (exists(running.pid) ? { seen: "it still there" } : { value: true }),
    50,
  );
  return running.pid;
}

/** Whether there is such a process. While it is on its way out it has no arguments any more, but still its ports. */
function exists(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts a node that `end` has ended: same command, same database, log appended. Returns where its new log begins. */
function startAgain(network, name) {
  if (find(network, name)) throw new Error(`${name} is running already`);
  const { command, cwd } = notes.read(network, `${name}-command`, {});
  if (!command) throw new Error(`${name} was not ended before, so it cannot be started again`);
  const log = fs.openSync(logOf(network, name), "a");
  fs.writeSync(log, `--- ${name} is started again by the test at ${new Date().toISOString()} ---\n`);
  const logStart = fs.fstatSync(log).size;
  const node = spawn(command[0], command.slice(1), { cwd, stdio: ["ignore", log, log] });
  node.on("error", (error) => fs.appendFileSync(logOf(network, name), `could not start: ${error.message}\n`));
  fs.closeSync(log);
  node.unref();
  handToZombienet(name, node);
  return logStart;
}

/** The processes that `startAgain` has started. They end when this process ends. */
const started = new Set();
process.prependListener("exit", () => started.forEach((node) => node.kill("SIGKILL")));

/** Has the new process ended with the test: by zombienet's teardown, and in any case when this process ends. */
function handToZombienet(name, node) {
  started.add(node);
  node.on("exit", () => started.delete(node));
  try {
    const { getClient } = require.main.require("@zombienet/orchestrator/dist/providers/client");
    getClient().processMap[name].pid = node.pid;
  } catch {
    // Not inside zombienet, or its insides have changed: the listener above is enough.
  }
}

/** What the log of `name` says from byte `start` on. */
function logFrom(network, name, start = 0) {
  return fs.readFileSync(logOf(network, name)).subarray(start).toString();
}

/** Waits until a node that was started again says what its database holds: the height of its highest block. */
function databaseHeight(network, name, logStart, seconds) {
  return waitFor(`${name} to say what its database holds`, seconds, async () => {
    const log = logFrom(network, name, logStart);
    const line = log.match(/Highest known block at #(\d+)/);
    if (line) return { value: Number(line[1]) };
    const lastLine = log.trimEnd().split("\n").pop() || "an empty log";
    if (!find(network, name)) throw final(`${name} ended as soon as it was started again: ${lastLine}`);
    return { seen: lastLine };
  });
}

module.exports = { LOST_IN_A_CRASH, databaseHeight, end, find, logFrom, startAgain };
