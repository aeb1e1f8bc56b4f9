// The kinds of actors there are, and how often each is drawn. Plans name them; stories call them. A
// kind that is added here takes part at once.

import type { ActorKind } from "./actor.js";
import {
  casWriter,
  fencer,
  producing,
  sessionAppender,
  trimmer,
  unaryAppender,
} from "./appenders.js";
import { chainProducer, chainWriter, repeater } from "./lone-writers.js";
import { basinCycle, lifecycle, reconfigurer, tokenIssuer, vanisher } from "./managers.js";
import { ager, emptier } from "./policies.js";
import { reader, slowReader, tailer, wholeReader } from "./readers.js";
import { sealer } from "./sealed.js";

export type ActorKindName =
  | "unary"
  | "session"
  | "producer"
  | "chain"
  | "chainer"
  | "basins"
  | "repeater"
  | "cas"
  | "fencer"
  | "trimmer"
  | "reader"
  | "whole"
  | "tailer"
  | "slow"
  | "lifecycle"
  | "reconfigurer"
  | "tokens"
  | "vanisher"
  | "ager"
  | "emptier"
  | "sealer";

export const ACTOR_KINDS: Readonly<Record<ActorKindName, ActorKind>> = {
  unary: unaryAppender,
  session: sessionAppender,
  producer: producing,
  cas: casWriter,
  chain: chainWriter,
  chainer: chainProducer,
  basins: basinCycle,
  repeater,
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
  ager,
  emptier,
  sealer,
};

/** Drawn from: those that stand here twice come twice as often. */
export const DRAWN: readonly ActorKindName[] = [
  "unary",
  "session",
  "session",
  "producer",
  "chain",
  "chain",
  "chainer",
  "repeater",
  "repeater",
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
  "basins",
  "reconfigurer",
  "tokens",
  "vanisher",
  "ager",
  "emptier",
  "sealer",
];

/** Those whose work the public model knows: no trims, no streams that come and go. */
export const PLAIN: readonly ActorKindName[] = [
  "unary",
  "session",
  "cas",
  "fencer",
  "reader",
  "whole",
];
