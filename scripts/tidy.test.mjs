// Proves that every house rule fires on a bad sample, and leaves a good one alone.

import { describe, expect, it } from "vitest";
import { check, rules } from "./tidy.mjs";

const HEADER = "// A room of the house.\n// Called by nobody.\n";
const ROOM = "packages/client/src/room.ts";
const FACE = "packages/client/src/index.ts";
const TEST = "packages/client/test/room.test.ts";
const long = Array.from({ length: 501 }, (_, i) => `const a${i} = ${i};\n`).join("");

const bad = [
  ["header comment", ROOM, "export const a = 1;\n", 1],
  ["header comment", ROOM, "// One line is not enough.\nexport const a = 1;\n", 1],
  ["header comment", ROOM, "\n" + HEADER, 1],
  ["file length", ROOM, HEADER + long, 503],
  ["file name", "packages/client/src/utils.ts", HEADER, 1],
  ["file name", "packages/client/src/retry/types.ts", HEADER, 1],
  ["unfinished work", ROOM, `${HEADER}// ${"TO"}DO later\n`, 3],
  ["unfinished work", TEST, `// ${"FIX"}ME\n`, 1],
  ["no default export", ROOM, `${HEADER}export default 1;\n`, 3],
  ["no default export", "apps/cli/src/main.ts", `${HEADER}export default function main() {}\n`, 3],
  ["erasable syntax", ROOM, `${HEADER}enum Color { Red }\n`, 3],
  ["erasable syntax", ROOM, `${HEADER}namespace Box { export const a = 1; }\n`, 3],
  [
    "erasable syntax",
    ROOM,
    `${HEADER}class A {\n  constructor(private readonly b: number) {}\n}\n`,
    4,
  ],
  ["no ambient time or chance", ROOM, `${HEADER}export const a = Date.now();\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}export const a = new Date();\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}export const a = performance.now();\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}setTimeout(() => {}, 1);\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}export const later = setInterval;\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}globalThis.setTimeout(() => {}, 1);\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}export const a = Math.random();\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}export const a = crypto.randomUUID();\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}crypto.getRandomValues(bytes);\n`, 3],
  ["no ambient time or chance", ROOM, `${HEADER}import { randomBytes } from "node:crypto";\n`, 3],
  [
    "no ambient time or chance",
    ROOM,
    `${HEADER}import { setTimeout as wait } from "node:timers/promises";\n`,
    3,
  ],
  ["explicit face", FACE, `${HEADER}export * from "./room.js";\n`, 3],
  [
    "explicit face",
    "packages/core/src/testing/index.ts",
    `${HEADER}export * as room from "./room.js";\n`,
    3,
  ],
  ["no focused or skipped test", TEST, `it.only("works", () => {});\n`, 1],
  ["no focused or skipped test", TEST, `describe.skip("works", () => {});\n`, 1],
  ["no focused or skipped test", TEST, `test.concurrent.skip("works", () => {});\n`, 1],
];

const good = [
  [
    "a room",
    ROOM,
    `${HEADER}export const at = (clock: Clock) => new Date(clock.now());\nqueueMicrotask(f);\nsetImmediate(f);\n`,
  ],
  ["a block header", ROOM, "/*\n * A room.\n */\nexport const a = 1;\n"],
  [
    "a clock with its own timers",
    ROOM,
    `${HEADER}interface Clock { setTimeout(f: () => void): void }\nclock.setTimeout(f);\n`,
  ],
  ["the clock itself", "packages/core/src/clock.ts", `${HEADER}setTimeout(() => Date.now(), 1);\n`],
  [
    "an app, which may look at the clock",
    "apps/cli/src/main.ts",
    `${HEADER}export const a = Date.now();\n`,
  ],
  [
    "words of the rules inside text",
    ROOM,
    `${HEADER}// Never Math.random() nor setTimeout() here.\nexport const a = "export default enum";\n`,
  ],
  ["500 lines and many comments", ROOM, HEADER + "// more\n".repeat(600) + "f();\n\n".repeat(500)],
  [
    "a face with names",
    FACE,
    `${HEADER}export { a } from "./room.js";\nexport type { B } from "./room.js";\n`,
  ],
  ["a conditional test", TEST, `it.skipIf(process.platform === "win32")("works", () => {});\n`],
];

describe("tidy", () => {
  it.each(bad)("reports %s in %s", (rule, path, text, line) => {
    const remedy = rules.find(({ name }) => name === rule).remedy;
    expect(check(path, text)).toContain(`${path}:${line} ${rule}: ${remedy}`);
  });

  it.each(good)("accepts %s", (_, path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it("has a bad sample for every rule", () => {
    expect(new Set(bad.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });
});
