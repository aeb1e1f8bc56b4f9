// Planted faults of what strangers install: see ../mutants.mjs.

const client = "packages/client";
const install = (name) => ({ test: "tests/packages/test/install.test.ts", name });
const shape = (name) => ({ test: "tests/packages/test/shape.test.ts", name });

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "19.4-page-of-a-peer",
    fault: "who has not installed OpenTelemetry has no metrics page",
    file: "packages/server-lite/tsup.config.ts",
    change: [['["lmdb", "prom-client", "@opentelemetry/api"]', '["lmdb", "prom-client"]']],
    build: ["packages/server-lite"],
    ...install("runs a program by npm"),
  },
  {
    id: "18.3-npm-packs",
    fault: "npm may pack, and leaves workspace: in the manifest",
    file: "scripts/build/pack-steps.mjs",
    change: [["if (refusal !== undefined) {", "if (refusal === null) {"]],
    ...shape("is refused to npm"),
  },
  {
    id: "18.2-no-folders",
    fault: "subpaths are found by those alone who read exports",
    file: "scripts/build/pack-steps.mjs",
    change: [["target?.require === undefined", "target?.require !== null"]],
    ...shape("has a folder for each subpath"),
  },
  {
    id: "18.2-undeclared-file",
    fault: "a file that is packed is not what the manifest names",
    file: `${client}/package.json`,
    change: [['"types": "./dist/streamstore.d.ts"', '"types": "./dist/official.d.ts"']],
    ...shape("every file that its manifest names"),
  },
  {
    id: "18.4-no-client-face",
    fault: "a stranger's program does not find a face of core",
    file: "packages/core/package.json",
    change: [['"default": "./dist/sse.js"', '"default": "./dist/events.js"']],
    ...install("runs a program by npm"),
  },
  {
    id: "18.1-heavy-server",
    fault: "a server brings the library of the Prometheus page along, with all that it needs",
    file: "packages/server-lite/package.json",
    change: [['    "pino": "catalog:",', '    "pino": "catalog:",\n    "prom-client": "15.1.3",']],
    ...install("gets a server alone"),
  },
];
