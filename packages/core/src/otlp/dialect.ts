// What cutting needs to know of an encoding: where the parts of a request are, and how parts are
// put together again. Nothing is decoded: ranges of bytes in, ranges of bytes out.
// Spec: data-plane#otlp-records.

import type { Walk } from "../json/json-cursor.js";
import type { GrowingBytes } from "../proto/growing-bytes.js";
import type { OtlpLevel } from "./signal.js";

/** A part of a request, where it lies. */
export interface OtlpMember {
  /** One of those that its level repeats; else it belongs to the level itself. */
  isChild: boolean;
  /** Where it begins, its name or tag included. */
  start: number;
  /** Where what it holds begins. */
  contentStart: number;
  end: number;
  /** Of a child of a metric, which kind of holder it is; else 0. */
  holder: number;
}

/**
 * The parts of a level in order; undefined is a pause. Each is valid until the next is asked for.
 */
export type OtlpMembers = Generator<OtlpMember | undefined, void, undefined>;

/** One encoding of one signal, over the bytes of one request. All may throw what is malformed. */
export interface OtlpDialect {
  members(level: OtlpLevel, start: number, end: number): OtlpMembers;
  /** What a group's resource says about its stream: "" when it is no text; undefined: nothing. */
  streamOf(groupStart: number, groupEnd: number): Walk<string | undefined>;
  /** How many data points a metric has. */
  pointsOf(metricStart: number, metricEnd: number): Walk<number>;
  /** A request of this group alone, as views where that is possible. */
  alone(group: OtlpMember): readonly Uint8Array[];
  /** Writes a member behind others of its kind. */
  join(run: GrowingBytes, member: OtlpMember): void;
  /** A bound on what {@link OtlpDialect.enclose} adds to the children. */
  overheadOf(heads: readonly Uint8Array[]): number;
  /**
   * A request around children.
   *
   * @param heads - what belongs to the group itself, then to the scope if they are items, then to
   *   the metric and its holder if they are points
   * @param holder - of that metric
   */
  enclose(heads: readonly Uint8Array[], children: Uint8Array, holder: number): Uint8Array;
}
