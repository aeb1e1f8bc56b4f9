// Proves that every house rule fires on a bad sample, and leaves a good one alone.

import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { check, rules } from "./tidy.mjs";
import { checkHover, faces } from "./tidy-hover.mjs";
import { checkReferences, headingsOf } from "./tidy-references.mjs";
import { checkRooms } from "./tidy-rooms.mjs";
import { checkTree, treeRules } from "./tidy-tree.mjs";

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
  ["comment width", ROOM, `${HEADER}// ${"a ".repeat(50)}\n`, 3],
  ["comment width", ROOM, `${HEADER}export class A {\n  /** ${"a ".repeat(50)}*/\n}\n`, 4],
  ["comment width", ROOM, `${HEADER}/**\n * ${"a ".repeat(50)}\n */\n`, 4],
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
  ["privacy by #", ROOM, `${HEADER}class A {\n  private b = 1;\n}\n`, 4],
  ["privacy by #", ROOM, `${HEADER}class A {\n  private static b(): void {}\n}\n`, 4],
  ["privacy by word", "packages/core/src/room.ts", `${HEADER}class A {\n  #b = 1;\n}\n`, 4],
  ["privacy by #", TEST, `class A {\n  private b = 1;\n}\n`, 2],
  ["privacy by #", "packages/sim/src/room.ts", `${HEADER}class A {\n  private b = 1;\n}\n`, 4],
  ["privacy by #", "apps/cli/src/room.ts", `${HEADER}class A {\n  private b = 1;\n}\n`, 4],
  ["words for what is given", ROOM, `${HEADER}export interface RoomContext {}\n`, 3],
  ["words for what is given", "apps/cli/src/a.ts", `${HEADER}type RoomParts = object;\n`, 3],
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
  ["reason to skip", TEST, `it.skipIf(!isLinux)("works", () => {});\n`, 1],
  ["reason to skip", TEST, `describe.runIf(hasFish).each(all)("in %s", () => {});\n`, 1],
];

const good = [
  ["a wide drawing", ROOM, `${HEADER}//    ${"+---".repeat(25)}\n`],
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
  [
    "a constructor, which has no #",
    ROOM,
    `${HEADER}class A {\n  #b = 1;\n  private constructor() {}\n}\n`,
  ],
  [
    "a conditional test",
    TEST,
    `it.skipIf(process.platform === "win32")("works (needs Linux)", () => {});\n`,
  ],
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

const SRC = "packages/client/src";
const NOTHING = { circles: [], files: {}, folders: {}, functions: {}, flags: {} };

/** A tree of files in {@link SRC}, by name. */
function tree(files) {
  return new Map(Object.entries(files).map(([name, text]) => [`${SRC}/${name}.ts`, text]));
}

const ring = tree({ a: `import type { B } from "./b.js";\n`, b: `export * from "./a.js";\n` });
const folderOf = (count) =>
  tree(Object.fromEntries(Array.from({ length: count }, (_, i) => [`room/a${i}`, ""])));
const fileOf = (lines) => tree({ a: "// A line.\n".repeat(lines) });
const functionOf = (lines) =>
  tree({ a: `export function f() {\n${"g();\n".repeat(lines - 2)}}\n` });

/** A class with these members, after two flags of which each kind is one. */
const classOf = (...members) =>
  tree({ a: ["class A {", "#isA = false;", "private isB?: boolean;", ...members, "}"].join("\n") });

/** A tree with what is wrong in it, if something is. */
function badTree(title, rule, files, allowed = {}) {
  return { title, rule, files, allowed: { ...NOTHING, ...allowed } };
}

function goodTree(title, files, allowed = {}) {
  return { title, files, allowed: { ...NOTHING, ...allowed } };
}

const badTrees = [
  badTree("a circle of types", "no import circle", ring),
  badTree(
    "a circle over three folders",
    "no import circle",
    tree({
      a: `import { b } from "./x/b.js";\n`,
      "x/b": `import { c } from "../y/c.js";\n`,
      "y/c": `import { a } from "../a.js";\n`,
    }),
  ),
  badTree(
    "a circle closed by a late import",
    "no import circle",
    tree({ a: `import { b } from "./b.js";\n`, b: `const a = () => import("./a.js");\n` }),
  ),
  badTree(
    "a circle closed inside a type",
    "no import circle",
    tree({ a: `import { b } from "./b.js";\n`, b: `type A = import("./a.js").A;\n` }),
  ),
  badTree("a file that imports itself", "no import circle", tree({ a: `import "./a.js";\n` })),
  badTree(
    "a circle that outgrew its exception",
    "no import circle",
    new Map([
      ...ring,
      ...tree({ a: `import "./b.js";\nimport "./c.js";\n`, c: `import "./a.js";` }),
    ]),
    { circles: [{ files: [`${SRC}/a.ts`, `${SRC}/b.ts`] }] },
  ),
  badTree("an exception for a circle that was cut", "stale exception", tree({ a: "", b: "" }), {
    circles: [{ files: [`${SRC}/a.ts`, `${SRC}/b.ts`] }],
  }),
  badTree("a folder of 21 files", "folder size", folderOf(21)),
  badTree("a folder that grew", "folder size", folderOf(23), {
    folders: { [`${SRC}/room`]: { size: 22 } },
  }),
  badTree("an exception for a folder that shrank", "stale exception", folderOf(22), {
    folders: { [`${SRC}/room`]: { size: 23 } },
  }),
  badTree("an exception for a folder that is small enough", "stale exception", folderOf(20), {
    folders: { [`${SRC}/room`]: { size: 20 } },
  }),
  badTree("an exception for a folder that is gone", "stale exception", folderOf(1), {
    folders: { [`${SRC}/gone`]: { size: 30 } },
  }),
  badTree("a file of 251 lines", "lines of a file", fileOf(251)),
  badTree("a file that grew by a step", "lines of a file", fileOf(301), {
    files: { [`${SRC}/a.ts`]: { size: 300 } },
  }),
  badTree("an exception for a file that shrank by a step", "stale exception", fileOf(300), {
    files: { [`${SRC}/a.ts`]: { size: 350 } },
  }),
  badTree("an exception for a file that is short", "stale exception", fileOf(250), {
    files: { [`${SRC}/a.ts`]: { size: 300 } },
  }),
  badTree("an exception for a file that is gone", "stale exception", fileOf(1), {
    files: { [`${SRC}/gone.ts`]: { size: 300 } },
  }),
  badTree("a function of 71 lines", "function length", functionOf(71)),
  badTree(
    "a method of 71 lines",
    "function length",
    tree({ a: `class A {\n  constructor() {\n${"g();\n".repeat(69)}}\n}\n` }),
  ),
  badTree(
    "an arrow function of 71 lines",
    "function length",
    tree({ a: `const f = () => {\n${"g();\n".repeat(69)}};\n` }),
  ),
  badTree("a function that grew", "function length", functionOf(74), {
    functions: { [`${SRC}/a.ts f`]: { size: 73 } },
  }),
  badTree("an exception for a function that is short", "stale exception", functionOf(10), {
    functions: { [`${SRC}/a.ts f`]: { size: 80 } },
  }),
  badTree("a third flag", "flags of a class", classOf("isC = true;")),
  badTree("a third flag with a type", "flags of a class", classOf("isC: boolean | undefined;")),
  badTree(
    "a class with more flags than listed",
    "flags of a class",
    classOf("c = true; d = true;"),
    {
      flags: { [`${SRC}/a.ts A`]: { size: 3 } },
    },
  ),
  badTree("an exception for a class with two flags", "stale exception", classOf(), {
    flags: { [`${SRC}/a.ts A`]: { size: 3 } },
  }),
];

const goodTrees = [
  goodTree(
    "imports without a circle",
    tree({
      a: `import { c } from "./c.js";\n// import "./b.js"\nconst text = 'import "./b.js"';\n`,
      b: `import { a } from "./a.js";\nimport { c } from "./c.js";\n`,
      c: `import { S2Error } from "@s2kit/core";\n`,
    }),
  ),
  goodTree("a circle that is listed", ring, {
    circles: [{ files: [`${SRC}/b.ts`, `${SRC}/a.ts`] }],
  }),
  goodTree("a folder of 20 files", folderOf(20)),
  goodTree("a folder as large as listed", folderOf(22), {
    folders: { [`${SRC}/room`]: { size: 22 } },
  }),
  goodTree("a file of 250 lines", fileOf(250)),
  goodTree("a file within its step", fileOf(299), {
    files: { [`${SRC}/a.ts`]: { size: 300 } },
  }),
  goodTree(
    "a long file of markup, and a long test",
    new Map([
      [`${SRC}/a.tsx`, "// A line.\n".repeat(251)],
      [`packages/client/test/a.ts`, "// A line.\n".repeat(251)],
    ]),
  ),
  goodTree("a function of 70 lines", functionOf(70)),
  goodTree("a function as long as listed", functionOf(72), {
    functions: { [`${SRC}/a.ts f`]: { size: 72 } },
  }),
  goodTree(
    "two flags, and what is no flag",
    classOf("readonly isC: boolean;", "state: 'a' | 'b' = 'a';", "get isD() { return true; }"),
  ),
  goodTree("as many flags as listed", classOf("isC = true;"), {
    flags: { [`${SRC}/a.ts A`]: { size: 3 } },
  }),
];

describe("tidy over the whole tree", () => {
  it.each(badTrees)("reports $title", ({ rule, files, allowed }) => {
    expect(checkTree(files, allowed)).toEqual([expect.stringContaining(` ${rule} (`)]);
  });

  it.each(goodTrees)("accepts $title", ({ files, allowed }) => {
    expect(checkTree(files, allowed)).toEqual([]);
  });

  it("has a bad sample for every rule", () => {
    expect(new Set(badTrees.map(({ rule }) => rule))).toEqual(
      new Set(Object.values(treeRules).map(({ name }) => name)),
    );
  });
});

describe("the asserts of a room", () => {
  const files = tree({
    "room/a": `assert(a > 0, "a");\nassert(d, "d");\n// assert(b)\nf(); assert(c, "c");\n`,
  });
  const offences = (least) => checkRooms(files, { [`${SRC}/room`]: least });

  it("may be as many as stand in the list, or more", () => {
    expect(offences(3)).toEqual([]);
    expect(offences(1)).toEqual([]);
  });

  it("may not become fewer: comments do not count", () => {
    expect(offences(4)).toEqual([
      expect.stringMatching(/^packages\/client\/src\/room asserts of a room \(3 of 4\): keep /),
    ]);
  });

  it("are missed when the room is gone", () => {
    expect(checkRooms(new Map(), { [`${SRC}/room`]: 1 })).toHaveLength(1);
  });
});

describe("the tests of a room of the backend", () => {
  const offences = (...tests) =>
    checkRooms(
      new Map(
        [
          "src/backend/backend.ts",
          "src/backend/shard.ts",
          "src/backend/read/plan/a.ts",
          ...tests,
        ].map((path) => [`packages/server-lite/${path}`, ""]),
      ),
      {},
    );

  it("are in a folder or a file of its name", () => {
    expect(offences("test/backend/read/a.test.ts", "test/backend/shard.test.ts")).toEqual([]);
    expect(offences("test/backend/read.test.ts", "test/backend/shard/b.test.ts")).toEqual([]);
  });

  it("are missed where there are none, and where only what helps them is there", () => {
    expect(offences("test/backend/shard.test.ts", "test/backend/read/help.ts")).toEqual([
      expect.stringMatching(
        /^packages\/server-lite\/src\/backend\/read tests of a room \(none\): /,
      ),
    ]);
    expect(offences("test/backend/read-more.test.ts")).toHaveLength(2);
  });
});

describe("references", () => {
  const documents = new Map([
    ["docs/spec/data-plane.md", "# Data plane\n## Order of checks\n```\n# no heading\n```\n"],
    ["docs/decisions/0003-stream-encryption.md", "# 3. Ciphers\n"],
    [
      "README.md",
      "[checks](docs/spec/data-plane.md#order-of-checks) [keys](docs/decisions/0003-stream-encryption.md)",
    ],
  ]);
  const offences = (text) =>
    checkReferences(new Map([["packages/core/src/a.ts", text]]), documents);

  it("open: a heading, a page, a decision, also over the end of a line", () => {
    expect(offences("// Spec: data-plane#order-of-checks, data-plane.")).toEqual([]);
    expect(offences("// Rules. Spec: data-plane,\n// data-plane#order-of-checks.")).toEqual([]);
    expect(
      offences("// See docs/decisions/0003-stream-encryption.md and docs/decisions/0003."),
    ).toEqual([]);
  });

  it.each([
    ["// Spec: data-plane#order-of-check.", /a\.ts:1 .*data-plane#order-of-check:/],
    ["//\n// Spec: data-plane,\n// sdk#retries.", /a\.ts:2 .*sdk#retries:/],
    ["// Spec: data-plane#no-heading.", /data-plane#no-heading:/],
    ["// See docs/decisions/0004.", /decision 0004:/],
  ])("that do not open are told: %j", (text, told) => {
    expect(offences(text)).toEqual([expect.stringMatching(told)]);
  });

  it("of documents are links to documents and their headings", () => {
    const bad = new Map([...documents, ["docs/a.md", "[a](spec/data-plane.md#b) [c](gone.md)"]]);
    expect(checkReferences(new Map(), bad)).toEqual([
      expect.stringMatching(/^docs\/a\.md:1 .*spec\/data-plane\.md#b:/),
      expect.stringMatching(/^docs\/a\.md:1 .*gone\.md:/),
    ]);
  });

  it("of the walks are names of sources, with a folder before them or a member behind", () => {
    const sources = new Map([["packages/core/src/async/admission.ts", ""]]);
    const walk = (text) =>
      new Map([["ARCHITECTURE.md", `## A record is read\n${text}\n## Words\n`]]);
    const good = "`admission` → `async/admission` → `admission.enter`";
    expect(checkReferences(sources, walk(good))).toEqual([]);
    expect(checkReferences(sources, walk("`admission` → `mission`"))).toEqual([
      expect.stringMatching(/^ARCHITECTURE\.md:2 .*: mission:/),
    ]);
    expect(checkReferences(sources, walk("\n## A store\n`mission`"))).toEqual([]);
  });

  it("take headings as hosts of documents do, the second of a name with a number", () => {
    expect(headingsOf("# `a` and B!\n## x\n## x")).toEqual(["a-and-b", "x", "x-1"]);
  });
});

describe("what an editor shows of an export", () => {
  const SRC = "packages/client/src";
  const ROOT = fileURLToPath(new URL("..", import.meta.url));
  const FACE = `${SRC}/index.ts`;
  const offences = (declaration) =>
    checkHover(
      new Map([
        [
          FACE,
          'export { thing as renamed } from "./inner/index.js";\nexport type { T } from "./t.js";',
        ],
        [`${SRC}/inner/index.ts`, 'export { thing } from "./thing.js";'],
        [`${SRC}/inner/thing.ts`, declaration],
        [`${SRC}/t.ts`, "/** What it is. */\nexport type T = string;"],
      ]),
      [FACE],
    );

  it("is a comment at its declaration, however many faces lie between", () => {
    expect(offences("/** A thing. */\nexport const thing = 1;")).toEqual([]);
    expect(offences("/** A thing. */\nexport class thing {}")).toEqual([]);
  });

  it("is missed where there is none, and where the comment is another", () => {
    const missed = [
      expect.stringMatching(
        /^packages\/client\/src\/inner\/thing\.ts hover text of an export \(thing\): /,
      ),
    ];
    expect(offences("export const thing = 1;")).toEqual(missed);
    expect(offences("// A thing.\nexport function thing() {}")).toEqual(missed);
    expect(offences("/** Another. */\nconst other = 1;\nexport const thing = other;")).toEqual(
      missed,
    );
  });

  it("is looked for in every face that is published", () => {
    const published = globSync("packages/*/tsup.config.ts", { cwd: ROOT }).flatMap((path) =>
      [...readFileSync(join(ROOT, path), "utf8").matchAll(/"(src\/[\w/.-]+\.ts)"/g)].map(
        ([, entry]) => `${dirname(path)}/${entry}`,
      ),
    );
    expect(published.length).toBeGreaterThan(15);
    const unseen = published.filter((path) => !faces.includes(path));
    // Loaded late, what a build puts into a library, a command, and a face that only gives its names a
    // name.
    expect(
      unseen.filter(
        (path) =>
          !/transport\/websocket|account\/account-managers|read\/reading|lmdb-addon|conformance\/src\/main/.test(
            path,
          ),
      ),
    ).toEqual(["packages/producer/src/streamstore-patterns/index.ts"]);
  });
});
