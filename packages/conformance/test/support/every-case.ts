// Every case against our server in one of its forms, each under its name: what the files of servers/
// declare. A form leaves out only the cases that need what it does not have.

import { beforeAll, describe, expect, it } from "vitest";
import type { Capability } from "../../src/capability.js";
import {
  type ConformanceOptions,
  type ConformanceReport,
  listCases,
  runConformance,
} from "../../src/index.js";
import { type RunningServer, startServer } from "./servers.js";

type Settings = NonNullable<Parameters<typeof startServer>[0]>;

export interface Form {
  readonly title: string;
  readonly settings: Settings;
  /** What it does not have: the only reasons for which a case may be skipped. */
  readonly lacks: readonly Capability[];
  /** Looks at the report of a whole run. */
  readonly looks?: Readonly<Record<string, (report: ConformanceReport) => void>>;
}

/** What no probe finds: servers of these forms are not told to have it; told.test.ts has one that does. */
const UNTOLD: readonly Capability[] = ["basin-zone", "draining", "rate-limits"];
/** Server and cases share one process and its turns: more at once only make each other late. */
const PARALLEL = 8;
/** Some cases send slowly or wait on purpose: a machine that does other things is slower still. */
const PATIENT = { headersTimeoutMs: 60_000 };

/** Declares the tests of a form. */
export function checkForm({ title, settings, looks = {}, ...form }: Form): void {
  const lacks = [...form.lacks, ...UNTOLD];
  describe(title, () => {
    const cases = listCases().filter(({ case: each }) =>
      (each.needs ?? []).every((need) => !lacks.includes(need)),
    );
    let report: ConformanceReport;
    let failures: ReadonlyMap<string, string>;

    // oxlint-disable-next-line no-empty-pattern -- vitest reads what a hook takes from its text
    beforeAll(async ({}, suite) => {
      // With a filter of names only what it lets through is run.
      const wanted = new Set(
        suite.tasks.filter(({ mode }) => mode !== "skip").map(({ name }) => name),
      );
      const only = cases.map(({ id }) => id).filter((id) => wanted.has(id));
      const isWhole = only.length === cases.length;
      await using server = await startServer({ ...PATIENT, ...settings });
      report = await run(server, settings, { parallel: PARALLEL, only: isWhole ? [] : only });
      failures = await failuresAlone(server, settings, report);
    });

    for (const { id } of cases)
      it(id, () => {
        expect(failures.get(id)).toBeUndefined();
        expect(report.results.find((each) => each.id === id)?.outcome).toMatch(/^(passed|failed)$/);
      });

    it("skips no case but those that need what it does not have, and leaves nothing behind", () => {
      expect(report.results.length).toBe(listCases().length);
      const reasons = new Set<string | undefined>(
        report.results.filter(({ outcome }) => outcome === "skipped").map(({ detail }) => detail),
      );
      expect(reasons).toEqual(new Set(lacks.map((name) => `the server has no ${name}`)));
      expect(report.leftBehind).toEqual([]);
    });

    for (const [says, look] of Object.entries(looks)) it(says, () => look(report));
  });
}

/** What failed beside others is told, and must hold by itself: some cases are about time. */
async function failuresAlone(
  server: RunningServer,
  settings: Settings,
  { results, seed }: ConformanceReport,
): Promise<ReadonlyMap<string, string>> {
  const late = results.filter(({ outcome }) => outcome === "failed");
  for (const { id, detail } of late) process.stdout.write(`again, alone: ${id}: ${detail ?? ""}\n`);
  if (late.length === 0) return new Map();
  const only = late.map(({ id }) => id);
  const alone = await run(server, settings, { parallel: 1, only });
  return new Map(
    alone.results
      .filter(({ outcome }) => outcome === "failed")
      .map(({ id, detail = "" }) => [id, `${detail} (seed ${seed})`]),
  );
}

function run(
  server: RunningServer,
  { rootToken }: Settings,
  more: Partial<ConformanceOptions>,
): Promise<ConformanceReport> {
  return runConformance({
    endpoint: server.url,
    token: rootToken,
    verifyTls: false,
    rounds: 4,
    // A busy machine is no failure.
    patienceMs: 60_000,
    caseTimeoutMs: 90_000,
    capabilities: {
      websocket: true,
      http2: true,
      encryption: true,
      locations: true,
      metrics: true,
    },
    ...more,
  });
}
