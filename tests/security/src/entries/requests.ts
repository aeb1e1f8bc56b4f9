// Requests: targets, queries, headers with rules, and the JSON of the control plane. From any client.

import {
  accessTokenIdPrefixRule,
  basinPrefixRule,
  buildPath,
  formatReadQuery,
  matchRoute,
  mediaKindOf,
  parseReadQuery,
  ROUTES,
  type RouteName,
  streamPrefixRule,
} from "@s2kit/core";
import {
  accessTokenInfoFromJson,
  accessTokenInfoToJson,
  basinConfigFromJson,
  basinConfigToJson,
  basinReconfigurationFromJson,
  formatMetricsQuery,
  issueAccessTokenRequestFromJson,
  issueAccessTokenRequestToJson,
  locationNameFromJson,
  parseMetricsQuery,
  streamConfigFromJson,
  streamConfigToJson,
  streamReconfigurationFromJson,
} from "@s2kit/core/control";
import { parseLastEventId } from "@s2kit/core/server";
// @boundaries-ignore the fuzzer feeds what no face shows
import { createHostCheck } from "../../../../packages/server-lite/src/exchange/hosts.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  isLoopbackOrigin,
  isSameOrigin,
} from "../../../../packages/server-lite/src/exchange/origins.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { nameRangeOf } from "../../../../packages/server-lite/src/exchange/request.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { parseRequestTarget } from "../../../../packages/server-lite/src/exchange/request-target.js";
import { agree, codeOf, type Entry, outcomeOf, textOf, utf8, wordFor } from "../engine/entry.js";

function lines(...texts: readonly string[]): Record<string, Uint8Array> {
  return Object.fromEntries(texts.map((text) => [text.slice(0, 40), utf8.encode(text)]));
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export const targets: Entry = {
  name: "targets",
  reads: "request targets: forms, paths, names in them",
  seeds: () =>
    lines(
      ...Object.values(ROUTES).map(({ template }) => template.replace(/[{}]/g, "")),
      "/v1/streams/a%2Fb%00/records?seq_num=0",
      "http://host:80/v1/basins?x",
      "*",
      "//v1//streams",
      "/v1/streams/%ff",
      "/v1/streams/../basins",
      "/v1/basins/b%61sin/streams/a%2Fb/append",
    ),
  words: ["%2F", "%00", "%ff", "%", "//", "..", "/v1/", "?", "#", "default", "records", "tail"],
  check(bytes) {
    const target = parseRequestTarget(textOf(bytes));
    const words = METHODS.map((method) => {
      const match = outcomeOf(() => matchRoute(method, target.path));
      if (match.kind === "refused" || match.value.kind !== "route") return wordFor(match, "none");
      const { name, params } = match.value;
      agree("the method", ROUTES[name].method, method);
      checkBuilt(name, params);
      return name;
    });
    return [...new Set(words)].join(" ");
  },
};

/** Every name can be written, and is found again, unless it is half a character. */
function checkBuilt(name: RouteName, params: Readonly<Record<string, string>>): void {
  const built = buildPath(name, params);
  const again = matchRoute(ROUTES[name].method, built);
  agree("built and matched", again, { kind: "route", name, params, basin: undefined });
}

export const queries: Entry = {
  name: "queries",
  reads: "query strings: reads, cursors and limits of lists, metrics",
  seeds: () =>
    lines(
      "seq_num=0&count=10&bytes=100&wait=5&clamp=true&until=9",
      "timestamp=5&until=6",
      "tail_offset=18446744073709551615",
      "prefix=a&start_after=a%2Fb&limit=1000",
      "limit=0&limit=1",
      "prefix=%F0%9F%98%80&start_after=%00",
      "set=storage&start=0&end=60&interval=minute",
      "set=account-ops&start=1&end=2",
      "count=-1",
      "wait=4294967296",
    ),
  words: ["seq_num=", "&", "=", "%", "+", "limit=", "prefix=", "start_after=", "set=", "interval="],
  check(bytes) {
    const query = new URLSearchParams(textOf(bytes));
    const read = outcomeOf(() => parseReadQuery(query));
    if (read.kind === "value") {
      const again = parseReadQuery(new URLSearchParams(formatReadQuery(read.value)));
      agree("a read again", known(again), known(read.value));
    }
    const ranges = [basinPrefixRule, streamPrefixRule, accessTokenIdPrefixRule].map((rule) =>
      outcomeOf(() => nameRangeOf(query, rule)),
    );
    for (const range of ranges)
      if (range.kind === "value")
        agree("a page", range.value.limit >= 1 && range.value.limit <= 1000, true);
    const metrics = (["account", "basin", "stream"] as const).map((level) => {
      const parsed = outcomeOf(() => parseMetricsQuery(query, level));
      if (parsed.kind === "value") {
        const text = formatMetricsQuery(parsed.value);
        agree("metrics again", parseMetricsQuery(new URLSearchParams(text), level), parsed.value);
      }
      return codeOf(parsed);
    });
    return [wordFor(read), ...ranges.map((range) => codeOf(range)), ...metrics].join(" ");
  },
};

/** `clamp=false` and none are alike. */
function known(query: object): unknown {
  const { clamp = false, ...rest } = query as { readonly clamp?: boolean };
  return { clamp: clamp === true, ...rest };
}

export const headers: Entry = {
  name: "headers",
  reads: "hosts, origins, media types, event ids",
  seeds: () =>
    lines(
      "localhost:8080",
      "http://localhost:5173",
      "https://[::1]:443",
      "http://127.0.0.1.evil.example",
      "basin.b.example.com",
      "application/json; charset=utf-8, text/plain",
      "s2s/proto",
      "1,2,3",
      "18446744073709551615,0,0",
      "null",
      "http://user@localhost",
      "http://localhost.",
    ),
  words: ["http://", "https://", "localhost", "127.0.0.1", "[::1]", "@", ":", ".", ",", "/", "#"],
  check(bytes) {
    const text = textOf(bytes);
    const isServed = createHostCheck({ host: "127.0.0.1", basinZone: "b.test", allowedHosts: [] });
    const isHere = isLoopbackOrigin(text);
    // What a browser takes for a page of this machine must be one.
    if (isHere) agree("a page of this machine", isHereForBrowsers(text), true);
    const id = outcomeOf(() => parseLastEventId(text));
    return [
      isServed(text),
      isHere,
      isSameOrigin(text, "localhost:8080"),
      mediaKindOf(text),
      wordFor(id),
    ].join(" ");
  },
};

function isHereForBrowsers(origin: string): boolean {
  let name: string;
  try {
    name = new URL(origin).hostname;
  } catch {
    // No browser sends it.
    return true;
  }
  return /^(localhost|.*\.localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(name);
}

const CODECS: readonly (readonly [
  string,
  (json: unknown) => unknown,
  ((value: never) => unknown) | undefined,
])[] = [
  ["stream", (json) => streamConfigFromJson(json), streamConfigToJson as never],
  ["basin", (json) => basinConfigFromJson(json), basinConfigToJson as never],
  ["issue", issueAccessTokenRequestFromJson, issueAccessTokenRequestToJson as never],
  ["token", (json) => accessTokenInfoFromJson(json), accessTokenInfoToJson as never],
  ["stream patch", (json) => streamReconfigurationFromJson(json), undefined],
  ["basin patch", (json) => basinReconfigurationFromJson(json), undefined],
  ["location", locationNameFromJson, undefined],
];

export const controlJson: Entry = {
  name: "control-json",
  reads: "JSON bodies of the control plane",
  seeds: () => ({
    stream: utf8.encode(
      '{"storage_class":"express","retention_policy":{"age":60},"timestamping":{"mode":"arrival","uncapped":true},"delete_on_empty":{"min_age_secs":5}}',
    ),
    basin: utf8.encode(
      '{"default_stream_config":{"retention_policy":{"infinite":{}}},"stream_cipher":"aegis-256","create_stream_on_append":true}',
    ),
    issue: utf8.encode(
      '{"id":"t","expires_at":"2030-01-01T00:00:00.123456789Z","auto_prefix_streams":true,"scope":{"basins":{"exact":"b"},"streams":{"prefix":"p"},"access_tokens":null,"op_groups":{"account":{"read":true}},"ops":["read","append"]}}',
    ),
    location: utf8.encode('"aws:us-east-1"'),
    null: utf8.encode("null"),
  }),
  words: ["read", "append", "exact", "prefix", "ops", "op_groups", "age", "infinite", "express"],
  check(bytes) {
    let json: unknown;
    try {
      json = JSON.parse(textOf(bytes));
    } catch {
      return "no JSON";
    }
    return CODECS.map(([name, read, write]) => {
      const value = outcomeOf(() => read(json));
      if (value.kind === "value" && write !== undefined) {
        const written = write(value.value as never);
        // A configuration that sets nothing is written as null, which stands in another one only.
        if (written !== null) agree(`${name} again`, write(read(written) as never), written);
      }
      return wordFor(value);
    }).join(" ");
  },
};
