// Resource specs: the JSON that says which basins and streams should exist. Reading collects every
// mistake, so that all are known before anything is changed. Unknown keys are mistakes, except at
// the root, where `$schema` stands; null means absent everywhere. Pure. Spec: cli#file-format.
//
//     {"basins": [{"name", "config"?, "streams"?: [{"name", "config"?}]}]}
//
// Configurations are those of the API, except that durations are text: `"retention_policy": "7d"`
// or `"infinite"`, `"delete_on_empty": {"min_age": "1h"}`, where `"0"` never deletes.

import {
  type BasinConfig,
  type RetentionPolicy,
  STREAM_CIPHERS,
  type StorageClass,
  type StreamConfig,
  storageClassRule,
  TIMESTAMPING_MODES,
  type TimestampingConfig,
} from "../account/config.js";
import { basinNameRule, streamNameRule } from "../account/names.js";
import { err, ok, type Result } from "../result.js";
import { parseDurationSecs } from "./duration.js";

/** A stream of a declarative file. */
export interface StreamSpec {
  readonly name: string;
  /** Only what the spec sets; the rest takes its default. */
  readonly config: StreamConfig;
}

/** A basin of a declarative file, with its streams. */
export interface BasinSpec {
  readonly name: string;
  /** Only what the spec sets; the rest takes its default. */
  readonly config: Partial<BasinConfig>;
  readonly streams: readonly StreamSpec[];
}

/** One thing that is wrong with a spec, and where: `basins[0].config.stream_cipher`. */
export interface SpecMistake {
  readonly field: string;
  readonly message: string;
}

/** Reads a whole spec, or names all its mistakes. Editors begin files with U+FEFF: skipped once. */
export function parseResourceSpec(
  text: string,
): Result<readonly BasinSpec[], readonly SpecMistake[]> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return err([{ field: "spec", message: `not valid JSON: ${reason}` }]);
  }
  const reader = new SpecReader();
  const basins = reader.root(json);
  return reader.mistakes.length === 0 ? ok(basins) : err(reader.mistakes);
}

type Json = Readonly<Record<string, unknown>>;

/** Reads on after a mistake, so that one run names them all. */
class SpecReader {
  readonly mistakes: SpecMistake[] = [];

  root(json: unknown): BasinSpec[] {
    const root = this.object(json, "spec", undefined);
    const basins = this.array(root.basins, "basins").map((basin, i) =>
      this.basin(basin, `basins[${i}]`),
    );
    this.unique(basins, "basin", "basins");
    return basins;
  }

  private basin(json: unknown, at: string): BasinSpec {
    const basin = this.object(json, at, ["name", "config", "streams"]);
    const name = this.name(basin.name, at, basinNameRule);
    const streams = this.array(basin.streams, `${at}.streams`).map((stream, i) =>
      this.stream(stream, `${at}.streams[${i}]`),
    );
    this.unique(streams, "stream", `${at}.streams`, ` in basin ${JSON.stringify(name)}`);
    return { name, config: this.basinConfig(basin.config, `${at}.config`), streams };
  }

  private stream(json: unknown, at: string): StreamSpec {
    const stream = this.object(json, at, ["name", "config"]);
    return {
      name: this.name(stream.name, at, streamNameRule),
      config: this.streamConfig(stream.config, `${at}.config`) ?? {},
    };
  }

  private basinConfig(json: unknown, at: string): Partial<BasinConfig> {
    if (isAbsent(json)) return {};
    const config = this.object(json, at, [
      "default_stream_config",
      "stream_cipher",
      "create_stream_on_append",
      "create_stream_on_read",
    ]);
    const defaults = this.streamConfig(config.default_stream_config, `${at}.default_stream_config`);
    return {
      ...given("defaultStreamConfig", defaults),
      ...given(
        "streamCipher",
        this.choice(config.stream_cipher, STREAM_CIPHERS, `${at}.stream_cipher`),
      ),
      ...given(
        "createStreamOnAppend",
        this.boolean(config.create_stream_on_append, `${at}.create_stream_on_append`),
      ),
      ...given(
        "createStreamOnRead",
        this.boolean(config.create_stream_on_read, `${at}.create_stream_on_read`),
      ),
    };
  }

  private streamConfig(json: unknown, at: string): StreamConfig | undefined {
    if (isAbsent(json)) return undefined;
    const config = this.object(json, at, STREAM_CONFIG_KEYS);
    const found: StreamConfig = {
      ...given("storageClass", this.storageClass(config.storage_class, `${at}.storage_class`)),
      ...given(
        "retentionPolicy",
        this.retention(config.retention_policy, `${at}.retention_policy`),
      ),
      ...given("timestamping", this.timestamping(config.timestamping, `${at}.timestamping`)),
      ...given(
        "deleteOnEmpty",
        this.deleteOnEmpty(config.delete_on_empty, `${at}.delete_on_empty`),
      ),
    };
    return Object.keys(found).length === 0 ? undefined : found;
  }

  private storageClass(json: unknown, at: string): StorageClass | undefined {
    if (isAbsent(json)) return undefined;
    const rule = typeof json === "string" ? storageClassRule(json) : "expected a name";
    return rule === undefined ? (json as string) : this.note(at, rule);
  }

  private retention(json: unknown, at: string): RetentionPolicy | undefined {
    if (isAbsent(json)) return undefined;
    if (typeof json === "string" && json.toLowerCase() === "infinite") return { infinite: {} };
    const ageSecs = this.seconds(json, at);
    if (ageSecs === 0) this.note(at, "the retention age must be greater than 0");
    return ageSecs === undefined ? undefined : { ageSecs };
  }

  private timestamping(json: unknown, at: string): TimestampingConfig | undefined {
    if (isAbsent(json)) return undefined;
    const config = this.object(json, at, ["mode", "uncapped"]);
    const found = {
      ...given("mode", this.choice(config.mode, TIMESTAMPING_MODES, `${at}.mode`)),
      ...given("uncapped", this.boolean(config.uncapped, `${at}.uncapped`)),
    };
    return Object.keys(found).length === 0 ? undefined : found;
  }

  /** Without `min_age` it says nothing: it must not become an explicit 0. */
  private deleteOnEmpty(json: unknown, at: string): StreamConfig["deleteOnEmpty"] {
    if (isAbsent(json)) return undefined;
    const config = this.object(json, at, ["min_age"]);
    if (isAbsent(config.min_age)) return undefined;
    const minAgeSecs = this.seconds(config.min_age, `${at}.min_age`);
    return minAgeSecs === undefined ? undefined : { minAgeSecs };
  }

  private seconds(json: unknown, at: string): number | undefined {
    const secs = typeof json === "string" ? parseDurationSecs(json) : undefined;
    return secs ?? this.expected('a duration such as "7days" or "1h 30m"', at);
  }

  private name(json: unknown, at: string, rule: (text: string) => string | undefined): string {
    if (typeof json !== "string") {
      this.expected("a name", `${at}.name`);
      return "";
    }
    const broken = rule(json);
    if (broken !== undefined) this.note(`${at}.name`, `${broken} name=${JSON.stringify(json)}`);
    return json;
  }

  private choice<T extends string>(
    json: unknown,
    choices: readonly T[],
    at: string,
  ): T | undefined {
    if (isAbsent(json)) return undefined;
    return choices.find((choice) => choice === json) ?? this.expected(choices.join(" or "), at);
  }

  private boolean(json: unknown, at: string): boolean | undefined {
    if (isAbsent(json)) return undefined;
    return typeof json === "boolean" ? json : this.expected("true or false", at);
  }

  private array(json: unknown, at: string): readonly unknown[] {
    if (isAbsent(json)) return [];
    if (Array.isArray(json)) return json;
    this.expected("an array", at);
    return [];
  }

  /** @param keys - the only ones allowed; undefined allows any */
  private object(json: unknown, at: string, keys: readonly string[] | undefined): Json {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      this.expected("an object", at);
      return {};
    }
    for (const key of Object.keys(json))
      if (keys?.includes(key) === false) this.note(at, `unknown key ${JSON.stringify(key)}`);
    return json as Json;
  }

  private expected(what: string, at: string): undefined {
    return this.note(at, `expected ${what}`);
  }

  private unique(
    named: readonly { readonly name: string }[],
    kind: string,
    at: string,
    where = "",
  ): void {
    const seen = new Set<string>();
    named.forEach(({ name }, i) => {
      if (seen.has(name))
        this.note(`${at}[${i}].name`, `duplicate ${kind} name ${JSON.stringify(name)}${where}`);
      seen.add(name);
    });
  }

  private note(field: string, message: string): undefined {
    this.mistakes.push({ field, message });
    return undefined;
  }
}

const STREAM_CONFIG_KEYS = ["storage_class", "retention_policy", "timestamping", "delete_on_empty"];
function isAbsent(json: unknown): json is null | undefined {
  return json === null || json === undefined;
}

/** `{ [key]: value }` when there is a value: a spec says only what it sets. */
function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
