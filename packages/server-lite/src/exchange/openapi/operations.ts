// What the description says of each route beyond the route table: words, parameters, bodies, answers. A route without
// an entry does not compile. Spec: control-plane#routes, data-plane#routes.

import {
  MEDIA_EVENT_STREAM,
  MEDIA_JSON,
  MEDIA_PROTOBUF,
  MEDIA_S2S,
  type RouteName,
} from "@s2kit/core";
import { type MetricLevel, metricSetsOf } from "@s2kit/core/control";
import { OTLP_WORDS } from "./otlp-operations.js";
import type { ParameterName } from "./parameters.js";
import { list, ref, type Schema } from "./schema.js";

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

export interface OperationWords {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly ParameterName[];
  readonly body?: { readonly isRequired: boolean; readonly media: Media };
  /** Successful answers by status; undefined has no body. */
  readonly answers: Readonly<Record<number, Media | undefined>>;
  /** Failures beside those of every route. */
  readonly failures: readonly number[];
}

const json = (schema: Schema): Media => ({ [MEDIA_JSON]: schema });
const required = (name: string) => ({ isRequired: true, media: json(ref(name)) });
const optional = (name: string) => ({ isRequired: false, media: json(ref(name)) });

const LIST: readonly ParameterName[] = ["prefix", "startAfter", "limit"];
const IDEMPOTENT =
  "Creates it, or brings the one there is to this configuration: what is not given falls back to its default.";

const basins = {
  "list-basins": {
    tag: "Basins",
    summary: "List basins",
    parameters: LIST,
    answers: { 200: json(ref("BasinPage")) },
    failures: [],
  },
  "create-basin": {
    tag: "Basins",
    summary: "Create a basin",
    parameters: ["requestToken"],
    body: required("CreateBasin"),
    answers: { 201: json(ref("BasinInfo")) },
    failures: [409, 422],
  },
  "get-basin-config": {
    tag: "Basins",
    summary: "Get the configuration of a basin",
    answers: { 200: json(ref("BasinConfig")) },
    failures: [404],
  },
  "ensure-basin": {
    tag: "Basins",
    summary: "Create or change a basin",
    description: IDEMPOTENT,
    body: optional("EnsureBasin"),
    answers: { 200: json(ref("BasinInfo")), 201: json(ref("BasinInfo")) },
    failures: [409, 422],
  },
  "reconfigure-basin": {
    tag: "Basins",
    summary: "Change settings of a basin",
    description: "A field that is absent keeps, null clears, a value sets.",
    body: required("BasinConfig"),
    answers: { 200: json(ref("BasinConfig")) },
    failures: [404, 409, 422],
  },
  "delete-basin": {
    tag: "Basins",
    summary: "Delete a basin and its streams",
    answers: { 202: undefined },
    failures: [404],
  },
} as const satisfies Partial<Record<RouteName, OperationWords>>;

const streams = {
  "list-streams": {
    tag: "Streams",
    summary: "List streams",
    parameters: LIST,
    answers: { 200: json(ref("StreamPage")) },
    failures: [404],
  },
  "create-stream": {
    tag: "Streams",
    summary: "Create a stream",
    parameters: ["requestToken"],
    body: required("CreateStream"),
    answers: { 201: json(ref("StreamInfo")) },
    failures: [404, 409, 422],
  },
  "get-stream-config": {
    tag: "Streams",
    summary: "Get the configuration of a stream",
    answers: { 200: json(ref("ResolvedStreamConfig")) },
    failures: [404, 409],
  },
  "ensure-stream": {
    tag: "Streams",
    summary: "Create or change a stream",
    description: IDEMPOTENT,
    body: optional("StreamConfig"),
    answers: { 200: json(ref("StreamInfo")), 201: json(ref("StreamInfo")) },
    failures: [404, 409, 422],
  },
  "reconfigure-stream": {
    tag: "Streams",
    summary: "Change settings of a stream",
    description: "A field that is absent keeps, null takes the basin's default, a value sets.",
    body: required("StreamConfig"),
    answers: { 200: json(ref("ResolvedStreamConfig")) },
    failures: [404, 409, 422],
  },
  "delete-stream": {
    tag: "Streams",
    summary: "Delete a stream",
    answers: { 202: undefined },
    failures: [404],
  },
} as const satisfies Partial<Record<RouteName, OperationWords>>;

const records = {
  "check-tail": {
    tag: "Records",
    summary: "Get the tail of a stream",
    parameters: ["streamConfig"],
    answers: { 200: json(ref("Tail")) },
    failures: [404, 409],
  },
  read: {
    tag: "Records",
    summary: "Read records",
    description:
      "One answer, a stream of events by `accept: text/event-stream`, or an S2S session by `content-type: s2s/proto`. Starts at the tail unless one of `seq_num`, `timestamp`, `tail_offset` is given.",
    parameters: [
      ...(["seqNum", "timestamp", "tailOffset", "clamp", "count", "bytes", "until"] as const),
      ...(["wait", "format", "encryptionKey", "streamConfig", "lastEventId"] as const),
      ...(["basinQuery", "formatQuery", "lastEventIdQuery", "ticket"] as const),
    ],
    answers: {
      200: {
        ...json(ref("ReadBatch")),
        [MEDIA_EVENT_STREAM]: { type: "string" },
        [MEDIA_PROTOBUF]: undefined,
        [MEDIA_S2S]: undefined,
      },
    },
    failures: [404, 409, 416, 422],
  },
  append: {
    tag: "Records",
    summary: "Append records",
    description:
      "Acknowledged when it is durable. A record with one header of empty name is a command: `fence` or `trim`, which need those operations.",
    parameters: ["format", "encryptionKey", "streamConfig"],
    body: {
      isRequired: true,
      media: { ...json(ref("AppendInput")), [MEDIA_PROTOBUF]: undefined, [MEDIA_S2S]: undefined },
    },
    answers: {
      200: { ...json(ref("AppendAck")), [MEDIA_PROTOBUF]: undefined, [MEDIA_S2S]: undefined },
    },
    failures: [404, 408, 409, 412, 415, 422],
  },
  "issue-read-ticket": {
    tag: "Records",
    summary: "Issue a read ticket",
    description: "For pages: their EventSource sends no header, so the ticket goes into its URL.",
    body: optional("IssueReadTicket"),
    answers: { 201: json(ref("ReadTicket")) },
    failures: [422],
  },
} as const satisfies Partial<Record<RouteName, OperationWords>>;

const access = {
  "list-access-tokens": {
    tag: "Access tokens",
    summary: "List access tokens",
    parameters: LIST,
    answers: { 200: json(ref("AccessTokenPage")) },
    failures: [],
  },
  "issue-access-token": {
    tag: "Access tokens",
    summary: "Issue an access token",
    description: "A token can issue no more than it holds, and for no longer.",
    body: required("IssueAccessToken"),
    answers: { 201: json(ref("IssuedAccessToken")) },
    failures: [409, 422],
  },
  "revoke-access-token": {
    tag: "Access tokens",
    summary: "Revoke an access token",
    description: "Its open sessions end.",
    answers: { 204: undefined },
    failures: [404],
  },
} as const satisfies Partial<Record<RouteName, OperationWords>>;

const locations = {
  "list-locations": {
    tag: "Locations",
    summary: "List locations",
    answers: { 200: json(list(ref("Location"))) },
    failures: [],
  },
  "get-default-location": {
    tag: "Locations",
    summary: "Get the default location",
    answers: { 200: json(ref("Location")) },
    failures: [],
  },
  "set-default-location": {
    tag: "Locations",
    summary: "Set the default location",
    body: { isRequired: true, media: json({ type: "string" }) },
    answers: { 200: json(ref("Location")) },
    failures: [422],
  },
} as const satisfies Partial<Record<RouteName, OperationWords>>;

export const OPERATION_WORDS: Readonly<Record<RouteName, OperationWords>> = {
  ...basins,
  ...streams,
  ...records,
  ...access,
  ...locations,
  ...OTLP_WORDS,
  "account-metrics": metrics("account", "the account"),
  "basin-metrics": metrics("basin", "a basin"),
  "stream-metrics": metrics("stream", "a stream"),
};

function metrics(level: MetricLevel, whose: string): OperationWords {
  const sets = metricSetsOf(level).map((set) => `\`${set}\``);
  return {
    tag: "Metrics",
    summary: `Get usage of ${whose}`,
    description: `Sets: ${sets.join(", ")}.`,
    parameters: ["set", "start", "end", "interval"],
    answers: { 200: json(ref("Metrics")) },
    failures: [422],
  };
}
