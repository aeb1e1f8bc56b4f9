// What a steward has of one shard, and until when it rests after a failure. Of `steward` alone:
// what is decided from it is in `stewardship`.

import type { ObjectStorage } from "../engine/object-storage.js";
import type { Standing } from "./stewardship.js";

export type Place =
  /** After a try that failed and left nothing behind, the next one rests too. */
  | { readonly kind: "none"; readonly failure?: Failure }
  | {
      readonly kind: "taking";
      /** It may not go out of its way any more. */
      readonly ended: AbortController;
      readonly done: Promise<void>;
      /** It was broken: see {@link Standing}. */
      readonly isAgain: boolean;
    }
  | { readonly kind: "serving"; readonly storage: ObjectStorage }
  | { readonly kind: "leaving"; readonly done: Promise<void> }
  /** See {@link Standing}. */
  | { readonly kind: "broken"; readonly failure: Failure };

/** What a take begins with. */
export type Before = Extract<Place, { kind: "broken" | "none" }>;

/** The tries that have failed in a row. */
export interface Failure {
  readonly untilMs: number;
  readonly waitMs: number;
}

export const NONE: Place = { kind: "none" };

export function standingOf(place: Place, nowMs: number): Standing {
  switch (place.kind) {
    case "taking":
      return place.isAgain ? "retaking" : "taking";
    case "broken":
    case "none":
      return nowMs < (place.failure?.untilMs ?? nowMs) ? "resting" : place.kind;
    case "leaving":
    case "serving":
      return place.kind;
  }
}
