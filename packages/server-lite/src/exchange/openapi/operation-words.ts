// What the description says of an operation beyond the route table, as a shape. Entries are in
// operations.ts and record-operations.ts.

import { MEDIA_JSON } from "@s2kit/core";
import type { ParameterName } from "./parameters.js";
import { ref, type Schema } from "./schema.js";

export type Tag =
  | "Access tokens"
  | "Basins"
  | "Locations"
  | "Metrics"
  | "Records"
  | "Streams"
  | "Telemetry";

/** Bodies by media type; undefined is bytes. */
export type Media = Readonly<Record<string, Schema | undefined>>;

/** The body of a request. */
export interface OperationBody {
  readonly isRequired: boolean;
  readonly media: Media;
}

export interface OperationWords {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly ParameterName[];
  readonly body?: OperationBody;
  /** Successful answers by status; undefined has no body. */
  readonly answers: Readonly<Record<number, Media | undefined>>;
  /** Failures beside those of every route. */
  readonly failures: readonly number[];
}

export const json = (schema: Schema): Media => ({ [MEDIA_JSON]: schema });
export const required = (name: string): OperationBody => ({
  isRequired: true,
  media: json(ref(name)),
});
export const optional = (name: string): OperationBody => ({
  isRequired: false,
  media: json(ref(name)),
});
