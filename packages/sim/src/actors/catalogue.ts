// The kinds of actors there are, and how often each is drawn.

import type { ActorKind } from "./actor.js";
import {
  casWriter,
  fencer,
  producing,
  sessionAppender,
  trimmer,
  unaryAppender,
} from "./appenders.js";
import { lifecycle, reconfigurer, tokenIssuer, vanisher } from "./managers.js";
import { reader, slowReader, tailer, wholeReader } from "./readers.js";

export const ACTOR_KINDS = {
  unary: unaryAppender,
  session: sessionAppender,
  producer: producing,
  cas: casWriter,
  fencer,
  trimmer,
  reader,
  whole: wholeReader,
  tailer,
  slow: slowReader,
  lifecycle,
  reconfigurer,
  tokens: tokenIssuer,
  vanisher,
} as const satisfies Readonly<Record<string, ActorKind>>;

export type ActorKindName = keyof typeof ACTOR_KINDS;

/** Drawn from: those that stand here twice come twice as often. */
export const DRAWN: readonly ActorKindName[] = [
  "unary",
  "session",
  "session",
  "producer",
  "cas",
  "fencer",
  "trimmer",
  "reader",
  "reader",
  "whole",
  "tailer",
  "tailer",
  "slow",
  "lifecycle",
  "reconfigurer",
  "tokens",
  "vanisher",
];
