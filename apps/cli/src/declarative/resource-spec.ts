// Resource specs: the JSON that says which basins and streams should exist. Reading collects every
// mistake before any call is made. Unknown keys are mistakes, except at the root, where `$schema`
// lives; null means absent everywhere. Pure. Spec: CLI section 10.1.

import { basinNameRule, streamNameRule } from "@s2kit/core";
import {
  type BasinConfig,
  type RetentionPolicy,
  STORAGE_CLASSES,
  STREAM_CIPHERS,
  type StreamConfig,
  TIMESTAMPING_MODES,
  type TimestampingConfig,
} from "@s2kit/core/control";
import { given } from "../command.js";
import { parseDurationSecs } from "../duration.js";
import { CliError, usageError } from "../failure.js";

export interface StreamSpec {
  readonly name: string;
  readonly config: StreamConfig;
}

export interface BasinSpec {
  readonly name: string;
  /** Undefined when the spec gives none: everything takes its default. */
  readonly config: Partial<BasinConfig>;
  readonly streams: readonly StreamSpec[];
}

/** @throws {CliError} exit code 2 with all mistakes, one a line */
export function parseResourceSpec(text: string): readonly BasinSpec[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw usageError("the spec is not valid JSON");
  }
  const reader = new SpecReader();
  const basins = reader.root(json);
  if (reader.mistakes.length > 0) throw usageError(reader.mistakes.join("\n"));
  return basins;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads on after a mistake, so that one run names them all. */
class SpecReader {
  readonly mistakes: string[] = [];

  root(json: unknown): BasinSpec[] {
    const root = this.#object(json, "spec", undefined);
    const basins = this.#array(root.basins, "basins").map((basin, i) =>
      this.#basin(basin, `basins[${i}]`),
    );
    this.#unique(basins, "basin");
    return basins;
  }

  #basin(json: unknown, at: string): BasinSpec {
    const basin = this.#object(json, at, ["name", "config", "streams"]);
    const name = this.#name(basin.name, at, basinNameRule);
    const streams = this.#array(basin.streams, `${at}.streams`).map((stream, i) =>
      this.#stream(stream, `${at}.streams[${i}]`),
    );
    this.#unique(streams, "stream", ` in basin ${JSON.stringify(name)}`);
    return { name, config: this.#basinConfig(basin.config, `${at}.config`), streams };
  }

  #stream(json: unknown, at: string): StreamSpec {
    const stream = this.#object(json, at, ["name", "config"]);
    return {
      name: this.#name(stream.name, at, streamNameRule),
      config: this.#streamConfig(stream.config, `${at}.config`) ?? {},
    };
  }

  #basinConfig(json: unknown, at: string): Partial<BasinConfig> {
    if (isAbsent(json)) return {};
    const config = this.#object(json, at, [
      "default_stream_config",
      "stream_cipher",
      "create_stream_on_append",
      "create_stream_on_read",
    ]);
    const defaults = this.#streamConfig(
      config.default_stream_config,
      `${at}.default_stream_config`,
    );
    return {
      ...given("defaultStreamConfig", defaults),
      ...given(
        "streamCipher",
        this.#choice(config.stream_cipher, STREAM_CIPHERS, `${at}.stream_cipher`),
      ),
      ...given(
        "createStreamOnAppend",
        this.#boolean(config.create_stream_on_append, `${at}.create_stream_on_append`),
      ),
      ...given(
        "createStreamOnRead",
        this.#boolean(config.create_stream_on_read, `${at}.create_stream_on_read`),
      ),
    };
  }

  #streamConfig(json: unknown, at: string): StreamConfig | undefined {
    if (isAbsent(json)) return undefined;
    const config = this.#object(json, at, [
      "storage_class",
      "retention_policy",
      "timestamping",
      "delete_on_empty",
    ]);
    const found: StreamConfig = {
      ...given(
        "storageClass",
        this.#choice(config.storage_class, STORAGE_CLASSES, `${at}.storage_class`),
      ),
      ...given(
        "retentionPolicy",
        this.#retention(config.retention_policy, `${at}.retention_policy`),
      ),
      ...given("timestamping", this.#timestamping(config.timestamping, `${at}.timestamping`)),
      ...given(
        "deleteOnEmpty",
        this.#deleteOnEmpty(config.delete_on_empty, `${at}.delete_on_empty`),
      ),
    };
    return Object.keys(found).length === 0 ? undefined : found;
  }

  #retention(json: unknown, at: string): RetentionPolicy | undefined {
    if (isAbsent(json)) return undefined;
    if (typeof json === "string" && json.toLowerCase() === "infinite") return { infinite: {} };
    const ageSecs = this.#seconds(json, at);
    if (ageSecs === 0) this.mistakes.push(`${at}: the retention age must be greater than 0`);
    return ageSecs === undefined ? undefined : { ageSecs };
  }

  #timestamping(json: unknown, at: string): TimestampingConfig | undefined {
    if (isAbsent(json)) return undefined;
    const config = this.#object(json, at, ["mode", "uncapped"]);
    const found = {
      ...given("mode", this.#choice(config.mode, TIMESTAMPING_MODES, `${at}.mode`)),
      ...given("uncapped", this.#boolean(config.uncapped, `${at}.uncapped`)),
    };
    return Object.keys(found).length === 0 ? undefined : found;
  }

  /** Without `min_age` it says nothing: it must not become an explicit 0. */
  #deleteOnEmpty(json: unknown, at: string): StreamConfig["deleteOnEmpty"] {
    if (isAbsent(json)) return undefined;
    const config = this.#object(json, at, ["min_age"]);
    if (isAbsent(config.min_age)) return undefined;
    const minAgeSecs = this.#seconds(config.min_age, `${at}.min_age`);
    return minAgeSecs === undefined ? undefined : { minAgeSecs };
  }

  #seconds(json: unknown, at: string): number | undefined {
    if (typeof json !== "string") return this.#expected("a duration such as 7days", at);
    try {
      return parseDurationSecs(json);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return this.#expected("a duration such as 7days", at);
    }
  }

  #name(json: unknown, at: string, rule: (text: string) => string | undefined): string {
    if (typeof json !== "string") {
      this.#expected("a name", `${at}.name`);
      return "";
    }
    const broken = rule(json);
    if (broken !== undefined)
      this.mistakes.push(`${at}.name: ${broken} name=${JSON.stringify(json)}`);
    return json;
  }

  #choice<T extends string>(json: unknown, choices: readonly T[], at: string): T | undefined {
    if (isAbsent(json)) return undefined;
    return choices.find((choice) => choice === json) ?? this.#expected(choices.join(" or "), at);
  }

  #boolean(json: unknown, at: string): boolean | undefined {
    if (isAbsent(json)) return undefined;
    return typeof json === "boolean" ? json : this.#expected("true or false", at);
  }

  #array(json: unknown, at: string): readonly unknown[] {
    if (isAbsent(json)) return [];
    if (Array.isArray(json)) return json;
    this.#expected("a list", at);
    return [];
  }

  /** @param keys - the only ones allowed; undefined allows any */
  #object(json: unknown, at: string, keys: readonly string[] | undefined): Json {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      this.#expected("an object", at);
      return {};
    }
    for (const key of Object.keys(json))
      if (keys?.includes(key) === false)
        this.mistakes.push(`${at}: unknown key ${JSON.stringify(key)}`);
    return json as Json;
  }

  #expected(what: string, at: string): undefined {
    this.mistakes.push(`${at}: expected ${what}`);
    return undefined;
  }

  #unique(named: readonly { readonly name: string }[], kind: string, where = ""): void {
    const seen = new Set<string>();
    for (const { name } of named) {
      if (seen.has(name))
        this.mistakes.push(`duplicate ${kind} name ${JSON.stringify(name)}${where}`);
      seen.add(name);
    }
  }
}

function isAbsent(json: unknown): json is null | undefined {
  return json === null || json === undefined;
}
