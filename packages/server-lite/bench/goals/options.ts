// What `pnpm bench:goals` is told, checked once.

import { parseArgs } from "node:util";

export const GOALS_USAGE = `What an append to a store in a bucket waits for, and what a start costs, beside the bare requests of the same run.

  pnpm bench:goals [PUT_MS] [SECONDS] [STREAMS]     the engine alone, over the double of the tests
  pnpm bench:goals --peer s2 [PUT_MS] [SECONDS]     our server and the official one (\`s2 lite --bucket\`, on PATH or named by
                                                    S2KIT_S2) by the same HTTP requests, each on a fresh double
  --endpoint URL    with a peer: a store that is there, such as versitygw, in place of the double; credentials are in the
                    environment, PUT_MS is what it is, and requests are not counted
  --bucket NAME     of that store; default bucket

PUT_MS (default 50) is what requests of the double take longer than they do; SECONDS (default 10) what each load lasts.
`;

export interface GoalsOptions {
  readonly putMs: number;
  readonly seconds: number;
  readonly streamCount: number;
  readonly peer: "s2" | undefined;
  readonly endpoint: string | undefined;
  readonly bucket: string;
}

/** @throws {TypeError} for what it does not know */
export function parseGoals(args: readonly string[]): GoalsOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      peer: { type: "string" },
      endpoint: { type: "string" },
      bucket: { type: "string", default: "bucket" },
    },
  });
  const { peer, endpoint, bucket } = values;
  if (peer !== undefined && peer !== "s2") throw new TypeError(`--peer takes s2, not ${peer}`);
  if (endpoint !== undefined && peer === undefined)
    throw new TypeError("--endpoint is for a run with --peer");
  if (endpoint !== undefined && !URL.canParse(endpoint))
    throw new TypeError(`--endpoint takes a URL, not ${endpoint}`);
  if (positionals.length > 3)
    throw new TypeError(`too many words: ${positionals.slice(3).join(" ")}`);
  const [putMs, seconds, streamCount] = [
    within("PUT_MS", positionals[0] ?? "50", 0, 5000),
    within("SECONDS", positionals[1] ?? "10", 1, 600),
    within("STREAMS", positionals[2] ?? "1000000", 1, 10_000_000),
  ];
  return { putMs, seconds, streamCount, peer, endpoint, bucket };
}

function within(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (value >= least && value <= most) return value;
  throw new TypeError(`${name} is from ${least} to ${most}, not ${text}`);
}
