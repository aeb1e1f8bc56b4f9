// What the command line says, checked once. `pnpm sim --help` shows USAGE; nothing behind this file
// reads arguments.

import { parseArgs } from "node:util";
import { PROFILES, type ProfileName } from "../story/profile.js";
import type { EngineName } from "../world/store.js";

export const USAGE: string = `Deterministic histories of the whole system: same seed, same history.

  pnpm sim [--seeds N] [--from S]     N histories from seed S on (default 100 from 1)
  pnpm sim --seed N [--trace]         one history; with its trace
  pnpm sim --regressions              the kept plans of regressions.json

  --engine memory|disk|shards    default: drawn from the seed
  --profile ${Object.keys(PROFILES).join("|")}    default small
  --drop a1,t0,…          leaves out actors, troubles, or \`connections\` (their own faults)
  --max-steps N           at most so many steps for each actor
  --history FILE          writes the history of one seed for the public model (profile plain)
  --plant ID              with a fault of scripts/mutants planted in the sources
  --plan                  prints what will happen as JSON, and runs nothing
  --twice                 runs each history twice: the traces must be the same
  --no-shrink             reports the first failing history as it is
  --keep-going            goes on after a failure
  --json                  one line of JSON at the end
`;

export interface CommandOptions {
  readonly from: number;
  readonly count: number;
  readonly isSingle: boolean;
  readonly engine: EngineName | undefined;
  readonly profile: ProfileName;
  readonly drop: readonly string[];
  readonly maxSteps: number | undefined;
  readonly history: string | undefined;
  readonly plant: string | undefined;
  readonly isTraced: boolean;
  readonly isShrinking: boolean;
  readonly isTwice: boolean;
  readonly isPlanOnly: boolean;
  readonly keepsGoing: boolean;
  readonly isJson: boolean;
  readonly regressions: boolean;
  readonly help: boolean;
}

/** @throws {TypeError} for what it does not know */
export function parseOptions(args: readonly string[]): CommandOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string" },
      from: { type: "string" },
      seed: { type: "string" },
      engine: { type: "string" },
      profile: { type: "string" },
      drop: { type: "string" },
      "max-steps": { type: "string" },
      history: { type: "string" },
      plant: { type: "string" },
      trace: { type: "boolean" },
      twice: { type: "boolean" },
      plan: { type: "boolean" },
      "no-shrink": { type: "boolean" },
      "keep-going": { type: "boolean" },
      json: { type: "boolean" },
      regressions: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const single = values.seed === undefined ? undefined : whole("seed", values.seed);
  return {
    from: single ?? whole("from", values.from ?? "1"),
    count: single === undefined ? whole("seeds", values.seeds ?? "100") : 1,
    isSingle: single !== undefined,
    engine: engineOf(values.engine),
    profile: profileOf(values.profile ?? "small"),
    drop: values.drop?.split(",").filter(Boolean) ?? [],
    maxSteps:
      values["max-steps"] === undefined ? undefined : whole("max-steps", values["max-steps"]),
    history: values.history,
    plant: values.plant,
    isTraced: values.trace === true,
    isShrinking: values["no-shrink"] !== true,
    isTwice: values.twice === true,
    isPlanOnly: values.plan === true,
    keepsGoing: values["keep-going"] === true,
    isJson: values.json === true,
    regressions: values.regressions === true,
    help: values.help === true,
  };
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new TypeError(`--${option} takes a whole number, not ${text}`);
  return value;
}

function engineOf(text: string | undefined): EngineName | undefined {
  if (text === undefined || text === "memory" || text === "disk" || text === "shards") return text;
  throw new TypeError(`--engine takes memory, disk or shards, not ${text}`);
}

function profileOf(text: string): ProfileName {
  if (Object.hasOwn(PROFILES, text)) return text as ProfileName;
  throw new TypeError(`--profile takes ${Object.keys(PROFILES).join(", ")}, not ${text}`);
}
