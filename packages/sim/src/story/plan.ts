// What will happen in a story, drawn from its seed and written down before it begins: who acts,
// what is struck, when the server ends. A part can be left out, and the rest stays as it is.

import { type Random, randomInteger, seededRandom } from "@s2kit/core";
import { type ActorKindName, DRAWN, PLAIN } from "../actors/catalogue.js";
import type { EngineName } from "../world/store.js";
import { PROFILES, type Profile, type ProfileName } from "./profile.js";

export interface PlannedActor {
  /** Such as `a3:session`. */
  readonly name: string;
  readonly kind: ActorKindName;
  readonly steps: number;
}

export type Trouble =
  | { readonly kind: "strike"; readonly fault: StrikeName }
  | { readonly kind: "stall"; readonly forMs: number }
  | { readonly kind: "jump"; readonly byMs: number }
  | {
      readonly kind: "restart";
      readonly how: RestartName;
      readonly peers: "reset" | "half-open";
      readonly downMs: number;
      /** For an end at a call of the disk. */
      readonly calls: number;
    }
  | { readonly kind: "disk"; readonly label: string; readonly code: "EIO" | "ENOSPC" }
  | { readonly kind: "full"; readonly leftBytes: number; readonly forMs: number };

export type StrikeName = "reset" | "half-open" | "deaf" | "mute" | "end";
export type RestartName = "close" | "kill" | "power" | "at-call";

export interface PlannedTrouble {
  /** Such as `t2:restart`. */
  readonly name: string;
  readonly atMs: number;
  readonly trouble: Trouble;
}

export interface Plan {
  readonly seed: number;
  readonly engine: EngineName;
  readonly profile: ProfileName;
  readonly isGuarded: boolean;
  /** The server has quotas. Older plans do not say. */
  readonly isLimited?: boolean;
  readonly streams: readonly string[];
  readonly actors: readonly PlannedActor[];
  readonly troubles: readonly PlannedTrouble[];
  /** Connections have faults of their own. */
  readonly hasFaultyConnections: boolean;
}

const MAX_JUMP_MS = 3_600_000;
/** Shorter than any timeout of a client: what was given up is not delivered later. */
const MAX_STALL_MS = 2000;
const LABELS = [
  "write log",
  "writing log",
  "sync log",
  "write data file",
  "sync data file",
  "short log",
  "short data file",
  "state transaction",
  "open data file",
  "rename log",
  "read data file",
] as const;

export interface PlanOptions {
  readonly seed: number;
  readonly engine?: EngineName | undefined;
  readonly profile: ProfileName;
}

export function drawPlan({ seed, engine, profile }: PlanOptions): Plan {
  const random = seededRandom(Math.imul(seed, 0x9e37_79b1));
  const { actors, steps, isPlain }: Profile = PROFILES[profile];
  // Drawn in any case: the rest of the plan is the same when a command names the engine.
  const byChance = random.next() < 0.7 ? "disk" : "memory";
  const drawn = engine ?? byChance;
  const isGuarded = random.next() < 0.5;
  const kinds = isPlain ? PLAIN : DRAWN.filter((kind) => isGuarded || kind !== "tokens");
  const count = randomInteger(random, ...actors);
  const planned = Array.from({ length: count }, (_, index): PlannedActor => {
    const kind = kinds[randomInteger(random, 0, kinds.length - 1)] as ActorKindName;
    return { name: `a${index}:${kind}`, kind, steps: randomInteger(random, ...steps) };
  });
  const streams = isPlain || random.next() < 0.4 ? ["s0"] : ["s0", "s1"];
  return {
    seed,
    engine: drawn,
    profile,
    isGuarded,
    isLimited: !isPlain && random.next() < 0.2,
    streams,
    // Without a writer there is nothing to see.
    actors: [...planned, { name: `a${count}:unary`, kind: "unary", steps: steps[0] }],
    troubles: drawTroubles(random, profile, drawn),
    hasFaultyConnections: random.next() < 0.7,
  };
}

function drawTroubles(random: Random, profile: ProfileName, engine: EngineName): PlannedTrouble[] {
  const { strikes, restarts, troubleMs } = PROFILES[profile];
  const troubles: { atMs: number; trouble: Trouble }[] = [];
  const add = (trouble: Trouble): void => {
    troubles.push({ atMs: randomInteger(random, 0, troubleMs), trouble });
  };
  for (let left = randomInteger(random, 0, strikes); left > 0; left--) add(drawStrike(random));
  for (let left = randomInteger(random, 0, restarts); left > 0; left--)
    add(drawRestart(random, engine));
  if (engine === "disk" && restarts > 0 && random.next() < 0.3) add(drawDiskTrouble(random));
  return troubles
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, trouble }, index) => ({ name: `t${index}:${trouble.kind}`, atMs, trouble }));
}

function drawStrike(random: Random): Trouble {
  const dice = random.next();
  if (dice < 0.2) return { kind: "stall", forMs: randomInteger(random, 1, MAX_STALL_MS) };
  if (dice < 0.3) return { kind: "jump", byMs: randomInteger(random, -MAX_JUMP_MS, MAX_JUMP_MS) };
  const faults = ["reset", "reset", "half-open", "deaf", "mute", "end"] as const;
  return { kind: "strike", fault: faults[randomInteger(random, 0, 5)] as StrikeName };
}

function drawRestart(random: Random, engine: EngineName): Trouble {
  const ways: readonly RestartName[] =
    engine === "memory"
      ? ["close", "kill", "kill"]
      : ["close", "kill", "power", "power", "at-call", "at-call", "at-call"];
  return {
    kind: "restart",
    how: ways[randomInteger(random, 0, ways.length - 1)] as RestartName,
    peers: random.next() < 0.7 ? "reset" : "half-open",
    downMs: randomInteger(random, 0, 1500),
    calls: randomInteger(random, 1, random.next() < 0.5 ? 12 : 80),
  };
}

function drawDiskTrouble(random: Random): Trouble {
  if (random.next() < 0.3)
    return {
      kind: "full",
      leftBytes: randomInteger(random, 0, 40_000),
      forMs: randomInteger(random, 100, 4000),
    };
  return {
    kind: "disk",
    label: LABELS[randomInteger(random, 0, LABELS.length - 1)] as string,
    code: random.next() < 0.5 ? "EIO" : "ENOSPC",
  };
}
