// Acceptance section B: stdout holds data and nothing else; with JSON, every line of it parses.

import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { COMMANDS } from "../src/catalogue/table.js";
import { shownName } from "../src/frame/command.js";
import { Cli, jsonLinesOf, linesOf } from "./harness/cli.js";

let cli: Cli;
let location: string;

beforeAll(async () => {
  // Each command of the built file, in a process and through pipes.
  cli = await Cli.withServer({}, { processes: true });
  location = linesOf(await cli.ok("get-default-location"))[0]?.split(" ")[0] ?? "";
  await cli.ok("create-basin", "pure-basin");
  await cli.ok("create-stream", "s2://pure-basin/x");
  await cli.okRun(["append", "s2://pure-basin/x"], { input: "a\nb\n" });
  writeFileSync(cli.path("spec.json"), '{"basins":[{"name":"pure-basin"}]}');
  await cli.ok("demo", "--once", "--port", "0", "--local-root", cli.path("data"));
  await cli.ok("export", "s2://pure-basin/x", "-o", cli.path("export.jsonl"));
});

afterAll(async () => {
  await cli.close();
});

const X = "s2://pure-basin/x";
const RANGE = ["--last", "1h"];

/** Arguments for each command that can run here to its end, and what its text may look like. */
const CASES: Readonly<Record<string, readonly [args: readonly string[], text: RegExp]>> = {
  append: [[X], /^$/],
  "auth status": [[], /^$/],
  doctor: [[], /^([✓!✗] .*\n( {4}next: .*\n)*)+$/],
  bench: [["pure-basin", "-d", "200ms", "-w", "0s"], /^$/],
  "check-tail": [[X], /^\d+ @ \d+\n$/],
  "context add": [["here", "--endpoint", "http://127.0.0.1:1", "--replace"], /^$/],
  "context list": [[], /^( {2}herej? \S+\n)+$/],
  "context show": [["here"], /^(\w+ = .*\n)+$/],
  "context use": [["--none"], /^$/],
  "context remove": [["here"], /^$/],
  "config list": [[], /^$/],
  "config get": [["compression"], /^$/],
  "config set": [["compression", "gzip"], /^$/],
  "config unset": [["compression"], /^$/],
  "create-basin": [["pure-basin-2"], /^$/],
  "create-stream": [["s2://pure-basin/new"], /^$/],
  "delete-stream": [["s2://pure-basin/new"], /^$/],
  "delete-basin": [["pure-basin-2"], /^$/],
  "ensure-basin": [["pure-basin"], /^$/],
  "ensure-stream": [[X], /^$/],
  "get-basin-config": [["pure-basin"], /^\+-+\+-+\+\n/],
  "get-stream-config": [[X], /^\+-+\+-+\+\n/],
  "reconfigure-basin": [["pure-basin"], /^\+-+\+-+\+\n/],
  "reconfigure-stream": [[X], /^\+-+\+-+\+\n/],
  fence: [[X, "token"], /^$/],
  trim: [[X, "1"], /^$/],
  ls: [["pure-basin"], /^(s2:\/\/pure-basin\/\S+ \S+Z( \[deleting\])?\n)+$/],
  "list-basins": [[], /^([a-z0-9-]+( \(\w+\))?( \[deleting\])?\n)+$/],
  "list-streams": [["pure-basin"], /^(s2:\/\/pure-basin\/\S+( \[deleting\])?\n)+$/],
  read: [[X, "-s", "0", "-n", "2"], /^(.*\n)*$/],
  tail: [[X], /^(.*\n)*$/],
  head: [[X], /^(.*\n)*$/],
  stat: [[X], /^\+-+\+-+\+\n/],
  apply: [["-f", "SPEC", "--dry-run"], /^= basin pure-basin\n$/],
  diff: [["s2://pure-basin", "s2://pure-basin"], /^--- \S+\n\+\+\+ \S+\n\n✓ No differences\n$/],
  "issue-access-token": [["reader", "--basins-prefix", "", "--ops", "read"], /^\S+\n$/],
  "list-access-tokens": [[], /^(reader.*\n {2}basins=.*\n\n?)*$/],
  "revoke-access-token": [["reader"], /^$/],
  "list-locations": [[], /^(\S+ \((public|private)\)\n)+$/],
  "get-default-location": [[], /^\S+ \((public|private)\)\n$/],
  "set-default-location": [["LOCATION"], /^\S+ \((public|private)\)\n$/],
  "get-account-metrics": [["account-ops", ...RANGE], /^(.*\n)*$/],
  "get-basin-metrics": [["pure-basin", "append-ops", ...RANGE], /^(.*\n)*$/],
  "get-stream-metrics": [[X, "storage", ...RANGE], /^(.*\n)*$/],
  export: [[X, "-o", "EXPORT"], /^$/],
  import: [["s2://pure-basin/copy", "-i", "EXPORT"], /^$/],
  cp: [[X, "s2://pure-basin/cp"], /^$/],
  verify: [[X], /^$/],
  watch: [["pure-basin", "-n", "1"], /^\+-+\+/],
  "lite verify": [["DATA"], /^$/],
  "lite inspect": [["DATA"], /^\{\n/],
  "lite copy-store": [["DATA", "COPIED"], /^$/],
  "lite backup": [["DATA", "BACKUPS/new"], /^$/],
  "lite restore": [["BACKUPS/new", "BACKUPS/copy"], /^$/],
  "export-spec": [["pure-basin"], /^\{\n {2}"basins"/],
  demo: [["--once", "--port", "0"], /^$/],
  logout: [[], /^$/],
  update: [["--check"], /^Installed: \S+\n$/],
};

/** Serve until they are told to end, ask a person, or print a script or a text. */
const ELSEWHERE = new Set([
  "lite",
  "dev",
  "studio",
  "login",
  "help",
  "completion",
  "complete",
  "auth use",
  "mcp",
  "auth access-token set",
  "auth access-token migrate",
  "auth access-token remove",
]);

it("every command has its case", () => {
  const names = COMMANDS.map(shownName).filter((name) => !ELSEWHERE.has(name));
  expect(Object.keys(CASES).sort()).toEqual(names.sort());
});

it.each(Object.entries(CASES))("B: %s keeps stdout to data", async (name, [args, text]) => {
  const real = args.map((arg) =>
    arg
      .replace(/^SPEC$/, cli.path("spec.json"))
      .replace(/^DATA$/, cli.path("data"))
      .replace(/^COPIED$/, cli.path("copied"))
      .replace(/^BACKUPS(?=\/)/, cli.path("backups"))
      .replace(/^EXPORT$/, cli.path("export.jsonl"))
      .replace(/^LOCATION$/, location),
  );
  const plain = await cli.okRun([...name.split(" "), ...real], { input: "c\n" });
  expect(plain.stdout).toMatch(text);
  // Once more as JSON, on fresh names where the first run used them up.
  const fresh = real.map((arg) => arg.replace(/(pure-basin-2|\/new|\/copy|^reader|^here)$/, "$1j"));
  const json = await cli.okRun([...name.split(" "), ...fresh, "--json"], {
    input: "d\n",
    asProcess: false,
  });
  if (name === "diff") JSON.parse(json.stdout);
  else jsonLinesOf(json.stdout);
  if (!/^(get-\w+-metrics|list-access-tokens)$/.test(name)) expect(json.stdout).not.toBe("");
});
