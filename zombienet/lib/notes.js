// What one script leaves for the later ones, in the network's directory.
"use strict";

const fs = require("fs");
const path = require("path");

const fileOf = (network, name) => path.join(network.tmpDir, `${name}.note.json`);

function write(network, name, value) {
  fs.writeFileSync(fileOf(network, name), JSON.stringify(value));
}

/** The value noted under `name`, or `otherwise` if there is none. */
function read(network, name, otherwise) {
  const file = fileOf(network, name);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : otherwise;
}

module.exports = { read, write };
