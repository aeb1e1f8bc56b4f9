// Planted faults of what people declare, resource specs and durations: see ../mutants.mjs.

const CORE = "packages/core/src/declarative";
const DRY_RUN = "apps/cli/test/declarative/dry-run.test.ts";
const VECTORS = "packages/core/test/vectors/declarative.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "W2-nine-digits",
    fault: "a duration with more than nine digits is refused",
    file: `${CORE}/duration.ts`,
    change: [["[0-9]{1,20}", "[0-9]{1,9}"]],
    test: VECTORS,
    name: "more than nine digits",
  },
  {
    id: "W2-zero-needs-unit",
    fault: "a bare 0 is no duration, so deletion cannot be switched off by it",
    file: `${CORE}/duration.ts`,
    change: [["  if (/^0+$/.test(rest)) return 0n;\n", ""]],
    test: VECTORS,
    name: "zero needs no unit",
  },
  {
    id: "W2-null-set",
    fault: "null in a spec counts as a wrong value",
    file: `${CORE}/resource-spec.ts`,
    change: [["return json === null || json === undefined;", "return json === undefined;"]],
    test: VECTORS,
    name: "null inside",
  },
  {
    id: "W2-empty-is-zero",
    fault: "an empty delete_on_empty switches deletion off instead of leaving it to the basin",
    file: `${CORE}/resource-spec.ts`,
    change: [
      [
        "if (isAbsent(config.min_age)) return undefined;",
        "if (isAbsent(config.min_age)) return { minAgeSecs: 0 };",
      ],
    ],
    test: VECTORS,
    name: "empty objects set nothing",
  },
  {
    id: "W2-first-mistake",
    fault: "the init file names one mistake at a time",
    file: "packages/server-lite/src/init-file.ts",
    change: [[".slice(0, MISTAKES_NAMED)", ".slice(0, 1)"]],
    test: "packages/server-lite/test/init-file.test.ts",
    name: "every mistake is named",
  },
  {
    id: "10.20-class-of-ours",
    fault: "a dry run takes our own default class for that of the server",
    file: "apps/cli/src/declarative/plan.ts",
    change: [["(await current.defaultStorageClass(basin.name));", "wanted.storageClass;"]],
    test: DRY_RUN,
    name: "marks as undecided what the server will choose",
  },
  {
    id: "10.20-undecided-is-nothing",
    fault: "what the server does not tell is no change to the exit code",
    file: "apps/cli/src/commands/apply.ts",
    change: [['action !== "keep");', 'action !== "keep" && action !== "undecided");']],
    test: DRY_RUN,
    name: "does not promise by the exit code",
  },
  {
    id: "10.20-class-of-basins",
    fault: "the default class of a basin is compared with what the spec leaves out",
    file: "apps/cli/src/declarative/plan.ts",
    change: [["const chosen = isServersChoice ?", "const chosen = !isServersChoice ?"]],
    test: DRY_RUN,
    name: "compares with the default class that the location",
  },
  {
    id: "10.20-no-locations",
    fault: "a server that answers 501 to locations ends a dry run",
    file: "apps/cli/src/declarative/current-state.ts",
    change: [["unless([403, 404, 501], ", "unless([403, 404], "]],
    test: DRY_RUN,
    name: "where the server knows no locations at all",
  },
];
