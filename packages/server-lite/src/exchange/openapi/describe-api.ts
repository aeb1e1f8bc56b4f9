// The description of the HTTP API, made from the route table of core: what the server routes by is
// what it says of itself at `/openapi.json`. Holds no name, no address and no secret of a server.
// Spec: control-plane#routes.

import {
  HEADER_PROVISION_RESULT,
  HEADER_RETRY_AFTER_MS,
  MEDIA_JSON,
  ROUTES,
  type Route,
  type RouteName,
} from "@s2kit/core";
import { ACCOUNT_SCHEMAS } from "./account-schemas.js";
import type { Media, OperationWords } from "./operation-words.js";
import { OPERATION_WORDS } from "./operations.js";
import { PARAMETERS, type ParameterName } from "./parameters.js";
import { RECORD_SCHEMAS } from "./record-schemas.js";
import { ref, type Schema } from "./schema.js";
import { SERVER_PATHS } from "./server-paths.js";

const TAGS: readonly { readonly name: string; readonly description: string }[] = [
  { name: "Basins", description: "Named sets of streams, with defaults for them." },
  { name: "Streams", description: "Ordered, durable sequences of records, below a basin." },
  { name: "Records", description: "Append, read, follow, check the tail." },
  { name: "Access tokens", description: "Who may do what." },
  { name: "Metrics", description: "Usage of the account, a basin or a stream." },
  { name: "Locations", description: "Where basins may live." },
  { name: "Telemetry", description: "OpenTelemetry in, as OTLP over HTTP carries it." },
  { name: "Server", description: "About the server itself; without a token." },
];

/** Failures of every route. */
const SHARED_FAILURES = [400, 401, 403, 429] as const;

const FAILURES: Readonly<Record<number, string>> = {
  400: "malformed: a header, the path, the query or the body",
  401: "no token, or one that is unknown, expired or revoked",
  403: "the token does not permit it, whether or not it exists",
  404: "no such basin, stream or access token",
  408: "the body did not arrive in time",
  409: "it exists, is being deleted, or met another change",
  413: "larger than the server takes",
  415: "a content encoding that is not read",
  422: "well formed, but against a rule",
  429: "a limit is reached: try again after `retry-after-ms`",
};

/** The version of the API, as its paths have it. */
const API_VERSION = "1";

/** As OpenAPI 3.1 has it: an object for JSON. */
export function describeApi(): unknown {
  return {
    openapi: "3.1.0",
    info: {
      title: "S2 API",
      version: API_VERSION,
      description:
        "The S2 API, version 1, as s2kit serves it. Beside JSON, records travel as protobuf, as server-sent events and as S2S frames.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "this server" }],
    security: [{ accessToken: [] }, {}],
    tags: TAGS,
    paths: { ...apiPaths(), ...SERVER_PATHS },
    components: {
      schemas: { ...ACCOUNT_SCHEMAS, ...RECORD_SCHEMAS },
      parameters: PARAMETERS,
      responses: failureResponses(),
      securitySchemes: {
        accessToken: {
          type: "http",
          scheme: "bearer",
          description: "an access token; a server without authentication takes any, and none",
        },
      },
    },
  };
}

/** Operations by path and method. */
function apiPaths(): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][])
    (paths[route.template] ??= {})[route.method.toLowerCase()] = operationOf(name, route);
  return paths;
}

function operationOf(name: RouteName, route: Route): unknown {
  const words = OPERATION_WORDS[name];
  const needs = `Needs ${route.operations.map((each) => `\`${each}\``).join(" and ")}.`;
  return {
    operationId: name,
    tags: [words.tag],
    summary: words.summary,
    description: [words.description, needs].filter((part) => part !== undefined).join(" "),
    parameters: parametersOf(route, words),
    ...(words.body === undefined
      ? {}
      : { requestBody: { required: words.body.isRequired, content: contentOf(words.body.media) } }),
    responses: responsesOf(name, words),
  };
}

const PATH_PARAMETERS: Readonly<Record<string, ParameterName>> = {
  basin: "basinPath",
  stream: "streamPath",
  id: "tokenPath",
};

function parametersOf({ template, level }: Route, { parameters = [] }: OperationWords): unknown {
  const inPath = [...template.matchAll(/\{(\w+)\}/g)].map(([, key = ""]) => PATH_PARAMETERS[key]);
  const ofBasin: readonly ParameterName[] = level === "basin" ? ["basinHeader"] : [];
  return [...inPath, ...ofBasin, ...parameters].map((key) => ({
    $ref: `#/components/parameters/${String(key)}`,
  }));
}

function responsesOf(name: RouteName, { answers, failures }: OperationWords): unknown {
  const successes = Object.entries(answers).map(([status, media]) => [
    status,
    {
      description: SUCCESSES[Number(status)] ?? "done",
      ...(isProvisioning(name) ? { headers: PROVISION_HEADERS } : {}),
      ...(media === undefined ? {} : { content: contentOf(media) }),
    },
  ]);
  const failed = [...SHARED_FAILURES, ...failures]
    .toSorted((a, b) => a - b)
    .map((status) => [String(status), { $ref: `#/components/responses/${nameOf(status)}` }]);
  return Object.fromEntries([
    ...successes,
    ...failed,
    ["5XX", { $ref: "#/components/responses/Failed" }],
  ]);
}

const SUCCESSES: Readonly<Record<number, string>> = {
  200: "done",
  201: "created",
  202: "accepted: goes on in the background",
  204: "done, no body",
};

function isProvisioning(name: RouteName): boolean {
  return /^(create|ensure)-/.test(name);
}

const PROVISION_HEADERS: Readonly<Record<string, unknown>> = {
  [HEADER_PROVISION_RESULT]: {
    description: "what happened",
    schema: { type: "string", enum: ["created", "updated", "noop"] },
  },
};

function contentOf(media: Media): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(media).map(([type, schema]) => [type, schema === undefined ? {} : { schema }]),
  );
}

function nameOf(status: number): string {
  return `Failed${status}`;
}

function failureResponses(): Record<string, unknown> {
  const coded = Object.entries(FAILURES).map(([status, description]) => [
    nameOf(Number(status)),
    failure(description, ref("Error"), status === "429"),
  ]);
  return Object.fromEntries([
    ...coded,
    [nameOf(412), failure("a condition did not hold", ref("AppendConditionFailed"))],
    [nameOf(416), failure("the start is at the tail or beyond it", ref("Tail"))],
    [
      "Failed",
      failure("the server could not: `code` says what may be repeated", ref("Error"), true),
    ],
  ]);
}

function failure(description: string, schema: Schema, mayRetry = false): unknown {
  const headers = {
    [HEADER_RETRY_AFTER_MS]: {
      description: "milliseconds to wait at least",
      schema: { type: "integer", minimum: 0 },
    },
  };
  return {
    description,
    ...(mayRetry ? { headers } : {}),
    content: { [MEDIA_JSON]: { schema } },
  };
}
