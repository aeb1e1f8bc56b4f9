// The rows of the matrix: for every route of core's table what is asked, in each format and on each carrier
// that the route has. The type makes them complete; rows.test.ts proves it for what is loaded at run time.

import {
  encodeAppendInput,
  encodeMessageFrame,
  encodeUtf8,
  fenceRecord,
  ROUTES,
  type RouteName,
  trimRecord,
} from "@s2kit/core";
import type { Ask, Carrier } from "./carriers.js";
import type { Wish } from "./rule.js";
import { specRouteOf } from "./spec-tables.js";

/** What the rows are about, in the words of who holds the token. */
export interface Target {
  readonly basin: string;
  readonly stream: string;
  readonly tokenId: string;
  /** Names that creating requests give. */
  readonly newBasin: string;
  readonly newStream: string;
  readonly newTokenId: string;
}

export interface Row {
  readonly route: RouteName;
  readonly name: string;
  readonly carriers: readonly Carrier[];
  /** Without a token. */
  readonly ask: Ask;
  readonly wish: Wish;
  /** Statuses of success, as the specification says them. */
  readonly statuses: readonly number[];
  /** Takes away what other rows are about; higher goes later. */
  readonly destroys: number;
}

interface Draft {
  readonly name?: string;
  readonly carriers?: readonly Carrier[];
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  /** When they are not the route's. */
  readonly operations?: readonly string[];
  /** Named in the body. */
  readonly wish?: Partial<Wish>;
}

const HTTP: readonly Carrier[] = ["h1", "h2"];
const EVERY: readonly Carrier[] = ["h1", "h2", "ws"];
const S2S = { "content-type": "s2s/proto" };

const RECORD = { timestamp: undefined, headers: [], body: encodeUtf8("x") };
const MESSAGE: Uint8Array = encodeAppendInput({ records: [RECORD] });
const FENCE: Uint8Array = encodeAppendInput({ records: [fenceRecord("token")] });
const TRIM: Uint8Array = encodeAppendInput({ records: [trimRecord(0)] });
const MIXED: Uint8Array = encodeAppendInput({
  records: [RECORD, fenceRecord("token"), trimRecord(0)],
});

const DRAFTS: Readonly<Record<RouteName, (target: Target) => readonly Draft[]>> = {
  "list-basins": () => [{ wish: { lists: "basins" } }],
  "create-basin": ({ newBasin }) => [{ json: { basin: newBasin }, wish: { basin: newBasin } }],
  "get-basin-config": () => [{}],
  "ensure-basin": () => [{}, { name: "with a body", json: { config: null } }],
  "reconfigure-basin": () => [{ json: { create_stream_on_read: true } }],
  "delete-basin": () => [{}],
  "list-access-tokens": () => [{ wish: { lists: "access_tokens" } }],
  "issue-access-token": ({ newTokenId }) => [
    {
      json: { id: newTokenId, scope: { ops: ["issue-access-token"] } },
      wish: { tokenId: newTokenId },
    },
  ],
  "revoke-access-token": () => [{}],
  "list-locations": () => [{}],
  "get-default-location": () => [{}],
  "set-default-location": () => [{ json: "aws:us-east-1" }],
  "account-metrics": () => [{ query: "?set=account-ops&start=0&end=60" }],
  "basin-metrics": () => [{ query: "?set=storage&start=0&end=60" }],
  "stream-metrics": () => [{ query: "?set=storage&start=0&end=60" }],
  "list-streams": () => [{ wish: { lists: "streams" } }],
  "create-stream": ({ newStream }) => [
    { json: { stream: newStream }, wish: { stream: newStream } },
  ],
  "get-stream-config": () => [{}],
  "ensure-stream": () => [{}, { name: "with a body", json: {} }],
  "reconfigure-stream": () => [{ json: { retention_policy: { age: 60 } } }],
  "delete-stream": () => [{}],
  "check-tail": () => [{}],
  read: () => [
    { query: "?seq_num=0" },
    { name: "protobuf", query: "?seq_num=0", headers: { accept: "application/protobuf" } },
    {
      name: "events",
      query: "?seq_num=0&count=1",
      headers: { accept: "text/event-stream" },
    },
    { name: "S2S", query: "?seq_num=0&count=1", headers: S2S, carriers: EVERY },
  ],
  append: () => [
    { json: { records: [{ body: "x" }] } },
    { name: "protobuf", bytes: MESSAGE, headers: { "content-type": "application/protobuf" } },
    { name: "S2S", bytes: encodeMessageFrame(MESSAGE), headers: S2S, carriers: EVERY },
    {
      name: "a fence as JSON",
      json: { records: [{ headers: [["", "fence"]], body: "token" }] },
      operations: ["fence"],
    },
    {
      name: "a trim as S2S",
      bytes: encodeMessageFrame(TRIM),
      headers: S2S,
      carriers: EVERY,
      operations: ["trim"],
    },
    {
      name: "a fence as S2S",
      bytes: encodeMessageFrame(FENCE),
      headers: S2S,
      carriers: EVERY,
      operations: ["fence"],
    },
    {
      name: "records and commands as protobuf",
      bytes: MIXED,
      headers: { "content-type": "application/protobuf" },
      operations: ["append", "fence", "trim"],
    },
    {
      name: "a record behind a command as S2S",
      bytes: Buffer.concat([encodeMessageFrame(MIXED), encodeMessageFrame(MESSAGE)]),
      headers: S2S,
      carriers: EVERY,
      operations: ["append", "fence", "trim"],
    },
  ],
  "issue-read-ticket": () => [{}, { name: "with a body", json: { expires_in_secs: 60 } }],
  "otlp-logs": ({ stream }) => [otlp(stream, "Logs", "logRecords")],
  "otlp-metrics": ({ stream }) => [otlp(stream, "Metrics", "metrics")],
  "otlp-traces": ({ stream }) => [otlp(stream, "Spans", "spans")],
};

/** One item of a resource that names its stream. */
function otlp(stream: string, of: string, items: string): Draft {
  const attributes = [{ key: "s2.stream", value: { stringValue: stream } }];
  const group = { resource: { attributes }, [`scope${of}`]: [{ [items]: [{}] }] };
  return { json: { [`resource${of}`]: [group] }, wish: { stream } };
}

const DESTROYS: Partial<Readonly<Record<RouteName, number>>> = {
  "delete-stream": 1,
  "revoke-access-token": 2,
  "delete-basin": 3,
};

export const ROUTES_WITH_ROWS: readonly string[] = Object.keys(DRAFTS);

export function rowsOf(target: Target): readonly Row[] {
  return (Object.keys(ROUTES) as RouteName[]).flatMap((route) => {
    const rows = DRAFTS[route](target).map((draft) => rowOf(route, draft, target));
    const [first] = rows;
    return first === undefined || first.ask.method !== "GET" ? rows : [...rows, asHead(first)];
  });
}

function rowOf(route: RouteName, draft: Draft, target: Target): Row {
  const { method, template, level } = ROUTES[route];
  const promised = specRouteOf(method, template);
  const names: Readonly<Record<string, string>> = {
    basin: target.basin,
    stream: target.stream,
    id: target.tokenId,
  };
  const has = (param: string): boolean => template.includes(`{${param}}`);
  const path = template.replace(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(names[key] ?? ""),
  );
  const { json, bytes, query = "", headers, carriers = HTTP, name } = draft;
  return {
    route,
    name: name === undefined ? route : `${route}, ${name}`,
    carriers,
    destroys: DESTROYS[route] ?? 0,
    statuses: promised.statuses,
    ask: {
      method,
      path: path + query,
      headers: {
        ...(level === "basin" ? { "s2-basin": target.basin } : {}),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: json === undefined ? bytes : encodeUtf8(JSON.stringify(json)),
    },
    wish: {
      operations: draft.operations ?? promised.operations,
      ...(level === "basin" || has("basin") ? { basin: target.basin } : {}),
      ...(has("stream") ? { stream: target.stream } : {}),
      ...(has("id") ? { tokenId: target.tokenId } : {}),
      ...draft.wish,
    },
  };
}

function asHead(row: Row): Row {
  return { ...row, name: `${row.name}, HEAD`, ask: { ...row.ask, method: "HEAD" } };
}
