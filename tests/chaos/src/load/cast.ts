// Who acts in a cell of the load: the actors of the simulation, and those who use no client of ours. Drawn from the seed;
// cells whose history the public model can judge have only those whose work it knows.

import { type Random, randomInteger } from "@s2kit/core";
import {
  ACTOR_KINDS,
  type Actor,
  type ActorKind,
  type ActorKindName,
  DRAWN,
  PLAIN,
} from "@s2kit/sim";
import { type OriginOf, rawAppender, rawFollower, rawReader } from "./raw-clients.ts";

type RawName = "raw-append" | "raw-read" | "raw-follow";

const RAW: Readonly<Record<RawName, (actor: Actor, originOf: OriginOf) => Promise<void>>> = {
  "raw-append": rawAppender,
  "raw-read": rawReader,
  "raw-follow": rawFollower,
};

export type CastName = ActorKindName | RawName;

export interface CastMember {
  /** Such as `c3-a1:session`. */
  readonly name: string;
  readonly kind: CastName;
  readonly steps: number;
}

export interface Script {
  readonly name: string;
  /** The public model can judge it. */
  readonly isPlain: boolean;
  readonly streams: readonly string[];
  readonly cast: readonly CastMember[];
  readonly thinkMs: number;
  readonly maxBodyBytes: number;
}

/** They wait for what a server does by itself, for minutes and more: the simulation passes that in no time, real processes do not. */
const TOO_PATIENT: ReadonlySet<CastName> = new Set(["ager", "emptier"]);
const DRAWN_HERE = DRAWN.filter((kind) => !TOO_PATIENT.has(kind));

const RAW_NAMES = Object.keys(RAW) as RawName[];
const PLAIN_EVERY = 3;
/** Enough to seal and rewrite segments of the log all the time. */
const BULKY_EVERY = 4;

export function drawScript(random: Random, index: number): Script {
  const name = `c${index}`;
  const isPlain = index % PLAIN_EVERY === 0;
  const isBulky = index % BULKY_EVERY === 1;
  const kinds: readonly CastName[] = isPlain
    ? [...PLAIN, "raw-append", "raw-read"]
    : [...DRAWN_HERE, ...RAW_NAMES];
  const count = randomInteger(random, 7, 11);
  const cast = Array.from({ length: count }, (_, at): CastMember => {
    const kind = kinds[randomInteger(random, 0, kinds.length - 1)] as CastName;
    return { name: `${name}-a${at}:${kind}`, kind, steps: randomInteger(random, 10, 30) };
  });
  return {
    name,
    isPlain,
    streams: isPlain ? [`${name}-s0`] : [`${name}-s0`, `${name}-s1`],
    // Without a writer there is nothing to see.
    cast: [...cast, { name: `${name}-w:unary`, kind: "unary", steps: 30 }],
    thinkMs: randomInteger(random, 150, 500),
    maxBodyBytes: isBulky ? 100_000 : 2000,
  };
}

export function actorKindOf(kind: CastName, originOf: OriginOf): ActorKind {
  if (!Object.hasOwn(RAW, kind)) return ACTOR_KINDS[kind as ActorKindName];
  const work = RAW[kind as RawName];
  return (actor) => work(actor, originOf);
}
