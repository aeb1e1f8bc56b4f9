// Keeps the built output of the packages true while their sources change: `pnpm dev [PACKAGE...]`, such
// as `pnpm dev core client`; all by default. Packages see each other through that output, so an editor,
// a test and the command follow an edit. Builds once, then after each edit its package and those that
// stand on it, in turbo's order. An error is shown, and the next edit tries again. Ends with Ctrl-C.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** Editors save in several steps, and several files at a time. */
const SETTLE_MS = 100;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { root: { type: "string", default: join(import.meta.dirname, "..") } },
});
const { root } = values;

/** Folders of the packages that have a build, with their names. */
const members = ["packages", "apps"]
  .filter((area) => existsSync(join(root, area)))
  .flatMap((area) => readdirSync(join(root, area)).map((name) => `${area}/${name}`))
  .map((folder) => ({
    ...JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")),
    folder,
  }))
  .filter(({ scripts }) => scripts?.build !== undefined);
const unknown = positionals.find((word) => !members.some(({ folder }) => isNamed(folder, word)));
if (unknown !== undefined) {
  const names = members.map(({ folder }) => folder.split("/")[1]).join(", ");
  console.error(`no package is built under this name: ${unknown}; there are ${names}`);
  process.exit(2);
}
const chosen = members.filter(
  ({ folder }) => positionals.length === 0 || positionals.some((word) => isNamed(folder, word)),
);

/** Names of packages with edits that no build has seen. */
const changed = new Set(chosen.map(({ name }) => name));
/** The build that runs, if one does. */
let building;
let settling;
let isEnding = false;

const watchers = chosen.map(({ folder, name }) =>
  watch(join(root, folder, "src"), { recursive: true }, () => {
    changed.add(name);
    clearTimeout(settling);
    settling = setTimeout(build, SETTLE_MS);
  }),
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
build();

/** Builds what changed and the chosen ones that stand on it; edits that come meanwhile wait. */
function build() {
  if (building !== undefined || changed.size === 0 || isEnding) return;
  const names = [...changed];
  changed.clear();
  say(`building ${names.join(", ")}`);
  const started = performance.now();
  building = spawn("turbo", ["run", "build", ...filtersOf(names), "--output-logs=errors-only"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  let output = "";
  building.stdout.on("data", (chunk) => (output += chunk));
  building.stderr.on("data", (chunk) => (output += chunk));
  building.on("error", ({ message }) => (output += message));
  building.on("close", (code) => {
    building = undefined;
    if (isEnding) return;
    const took = ((performance.now() - started) / 1000).toFixed(1);
    if (code === 0) {
      say(`✓ built in ${took} s, watching`);
      build();
      return;
    }
    process.stderr.write(errorsIn(output));
    say("✗ not built: mend it and save");
    // Whichever edit comes next, these are not built yet.
    const isEditedAgain = changed.size > 0;
    for (const name of names) changed.add(name);
    if (isEditedAgain) build();
  });
}

/** Those and what stands on them, within what was chosen. */
function filtersOf(names) {
  const others = members.filter((member) => !chosen.includes(member));
  return [
    ...names.map((name) => `--filter=...${name}`),
    ...others.map(({ name }) => `--filter=!${name}`),
  ];
}

/** What the failing build said: the lines of its task, without turbo's frame around them. */
function errorsIn(output) {
  const lines = output.split("\n").filter((line) => /^\S*@[\w/-]+:build: /.test(line));
  return `${(lines.length === 0 ? output : lines.join("\n")).trim()}\n`;
}

/** The build that runs is told as well: nothing of it stays behind. */
function end() {
  if (isEnding) return;
  isEnding = true;
  clearTimeout(settling);
  for (const watcher of watchers) watcher.close();
  building?.kill("SIGINT");
  say("ended");
}

function isNamed(folder, word) {
  return folder === word || folder.endsWith(`/${word}`);
}

function say(line) {
  process.stdout.write(`s2kit dev: ${line}\n`);
}
