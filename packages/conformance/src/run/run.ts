// The run: finds out what the server has, gives the cases to a bounded number of workers, and
// removes what it made, also when it is interrupted. Spec: docs/spec is what the cases check, not
// this file.

import { systemClock, systemRandom } from "@s2kit/core";
import type { Capability } from "../capability.js";
import type { Case, Suite } from "../case.js";
import { Mismatch, Skip } from "../expect.js";
import { openHttp } from "../probe/http.js";
import { parseEndpoint, type Target, within } from "../probe/target.js";
import { SUITES } from "../suites/suites.js";
import { checkReach, findCapabilities, findDenied } from "./capabilities.js";
import { Context, type Shared } from "./context.js";
import type { KnownFailures } from "./known.js";
import { type ConformanceOptions, checkPrefix, toldBy } from "./options.js";
import { Recorder } from "./recorder.js";
import type { CaseResult, ConformanceReport, Outcome } from "./report.js";
import { Workspace } from "./workspace.js";

declare const S2KIT_VERSION: string;

interface Job {
  readonly id: string;
  readonly serial: number;
  readonly case: Case;
}

/** All cases with their ids, in order. */
export function listCases(
  suites: readonly Suite[] = SUITES,
): readonly { readonly id: string; readonly case: Case }[] {
  return suites.flatMap((suite) =>
    suite.cases.map((each) => ({ id: `${suite.name}/${each.name}`, case: each })),
  );
}

/**
 * Checks an S2 server from outside. Makes basins of its own and removes them.
 *
 * @throws {TypeError} when an option is wrong
 * @throws {SetupError} when the server is not reached, or refuses the token
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const jobs = select(options.only);
  const told = toldBy(options);
  const target: Target = {
    ...parseEndpoint(options.endpoint),
    verifiesTls: options.verifyTls ?? true,
    token: options.token,
    clock,
    patienceMs: options.patienceMs ?? 15_000,
  };
  const started = clock.monotonic();
  const http = openHttp(target);
  const workspace = new Workspace(target, http, random, checkPrefix(options.basinPrefix));
  const recorder = new Recorder();
  try {
    await checkReach(target, http);
    const denied = await findDenied(workspace);
    const shared: Shared = {
      target,
      http,
      clock,
      recorder,
      workspace,
      denied,
      capabilities: await findCapabilities(
        target,
        http,
        workspace,
        options.capabilities ?? {},
        told,
      ),
      basinZone: options.basinZone,
      drain: options.drain,
      seed: options.seed ?? Math.floor(random.next() * 2 ** 31),
      rounds: options.rounds ?? 10,
    };
    const isLast = (job: Job): boolean => job.case.isLast === true;
    const others = await runAll(
      jobs.filter((job) => !isLast(job)),
      shared,
      options,
    );
    const kept = await workspace.clear();
    const last = await runAll(jobs.filter(isLast), shared, { ...options, parallel: 1 });
    const results = [...others, ...last];
    const leftBehind = [...kept, ...(await workspace.clear())];
    return {
      endpoint: target.origin,
      version: S2KIT_VERSION,
      seed: shared.seed,
      capabilities: [...shared.capabilities].sort(),
      denied: [...denied].sort(),
      results,
      totals: count(results),
      coverage: recorder.cells(),
      seconds: Math.round((clock.monotonic() - started) / 100) / 10,
      isInterrupted: options.signal?.aborted ?? false,
      leftBehind,
    };
  } catch (error) {
    await workspace.clear();
    throw error;
  } finally {
    http.close();
  }
}

function select(only: readonly string[] | undefined): readonly Job[] {
  const all = listCases().map((each, serial) => ({ ...each, serial }));
  if (only === undefined || only.length === 0) return all;
  const fits = (pattern: string, id: string): boolean =>
    pattern.endsWith("*")
      ? id.startsWith(pattern.slice(0, -1))
      : id === pattern || id.startsWith(`${pattern}/`);
  const unknown = only.find((pattern) => !all.some(({ id }) => fits(pattern, id)));
  if (unknown !== undefined) throw new TypeError(`no suite or case is named ${unknown}`);
  return all.filter(({ id }) => only.some((pattern) => fits(pattern, id)));
}

async function runAll(
  jobs: readonly Job[],
  shared: Shared,
  options: ConformanceOptions,
): Promise<CaseResult[]> {
  // What waits for time to pass goes first, so that the others run meanwhile.
  const slow = jobs.filter((job) => job.case.isSlow === true);
  const queue = [...slow, ...jobs.filter((job) => job.case.isSlow !== true)];
  const results = new Map<string, CaseResult>();
  const parallel = Math.max(1, Math.min(options.parallel ?? 8, 64));
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      if (options.signal?.aborted === true) return;
      const result = judged(await runOne(job, shared, options), options.known);
      results.set(job.id, result);
      options.onResult?.(result, results.size, jobs.length);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return jobs.flatMap(({ id }) => results.get(id) ?? []);
}

async function runOne(
  { id, serial, case: each }: Job,
  shared: Shared,
  options: ConformanceOptions,
): Promise<CaseResult> {
  const base = { id, says: each.says, spec: each.spec };
  const missing = (each.needs ?? []).find((need: Capability) => !shared.capabilities.has(need));
  if (missing !== undefined)
    return { ...base, outcome: "skipped", detail: `the server has no ${missing}`, ms: 0 };
  const { clock } = shared;
  const started = clock.monotonic();
  const context = new Context(shared, id, serial);
  const finish = (outcome: Outcome, detail?: string): CaseResult => ({
    ...base,
    outcome,
    detail,
    ms: Math.round(clock.monotonic() - started),
  });
  const abort = (): void => context.close();
  let isOver = false;
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    const limit = options.caseTimeoutMs ?? 40_000;
    await within(
      shared.target,
      unlessAborted(
        each.run(context).finally(() => {
          isOver = true;
        }),
        options.signal,
      ),
      "the case",
      limit,
    );
    return finish("passed");
  } catch (error) {
    if (error instanceof Skip) return finish("skipped", error.message);
    if (options.signal?.aborted === true) return finish("skipped", "interrupted");
    if (error instanceof Mismatch) return finish("failed", error.message);
    return finish("failed", error instanceof Error ? error.message : String(error));
  } finally {
    options.signal?.removeEventListener("abort", abort);
    context.close();
    if (!isOver) shared.workspace.noteLeft();
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Skip("interrupted"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function judged(result: CaseResult, known: KnownFailures | undefined): CaseResult {
  const sometimes = known?.sometimes?.[result.id];
  if (sometimes !== undefined && result.outcome !== "failed") return result;
  const why = sometimes ?? known?.known[result.id];
  if (why === undefined) return result;
  if (result.outcome === "failed")
    return { ...result, outcome: "known", detail: `${why} (${result.detail ?? ""})` };
  return result.outcome === "passed"
    ? { ...result, outcome: "unexpected-pass", detail: `known as failing: ${why}` }
    : result;
}

function count(results: readonly CaseResult[]): Record<Outcome, number> {
  const totals = { passed: 0, failed: 0, known: 0, "unexpected-pass": 0, skipped: 0 };
  for (const { outcome } of results) totals[outcome]++;
  return totals;
}
