// What the description says of each route beyond the route table: words, parameters, bodies,
// answers. A route without an entry does not compile. Spec: control-plane#routes,
// data-plane#routes.

import type { RouteName } from "@s2kit/core";
import { type MetricLevel, metricSetsOf } from "@s2kit/core/control";
import { json, type OperationWords, optional, required } from "./operation-words.js";
import { OTLP_WORDS } from "./otlp-operations.js";
import type { ParameterName } from "./parameters.js";
import { RECORD_OPERATIONS } from "./record-operations.js";
import { list, ref } from "./schema.js";

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
  ...RECORD_OPERATIONS,
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
