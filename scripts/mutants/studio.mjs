// Planted faults of the studio's worker: see ../mutants.mjs.

const WORKER = "packages/studio/src/page/worker";
const SCREENS = "packages/studio/src/page/screens";
const APPEND_AS_TEST = "packages/studio/test/append-as.test.ts";
const FEED_TEST = "packages/studio/test/feed.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "17-tail-went-back",
    fault: "after an outage nobody looks whether the server still has what is shown",
    file: `${WORKER}/feed.ts`,
    change: [["    void this.#follower?.lookBack();\n", ""]],
    test: FEED_TEST,
    name: "follows on at the new tail",
  },
  {
    id: "17-older-records",
    fault: "records from before those that are shown are put behind them",
    file: `${WORKER}/follower.ts`,
    change: [["first !== undefined && first.seqNum < shown.hi", "first === undefined"]],
    test: FEED_TEST,
    name: "notices by the records themselves",
  },
  {
    id: "17-tail-of-before",
    fault: "a tail that was told before the newest records came counts as one that went back",
    file: `${WORKER}/follower.ts`,
    change: [["if (seqNum < known &&", "if (seqNum < this.#shown.hi &&"]],
    test: FEED_TEST,
    name: "does not take records",
  },
  {
    id: "17-nothing-left-out",
    fault: "a view whose server lost records says that nothing was left out",
    file: `${WORKER}/follower.ts`,
    change: [["    this.#shown.reconnects = 0;\n", ""]],
    test: FEED_TEST,
    name: "follows on at the new tail",
  },
  {
    id: "17-background-pictures",
    fault: "a page that does not draw is sent picture after picture",
    file: `${WORKER}/pictures.ts`,
    change: [
      [
        'else if (this.#state.kind === "drawing") this.#state = { kind: "outdated" };',
        "else this.#arm();",
      ],
    ],
    test: "packages/studio/test/pictures.test.ts",
  },
  {
    id: "17-background-return",
    fault: "a page that was in the background is not sent what came meanwhile",
    file: `${WORKER}/pictures.ts`,
    change: [['if (this.#state.kind === "outdated") this.#arm();\n    else if', "if"]],
    test: FEED_TEST,
    name: "sends a page in the background",
  },
  {
    id: "17-copied-headers",
    fault: "what is copied of an append leaves its headers out",
    file: `${SCREENS}/append/append-as.ts`,
    change: [["headers.length === 0 ? { body } : { headers, body }", "({ body })"]],
    test: APPEND_AS_TEST,
    name: "as JSON",
  },
  {
    id: "17-copied-newlines",
    fault: "a record of several lines is copied as a record for each line",
    file: `${SCREENS}/append/append-as.ts`,
    change: [["/^[^\\n]+$/.test(body)", 'body !== ""']],
    test: APPEND_AS_TEST,
    name: "as JSON",
  },
  {
    id: "17-dim-numbers",
    fault: "a colour of the light theme is too pale for what it stands on",
    file: "packages/studio/src/page/style/base.css",
    change: [["--series-2: #ab4f09;", "--series-2: #b4540a;"]],
    test: "packages/studio/test/taste.test.ts",
    name: "the light theme that cannot be read",
  },
  {
    id: "17-read-counters",
    fault: "what readers get is not counted",
    file: "packages/server-lite/src/backend/usage/usage.ts",
    change: [["        this.read.records += records;\n", ""]],
    test: "packages/server-lite/test/telemetry/telemetry.test.ts",
    name: "published families",
  },
  {
    id: "17-contradiction",
    fault: "of --studio and --no-studio the later wins unseen",
    file: "apps/cli/src/frame/parse.ts",
    change: [["        if (given.size === 2)\n", "        if (given.size === 3)\n"]],
    test: "apps/cli/test/arguments.test.ts",
    name: '"--studio","--no-studio"',
    build: ["apps/cli"],
  },
];
