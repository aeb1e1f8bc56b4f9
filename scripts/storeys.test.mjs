// Proves that the lint holds the storeys of the floor plan: for every room and everything beside it, one file
// that imports it, linted with the rules of the repository.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Of the client: seen from everywhere. */
const SIGNS = ["errors.js", "hooks.js"];
/** Of the server: below all rooms that hold bytes. */
const CELLAR = ["lending/", "memory/", "waiting/"];

/** Of the command line: what does the work of commands, none knowing another. */
const WORK = ["bench/", "declarative/", "doctor/", "mcp/", "serving/", "transfer/"];
const BELOW_WORK = ["records/", "show/", "frame/", "files/", "record-format/", "values/"];

/** Of core: words that every room knows. */
const WORDS = ["caps.js", "error.js", "assert.js", "a-new-word.js"];

/** What each room may import by a path that leaves it, and what stands beside the rooms. */
const plans = {
  "packages/core/src": {
    rooms: {
      otlp: ["json/", "proto/", "text/", ...WORDS],
      declarative: ["account/", "text/", ...WORDS],
      sse: ["json/", "record/", "text/", ...WORDS],
      json: ["account/", "proto/", "record/", "text/", ...WORDS],
      proto: ["record/", "text/", ...WORDS],
      s2s: ["text/", ...WORDS],
      account: ["text/", ...WORDS],
      record: ["text/", ...WORDS],
      async: WORDS,
      text: WORDS,
    },
    beside: WORDS,
  },
  "packages/server-lite/src/storage/object/client": {
    rooms: {
      steady: ["object-store.js"],
      s3: ["credentials/", "wire/", "object-store.js"],
      credentials: ["wire/"],
      wire: [],
    },
    beside: ["object-store.js", "open-bucket.js"],
  },
  "packages/sim/src": {
    rooms: {
      command: ["history/", "oracle/", "story/", "world/"],
      story: ["actors/", "network/", "oracle/", "world/"],
      actors: ["oracle/", "world/"],
      world: ["network/", "oracle/"],
      history: ["oracle/"],
      oracle: [],
      network: [],
    },
    beside: [],
  },
  "tests/chaos/src": {
    rooms: {
      command: ["run/", "faults/", "world/", "server/"],
      run: ["faults/", "load/", "world/", "server/"],
      load: ["world/", "network/", "server/"],
      faults: ["world/", "network/", "server/"],
      soak: ["server/"],
      world: ["network/", "server/"],
      network: [],
      server: [],
    },
    beside: [],
  },
  "packages/client/src": {
    rooms: {
      account: ["request/", "input/", "retry/", "wire/", ...SIGNS],
      transport: ["session/", "input/", "wire/", ...SIGNS],
      node: ["session/", "input/", "wire/", ...SIGNS],
      session: ["request/", "input/", "retry/", "wire/", ...SIGNS],
      request: ["input/", "retry/", "wire/", ...SIGNS],
      input: ["retry/", "wire/", ...SIGNS],
      retry: SIGNS,
      wire: [],
      streamstore: [],
      testing: [],
    },
    beside: ["basin.js", "index.js", "runtime.js", "s2-base.js", "a-new-file.js", ...SIGNS],
  },
  "packages/client/src/session": {
    rooms: { append: ["frame-reader.js"], read: ["frame-reader.js"] },
    beside: ["frame-reader.js", "s2s-wires.js", "session-opener.js"],
  },
  "packages/server-lite/src": {
    rooms: {
      http: ["exchange/", "telemetry/", "backend/", "storage/", ...CELLAR],
      routes: ["session/", "exchange/", "telemetry/", "backend/", "storage/", ...CELLAR],
      session: ["exchange/", "telemetry/", "backend/", "storage/", ...CELLAR],
      cluster: ["exchange/", "telemetry/", "backend/", "storage/", ...CELLAR],
      exchange: ["telemetry/", "backend/", "storage/", ...CELLAR],
      telemetry: ["backend/", "storage/", ...CELLAR],
      backend: ["storage/", ...CELLAR],
      storage: CELLAR,
      lending: ["memory/", "waiting/"],
      memory: ["lending/", "waiting/"],
      waiting: ["lending/", "memory/"],
    },
    beside: [],
  },
  "packages/server-lite/src/storage": {
    rooms: {
      "disk/engine": ["log/", "reading/"],
      "object/engine": ["log/", "reading/"],
      reading: ["log/"],
      memory: [],
      copy: [],
      log: [],
    },
    beside: [],
  },
  "packages/server-lite/src/storage/object": {
    rooms: {
      stewardship: ["engine/", "membership/", "format/"],
      engine: ["membership/", "lease/", "log/", "state/", "claim/", "format/", "client/"],
      membership: ["lease/", "claim/", "format/", "client/"],
      state: ["claim/", "format/", "client/"],
      lease: ["claim/", "format/", "client/"],
      log: ["claim/", "format/", "client/"],
      claim: ["format/", "client/"],
      format: [],
      client: [],
    },
    beside: [],
  },
  "apps/cli/src": {
    rooms: {
      catalogue: ["commands/", "frame/", "flags/", "values/"],
      commands: [...WORK, ...BELOW_WORK, "flags/", "credentials/"],
      ...Object.fromEntries(WORK.map((room) => [room.slice(0, -1), BELOW_WORK])),
      records: ["show/", "flags/", "frame/", "files/", "record-format/", "values/"],
      show: ["frame/", "files/", "values/"],
      flags: ["frame/", "values/"],
      frame: ["credentials/", "files/", "values/"],
      credentials: ["files/", "values/"],
      files: ["values/"],
      "record-format": ["values/"],
      values: [],
    },
    beside: ["main.js"],
  },
};

const samples = Object.entries(plans).flatMap(([source, { rooms, beside }]) =>
  Object.entries(rooms).flatMap(([room, allowed]) =>
    [...Object.keys(rooms).map((each) => `${each}/`), ...beside]
      .filter((target) => target !== `${room}/`)
      .map((target) => ({
        room: `${source}/${room}`,
        target,
        up: "../".repeat(room.split("/").length),
        file: `${source}/${room}/imports-${target.replace(/\W/g, "-")}.ts`,
        isAllowed: allowed.includes(target),
      })),
  ),
);

let tree;
/** Files in which the lint refused an import. */
let refused;

beforeAll(async () => {
  tree = mkdtempSync(join(tmpdir(), "s2kit-storeys-"));
  cpSync(join(root, ".oxlintrc.json"), join(tree, ".oxlintrc.json"));
  for (const { file, target, up } of samples) {
    const path = target.endsWith("/") ? `${up}${target}room.js` : `${up}${target}`;
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), `import type { A } from "${path}";\nexport type B = A;\n`);
  }
  const { diagnostics } = JSON.parse(await lint(tree));
  refused = new Set(
    diagnostics
      .filter(({ code }) => code === "eslint(no-restricted-imports)")
      .map(({ filename }) => filename.replaceAll("\\", "/").replace(`${tree}/`, "")),
  );
}, 60_000);

afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** Exits with 1 when it finds something, as it must here. */
function lint(cwd) {
  const bin = join(root, "node_modules", ".bin", "oxlint");
  return new Promise((resolve, reject) =>
    execFile(bin, ["--format", "json"], { cwd, maxBuffer: 1 << 26 }, (error, stdout) =>
      stdout === "" ? reject(error ?? new Error("the lint said nothing")) : resolve(stdout),
    ),
  );
}

describe("the lint of storeys", () => {
  it.each(samples)("lets $room import $target: $isAllowed", ({ file, isAllowed }) => {
    expect(refused.has(file)).toBe(!isAllowed);
  });
});
