// Plants the kept list of faults one by one, and proves that a test finds each: `pnpm mutants`.
//   pnpm mutants [words...] [--jobs N] [--list] [--json]    words: areas, ids or beginnings of ids
// Works on copies of the tree under the system's temporary directory; the checkout stays untouched.
// The lists are beside this file in mutants/, one an area. Exit 1 when a mutant survives.

import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const lists = join(root, "scripts", "mutants");
/** A mutant that makes its tests hang is found, but it must not hold up the rest. */
const TEST_LIMIT_MS = 180_000;
const ONE_TEST_LIMIT_MS = 20_000;

/**
 * One planted fault.
 *
 * @typedef {object} Mutant
 * @property {string} id - kept for ever; starts with the number it came from, such as `A1` or `S5`
 * @property {string} fault - what would be wrong, in a line
 * @property {string} file - what it changes, from the root of the repository
 * @property {readonly (readonly [string, string])[]} change - texts that occur once, and what they become
 * @property {string} test - the test file that must fail
 * @property {string} [name] - the test in it, as vitest's `-t` takes it
 * @property {readonly string[]} [build] - folders to build first, where the test runs built output
 */

/** All kept mutants, each with the area its list is named after. */
export async function loadMutants() {
  const names = readdirSync(lists).filter((name) => name.endsWith(".mjs"));
  const loaded = await Promise.all(
    names.sort().map(async (name) => {
      const { mutants } = await import(pathToFileURL(join(lists, name)).href);
      return mutants.map((mutant) => ({ ...mutant, area: name.replace(/\.mjs$/, "") }));
    }),
  );
  return loaded.flat();
}

/** The file as the mutant wants it. Throws when a text is not there exactly once. */
export function mutate(mutant, text) {
  return mutant.change.reduce((changed, [find, replacement]) => {
    const count = changed.split(find).length - 1;
    if (count !== 1)
      throw new Error(`${mutant.id}: its text occurs ${count} times in ${mutant.file}: ${find}`);
    return changed.replace(find, () => replacement);
  }, text);
}

/** Why an entry of the list cannot be planted, or undefined. */
export function defectOf(mutant, base = root) {
  if (!existsSync(join(base, mutant.test))) return `${mutant.id}: no such test ${mutant.test}`;
  try {
    mutate(mutant, readFileSync(join(base, mutant.file), "utf8"));
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** A copy of the tree with its build output, sharing what is installed. */
function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), "s2kit-mutants-"));
  const git = (...args) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 })
      .split("\0")
      .filter(Boolean);
  for (const path of git("ls-files", "-z", "--cached", "--others", "--exclude-standard")) {
    if (!existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const member of members())
    for (const part of ["dist", "node_modules"])
      if (existsSync(join(root, member, part)))
        cpSync(join(root, member, part), join(copy, member, part), {
          recursive: true,
          verbatimSymlinks: true,
        });
  return copy;
}

function members() {
  return ["packages", "apps", "tests"].flatMap((area) =>
    readdirSync(join(root, area)).map((name) => `${area}/${name}`),
  );
}

/** Runs one command in a copy. Answers whether it ended well, and within its time. */
function run(command, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, NO_COLOR: "1", TURBO_TELEMETRY_DISABLED: "1" },
    });
    let output = "";
    const keep = (chunk) => {
      output = (output + chunk).slice(-8000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      // The whole group: a hanging test may have started servers.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, TEST_LIMIT_MS);
    child.on("error", (error) => resolve({ code: 127, isLate, output: error.message }));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, isLate, output });
    });
  });
}

/** Runs the named test in a copy: how many tests ran, and how many failed. */
async function runTest(copy, { test, name }) {
  const [area, member] = test.split("/");
  const folder = join(copy, area, member);
  const report = join(copy, `report-${area}-${member}.json`);
  rmSync(report, { force: true });
  const args = ["run", test.split("/").slice(2).join("/"), "--reporter=json"];
  args.push(`--test-timeout=${ONE_TEST_LIMIT_MS}`);
  const filter = name === undefined ? [] : ["-t", name];
  const bin = join(root, "node_modules", ".bin", "vitest");
  const { isLate, output } = await run(
    bin,
    [...args, `--outputFile.json=${report}`, ...filter],
    folder,
  );
  if (isLate) return { ran: 1, failed: 1, output: "ran out of its time" };
  if (!existsSync(report)) return { ran: 0, failed: 0, output };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  return { ran: numPassedTests + numFailedTests, failed: numFailedTests, output };
}

async function build(copy, folders) {
  for (const folder of folders) {
    const { code, output } = await run(
      join(copy, folder, "node_modules", ".bin", "tsup"),
      ["--silent", "--no-dts"],
      join(copy, folder),
    );
    if (code !== 0) return output;
  }
  return undefined;
}

/** Plants one mutant in a copy, asks its test, and takes it out again. */
async function judge(copy, mutant) {
  const path = join(copy, mutant.file);
  const original = readFileSync(path, "utf8");
  const folders = mutant.build ?? [];
  try {
    writeFileSync(path, mutate(mutant, original));
    const broken = await build(copy, folders);
    if (broken !== undefined) return { verdict: "broken", detail: broken };
    const { ran, failed, output } = await runTest(copy, mutant);
    if (ran === 0) return { verdict: "broken", detail: output };
    return { verdict: failed > 0 ? "killed" : "survived" };
  } finally {
    writeFileSync(path, original);
    if (folders.length > 0) await build(copy, folders);
  }
}

/** A test that fails without a mutant proves nothing: each must pass on the unchanged tree first. */
async function failingUnchanged(copy, mutants, say) {
  const failing = [];
  for (const [test, names] of namesByTest(mutants)) {
    // One run a file: names are patterns, and so is what joins them.
    const name = names.includes(undefined) ? undefined : names.join("|");
    const { ran, failed, output } = await runTest(copy, { test, name });
    if (ran > 0 && failed === 0) continue;
    say(`✗ fails without a mutant: ${test}\n${output}`);
    failing.push(test);
  }
  return failing;
}

function namesByTest(mutants) {
  const tests = new Map();
  for (const { test, name } of mutants) tests.set(test, [...(tests.get(test) ?? []), name]);
  return tests;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: "string", short: "j" },
      list: { type: "boolean" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(
      "pnpm mutants [AREA|ID...] [--jobs N] [--list] [--json]\n\n" +
        "Plants each kept fault (scripts/mutants/*.mjs) in a copy of the tree and runs the test that\n" +
        "must find it. Build first: tests read build output. Exit 1 when a mutant survives.",
    );
    return 0;
  }
  const all = await loadMutants();
  const wanted = all.filter(
    ({ area, id }) =>
      positionals.length === 0 ||
      positionals.some((word) => word === area || id === word || id.startsWith(`${word}-`)),
  );
  if (wanted.length === 0) {
    console.error(`no mutant matches: ${positionals.join(" ")} (--list names them)`);
    return 2;
  }
  if (values.list) {
    for (const { id, area, fault } of wanted) console.log(`${area}\t${id}\t${fault}`);
    return 0;
  }
  const say = (line) => values.json || console.log(line);
  const jobs = Number(values.jobs ?? Math.max(1, Math.floor(availableParallelism() / 2)));
  const copies = Array.from({ length: Math.min(jobs, wanted.length) }, copyTree);
  process.on("exit", () => {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

  const failing = await failingUnchanged(copies[0], wanted, say);
  const results = [];
  const queue = [...wanted];
  const work = async (copy) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const started = performance.now();
      const { verdict, detail } = await judge(copy, mutant);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      results.push({ id: mutant.id, area: mutant.area, verdict, seconds: Number(seconds) });
      const mark = verdict === "killed" ? "✓" : "✗";
      say(`${mark} ${verdict.padEnd(8)} ${mutant.id} ${seconds} s · ${mutant.fault}`);
      if (detail !== undefined) say(detail);
    }
  };
  await Promise.all(copies.map(work));
  const count = (verdict) => results.filter((result) => result.verdict === verdict).length;
  if (values.json) console.log(JSON.stringify({ failing, results }, null, 2));
  say(
    `\n${results.length} mutants: ${count("killed")} killed, ${count("survived")} survived, ` +
      `${count("broken")} broken; ${failing.length} tests fail without one`,
  );
  return count("killed") === results.length && failing.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await main());
