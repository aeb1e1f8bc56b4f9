// What the command line of `pnpm chaos` says, checked once. Nothing behind this file reads arguments.

import { parseArgs } from "node:util";
import { FAULTS } from "../faults/schedule.ts";
import { STORAGES } from "../server/server-store.ts";

export const USAGE: string = `The shipped server in real processes, under a load that is judged, while things go wrong.

  pnpm chaos [--minutes N] [--seed N]    faults for N minutes (default 2), then the last audit
  pnpm chaos --only FAULT,…              these faults alone
  pnpm chaos --storage bucket            the server keeps everything in a bucket over real sockets, which has bad days too,
                                         and each kill takes its files along
  pnpm chaos --history FILE              histories for the public linearizability model, a file for each stream:
                                         FILE, then FILE with .2, .3, … before its ending

  --directory DIR   where the run keeps its files; default the system's folder for them
  --keep            leaves them there, also when every promise was kept
  --plant ID        with a fault of scripts/mutants in the server and in the clients (both from their sources)
  --verbose         what happens, as it happens, on stderr
  --json            one line of JSON at the end

faults  ${FAULTS.map(({ name }) => name).join(", ")}

The order of faults and actors is the seed's, the moments are the machine's: a seed finds a fault again often, not always.
`;

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly only: readonly string[] | undefined;
  readonly history: string | undefined;
  readonly directory: string | undefined;
  readonly plant: string | undefined;
  readonly storage: (typeof STORAGES)[number];
  readonly isKept: boolean;
  readonly isVerbose: boolean;
  readonly isJson: boolean;
  readonly help: boolean;
}

const MAX_MINUTES = 24 * 60;

/**
 * @param seedOfTheMoment - taken when none is named
 * @throws {TypeError} for what it does not know
 */
export function parseOptions(args: readonly string[], seedOfTheMoment: number): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "2" },
      seed: { type: "string" },
      only: { type: "string" },
      history: { type: "string" },
      directory: { type: "string" },
      plant: { type: "string" },
      storage: { type: "string", default: "disk" },
      keep: { type: "boolean" },
      verbose: { type: "boolean" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= MAX_MINUTES))
    throw new TypeError(`--minutes takes a number up to ${MAX_MINUTES}, not ${values.minutes}`);
  const seed = values.seed === undefined ? seedOfTheMoment : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new TypeError(`--seed takes a whole number, not ${values.seed}`);
  const storage = STORAGES.find((each) => each === values.storage);
  if (storage === undefined)
    throw new TypeError(`--storage takes ${STORAGES.join(" or ")}, not ${values.storage}`);
  return {
    minutes,
    seed,
    only: namesOf(values.only),
    history: values.history,
    directory: values.directory,
    plant: values.plant,
    storage,
    isKept: values.keep === true,
    isVerbose: values.verbose === true,
    isJson: values.json === true,
    help: values.help === true,
  };
}

function namesOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").filter(Boolean);
  const unknown = names.filter((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown.length > 0)
    throw new TypeError(
      `--only knows no ${unknown.join(", ")}; there are ${FAULTS.map(({ name }) => name).join(", ")}`,
    );
  return names;
}
