// Whether a server is after a while what it was before: resident memory, handles, descriptors, and how late its event loop
// is, in the second half of a run beside the first, the warm-up left out; and what a straight line through all that says of
// the whole time. Connections of clients are theirs: of them only those count that the server alone still has. Pure.

import { quantile, type Sample } from "./sample.ts";

export interface Finding {
  readonly what: string;
  /** Of what is told by a straight line: 0. */
  readonly before: number;
  readonly after: number;
  /** What `after` may be at most; at least, for the pace. */
  readonly bound: number;
  readonly isGood: boolean;
}

export interface Verdict {
  /** Undefined: too short to tell; nothing that was seen speaks against it. */
  readonly isGood: boolean | undefined;
  readonly findings: readonly Finding[];
  /** Of a straight line through the resident memory behind the warm-up. */
  readonly rssMibPerHour: number;
}

const MIB = 1024 * 1024;
/** Caches fill, code is compiled, the heap takes its size. */
const WARM_UP_SHARE = 1 / 3;
/** Fewer say nothing about memory. */
const MIN_SAMPLES = 20;
const MIN_SECONDS = 90;
const MAX_RSS_GROWTH = 0.08;
const RSS_ALLOWANCE = 24 * MIB;
const HANDLE_ALLOWANCE = 8;
const LOOP_ALLOWANCE_MS = 20;
const LEAST_PACE = 0.95;

/** @param recordsPerSecond - what the load was told to append */
export function judge(samples: readonly Sample[], recordsPerSecond: number): Verdict {
  const warm = samples.slice(Math.ceil(samples.length * WARM_UP_SHARE));
  const early = warm.slice(0, Math.floor(warm.length / 2));
  const late = warm.slice(early.length);
  const growth = (
    what: string,
    of: (sample: Sample) => number,
    boundOf: (before: number) => number,
  ): Finding => {
    const before = median(early, of);
    const after = median(late, of);
    const bound = boundOf(before);
    return { what, before, after, bound, isGood: after <= bound };
  };
  const findings = [
    growth(
      "resident bytes",
      ({ rss }) => rss,
      (before) => before + rssAllowance(before),
    ),
    growth("handles without connections", ownHandles, (before) => before + HANDLE_ALLOWANCE),
    growth(
      "descriptors without connections",
      ownDescriptors,
      (before) => before + HANDLE_ALLOWANCE,
    ),
    growth(
      "connections that no client has",
      leftConnections,
      (before) => before + HANDLE_ALLOWANCE,
    ),
    trend("resident bytes", warm, ({ rss }) => rss, rssAllowance(median(early, ({ rss }) => rss))),
    trend("handles without connections", warm, ownHandles, HANDLE_ALLOWANCE),
    trend("descriptors without connections", warm, ownDescriptors, HANDLE_ALLOWANCE),
    trend("connections that no client has", warm, leftConnections, HANDLE_ALLOWANCE),
    growth(
      "event-loop delay, p99 ms",
      ({ loopP99Ms }) => loopP99Ms,
      (before) => 2 * before + LOOP_ALLOWANCE_MS,
    ),
    paceOf(samples, recordsPerSecond),
  ];
  const isLongEnough =
    warm.length >= MIN_SAMPLES &&
    (warm.at(-1)?.atSeconds ?? 0) - (warm[0]?.atSeconds ?? 0) >= MIN_SECONDS;
  return {
    isGood: isLongEnough ? findings.every(({ isGood }) => isGood) : undefined,
    findings,
    rssMibPerHour: (slopeOf(warm, ({ rss }) => rss) * 3600) / MIB,
  };
}

function ownHandles({ handles, connections }: Sample): number {
  return handles - connections;
}

function ownDescriptors({ descriptors = 0, connections }: Sample): number {
  return descriptors - connections;
}

function leftConnections({ connections, clientConnections = 0 }: Sample): number {
  return Math.max(0, connections - clientConnections);
}

function rssAllowance(bytes: number): number {
  return Math.max(RSS_ALLOWANCE, bytes * MAX_RSS_GROWTH);
}

/** What it grew by from the first of these samples to the last, if it grew evenly. */
function trend(
  what: string,
  samples: readonly Sample[],
  of: (sample: Sample) => number,
  bound: number,
): Finding {
  const seconds = (samples.at(-1)?.atSeconds ?? 0) - (samples[0]?.atSeconds ?? 0);
  const after = slopeOf(samples, of) * seconds;
  return { what: `${what}, growth by a line`, before: 0, after, bound, isGood: after <= bound };
}

function paceOf(samples: readonly Sample[], recordsPerSecond: number): Finding {
  const appended = samples.reduce((sum, sample) => sum + sample.appendedRecords, 0);
  const seconds = samples.reduce((sum, sample) => sum + sample.intervalSeconds, 0);
  const after = seconds === 0 ? 0 : appended / seconds;
  const bound = recordsPerSecond * LEAST_PACE;
  return {
    what: "records a second",
    before: recordsPerSecond,
    after,
    bound,
    isGood: after >= bound,
  };
}

function median(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return quantile(samples.map(of), 0.5);
}

/** By least squares, a second. */
export function slopeOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  if (samples.length < 2) return 0;
  const meanX = samples.reduce((sum, { atSeconds }) => sum + atSeconds, 0) / samples.length;
  const meanY = samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  let above = 0;
  let below = 0;
  for (const sample of samples) {
    const x = sample.atSeconds - meanX;
    above += x * (of(sample) - meanY);
    below += x * x;
  }
  return below === 0 ? 0 : above / below;
}
