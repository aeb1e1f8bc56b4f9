// Resources that a server makes before it listens, from a JSON file: basins and streams, with
// ensure semantics, so that a restart changes nothing. Unlike the API it refuses unknown fields,
// since a typo here would go unnoticed; but at the root, where `$schema` stands. Absent and null are
// the same. Spec: control plane section 1.11, CLI section 10.1 (the same file as `apply` takes).
//
//     {"basins": [{"name", "config"?, "streams"?: [{"name", "config"?}]}]}
//
// Configurations are those of the API, except that durations are text: `"retention_policy": "7d"`
// or `"infinite"`, `"delete_on_empty": {"min_age": "1h"}`.

import { readFile } from "node:fs/promises";
import { parseBasinName, parseStreamName, S2Error } from "@s2kit/core";
import {
  type BasinConfig,
  basinConfigFromJson,
  type StreamConfig,
  streamConfigFromJson,
} from "@s2kit/core/control";
import type { Backend } from "./backend/backend.js";
import { createRehearsal, type Rehearsal } from "./backend/rehearsal.js";

interface InitBasin {
  readonly name: string;
  readonly config: BasinConfig | undefined;
  readonly streams: readonly { readonly name: string; readonly config: StreamConfig | undefined }[];
}

/**
 * Applies an init file, all of it or nothing; resolves when everything in it is durable.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` when the file cannot be read, understood or applied: nothing
 *   changed
 */
export async function applyInitFile(
  path: string,
  backend: Backend,
  now: () => number,
): Promise<void> {
  const text = await readInitFile(path);
  try {
    const basins = parseInit(JSON.parse(text) as unknown);
    // What a rehearsal can do in this turn, the performance behind it can too.
    ensureAll(basins, createRehearsal(backend, now));
    ensureAll(basins, backend);
  } catch (cause) {
    throw refusal(path, cause);
  }
  await backend.barrier();
}

function ensureAll(basins: readonly InitBasin[], on: Rehearsal): void {
  basins.forEach(({ name, config, streams }, index) => {
    const at = `basins[${index}]`;
    placed(at, () => on.basins.ensure({ basin: name, config }));
    streams.forEach((stream, i) =>
      placed(`${at}.streams[${i}]`, () =>
        on.streams.ensure({ basin: name, stream: stream.name, config: stream.config }),
      ),
    );
  });
}

/** Says which entry cannot be made. */
function placed(at: string, ensure: () => void): void {
  try {
    ensure();
  } catch (caught) {
    const error = S2Error.from(caught);
    if (error.status >= 500) throw error;
    throw invalid(`${error.rawMessage} field=${at}`);
  }
}

async function readInitFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw refusal(path, cause);
  }
}

/** Failures of the store stay what they are; everything else is the file's fault. */
function refusal(path: string, cause: unknown): S2Error {
  if (cause instanceof S2Error && cause.status >= 500) return cause;
  const reason =
    cause instanceof S2Error
      ? cause.rawMessage
      : cause instanceof Error
        ? cause.message
        : "unreadable";
  return new S2Error({
    code: "INVALID_ARGUMENT",
    message: `init file cannot be applied: ${reason} path=${path}`,
    cause,
  });
}

function parseInit(json: unknown): readonly InitBasin[] {
  const { basins } = fields(json, "file");
  const names = new Set<string>();
  return list(basins, "basins").map((entry, index) => {
    const at = `basins[${index}]`;
    const basin = fields(entry, at, ["name", "config", "streams"]);
    const streams = new Set<string>();
    return {
      name: unique(names, parseBasinName(text(basin.name, `${at}.name`)), `${at}.name`),
      config: basin.config === undefined ? undefined : basinConfig(basin.config, `${at}.config`),
      streams: list(basin.streams, `${at}.streams`).map((item, i) => {
        const where = `${at}.streams[${i}]`;
        const stream = fields(item, where, ["name", "config"]);
        return {
          name: unique(
            streams,
            parseStreamName(text(stream.name, `${where}.name`)),
            `${where}.name`,
          ),
          config:
            stream.config === undefined
              ? undefined
              : streamConfig(stream.config, `${where}.config`),
        };
      }),
    };
  });
}

function basinConfig(json: unknown, at: string): BasinConfig {
  const config = fields(json, at, [
    "default_stream_config",
    "stream_cipher",
    "create_stream_on_append",
    "create_stream_on_read",
  ]);
  const defaults = config.default_stream_config;
  return basinConfigFromJson(
    defaults === undefined
      ? config
      : {
          ...config,
          default_stream_config: plainStreamConfig(defaults, `${at}.default_stream_config`),
        },
    at,
  );
}

function streamConfig(json: unknown, at: string): StreamConfig {
  return streamConfigFromJson(plainStreamConfig(json, at), at);
}

/** The same configuration with its durations in seconds, as the API has it. */
function plainStreamConfig(json: unknown, at: string): Readonly<Record<string, unknown>> {
  const config = fields(json, at, [
    "storage_class",
    "retention_policy",
    "timestamping",
    "delete_on_empty",
  ]);
  const plain: Record<string, unknown> = { ...config };
  if (config.timestamping !== undefined)
    fields(config.timestamping, `${at}.timestamping`, ["mode", "uncapped"]);
  if (config.retention_policy !== undefined)
    plain.retention_policy =
      text(config.retention_policy, `${at}.retention_policy`).toLowerCase() === "infinite"
        ? { infinite: {} }
        : { age: durationSecs(config.retention_policy, `${at}.retention_policy`) };
  if (config.delete_on_empty !== undefined) {
    const where = `${at}.delete_on_empty`;
    const { min_age: minAge } = fields(config.delete_on_empty, where, ["min_age"]);
    // Without an age it asks for nothing.
    plain.delete_on_empty =
      minAge === undefined ? undefined : { min_age_secs: durationSecs(minAge, `${where}.min_age`) };
  }
  return plain;
}

const DAY_SECS = 86_400;

/** A month is 30.44 days, a year 365.25. */
const UNIT_SECS: ReadonlyMap<string, number> = new Map(
  (
    [
      ["ns nsec nanos", 1e-9],
      ["us usec micros", 1e-6],
      ["ms msec millis", 1e-3],
      ["s sec secs second seconds", 1],
      ["m min mins minute minutes", 60],
      ["h hr hrs hour hours", 3600],
      ["d day days", DAY_SECS],
      ["w wk wks week weeks", 7 * DAY_SECS],
      ["M month months", 30.44 * DAY_SECS],
      ["y yr yrs year years", 365.25 * DAY_SECS],
    ] as const
  ).flatMap(([names, secs]) => names.split(" ").map((name) => [name, secs] as const)),
);

/** `90s`, `7days`, `1h 30m`: whole seconds, the rest is cut off. */
function durationSecs(json: unknown, at: string): number {
  const duration = text(json, at).trim();
  const parts = [...duration.matchAll(/(\d{1,9})\s*([A-Za-z]+)\s*/g)];
  const secs = parts.map(([, count, unit]) => Number(count) * (UNIT_SECS.get(unit ?? "") ?? NaN));
  const sum = secs.reduce((total, each) => total + each, 0);
  if (secs.length === 0 || Number.isNaN(sum) || parts.map(([part]) => part).join("") !== duration)
    throw invalid(`expected a duration such as "7d" or "1h 30m" field=${at}`);
  return Math.floor(sum);
}

function unique(seen: Set<string>, name: string, at: string): string {
  if (seen.has(name)) throw invalid(`duplicate name="${name}" field=${at}`);
  seen.add(name);
  return name;
}

/** The fields that are given; null is not given. Without `known` there may be others. */
function fields(
  json: unknown,
  at: string,
  known?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw invalid(`expected an object field=${at}`);
  const unknown = Object.keys(json).find((key) => known?.includes(key) === false);
  if (unknown !== undefined) throw invalid(`unknown field=${at}.${unknown}`);
  return Object.fromEntries(
    Object.entries(json as Record<string, unknown>).filter(([, value]) => value !== null),
  );
}

function list(json: unknown, at: string): readonly unknown[] {
  if (json === undefined) return [];
  if (Array.isArray(json)) return json;
  throw invalid(`expected an array field=${at}`);
}

function text(json: unknown, at: string): string {
  if (typeof json === "string") return json;
  throw invalid(`expected a string field=${at}`);
}

function invalid(message: string): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message });
}
