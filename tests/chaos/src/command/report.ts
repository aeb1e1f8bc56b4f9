// What a run came to: figures for all, and for one that broke a promise what was broken, where its files are, and the
// command that does the same again.

import type { Chosen } from "../faults/schedule.ts";
import type { Findings } from "../run/chaos-run.ts";
import type { ChaosWorld } from "../world/chaos-world.ts";
import type { ChaosOptions } from "./options.ts";

export interface Figures {
  readonly violation: string | undefined;
  readonly seconds: number;
  readonly lives: number;
  /** Ends of the server by itself, excused by a fault. */
  readonly ownEnds: number;
  /** Errors that it logged, excused by a fault. */
  readonly excusedErrors: number;
  readonly longestOutageMs: number;
  readonly connections: number;
  readonly cells: number;
  readonly histories: number;
  /** Of which no order was found, and none ruled out. */
  readonly undecided: readonly string[];
  readonly streamsSeenAgain: number;
  readonly streamsStillGone: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly notCovered: readonly string[];
}

export function figuresOf(
  { violation, keeper, proxies, counts }: ChaosWorld,
  { cells, histories, kept, deleted, undecided }: Findings,
  { skipped }: Chosen,
  ms: number,
): Figures {
  return {
    violation: violation?.message,
    seconds: Math.round(ms / 1000),
    lives: keeper.lives,
    ownEnds: keeper.ownEnds,
    excusedErrors: keeper.excusedErrors,
    longestOutageMs: Math.round(keeper.longestOutageMs),
    connections: proxies.reduce((sum, proxy) => sum + proxy.connections, 0),
    cells,
    histories: histories.length,
    undecided,
    streamsSeenAgain: kept.length,
    streamsStillGone: deleted.length,
    counts: Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b))),
    notCovered: skipped.map(({ name }) => name),
  };
}

export function summary(seed: number, figures: Figures): string {
  const { counts, violation, seconds, lives, ownEnds, excusedErrors, connections } = figures;
  const listed = (prefix: string): string =>
    Object.entries(counts)
      .filter(([name]) => name.startsWith(`${prefix} `))
      .map(([name, count]) => `${name.slice(prefix.length + 1)} ${count}`)
      .join(", ") || "none";
  return [
    `seed ${seed}, ${seconds} s: ${violation === undefined ? "every promise kept" : `BROKEN: ${violation}`}`,
    `${lives} lives of the server, ${ownEnds} ended by themselves and ${excusedErrors} errors logged with an excuse; longest outage ${figures.longestOutageMs} ms; ${connections} connections`,
    `faults   ${listed("fault")}`,
    `they met ${listed("met")}`,
    `appends  ${listed("appends")}; reads ${counts["reads"] ?? 0}; the river ${counts["records of the river"] ?? 0} records, the flood ${counts["records of the flood"] ?? 0}`,
    `judged   ${figures.cells} cells, ${counts["streams judged"] ?? 0} streams, ${counts["records in them"] ?? 0} records, ${figures.histories} histories of the public model`,
    ...(figures.undecided.length === 0
      ? []
      : [`UNDECIDED ${figures.undecided.length}: ${figures.undecided.join(", ")}`]),
    `at last  ${figures.streamsSeenAgain} streams seen again, ${figures.streamsStillGone} still gone`,
    ...(figures.notCovered.length === 0
      ? []
      : [`NOT COVERED here: ${figures.notCovered.join(", ")}`]),
    "",
  ].join("\n");
}

export function replayCommand({ seed, minutes, only, plant, storage }: ChaosOptions): string {
  return [
    `pnpm chaos --seed ${seed} --minutes ${minutes}`,
    ...(only === undefined ? [] : [`--only ${only.join(",")}`]),
    ...(storage === "disk" ? [] : [`--storage ${storage}`]),
    ...(plant === undefined ? [] : [`--plant ${plant}`]),
    "--verbose",
  ].join(" ");
}

export function failureReport(
  { violation, guilty }: ChaosWorld,
  options: ChaosOptions,
  place: string,
): string {
  return [
    `BROKEN ${violation?.message ?? ""}`,
    `  found in  ${guilty ?? "the run"}`,
    `  files     ${place}: run.log (what happened), server.log, histories/ (of its streams), data`,
    `again: ${replayCommand(options)}`,
    "",
  ].join("\n");
}
