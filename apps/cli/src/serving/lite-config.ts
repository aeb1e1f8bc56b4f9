// The configuration file of `lite`: its options by name, as one JSON object. What arguments or the
// environment say goes before it, also where that excludes what the file says. Every mistake of the
// file is named before anything is opened. Spec: cli#configuration-file-of-lite.

import { readFile, stat } from "node:fs/promises";
import type { OptionSpec } from "../frame/command.js";
import type { Input } from "../frame/input.js";
import { parseOption } from "../frame/option-value.js";
import { CliError, usageError } from "../values/failure.js";
import { nearest } from "../values/suggestion.js";

/** A file of settings; a larger one is something else. */
const MAX_FILE_BYTES: number = 1024 * 1024;

/**
 * The input with what the file of `--config` says in place of defaults; the same without one.
 *
 * @param options - of the command
 * @throws {CliError} exit code 2 with all mistakes of the file, one a line
 */
export async function withConfigFile(input: Input, options: readonly OptionSpec[]): Promise<Input> {
  const path = input.get<string>("config");
  if (path === undefined) return input;
  const reader = new ConfigReader(options.filter(({ name }) => name !== "config"));
  reader.read(await readObject(path));
  if (reader.mistakes.length > 0)
    throw usageError(`the configuration is wrong path=${path}\n${reader.mistakes.join("\n")}`);
  return input.withDefaults(reader.valuesBehind(input));
}

/** Whether others of this machine may read what the file says: it may hold the root token. */
export async function isReadByOthers(path: string): Promise<boolean> {
  if (process.platform === "win32") return false;
  return ((await stat(path)).mode & 0o044) !== 0;
}

async function readObject(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(path);
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    // The text of the parser may quote the file, which may hold a token.
    const place = /line \d+ column \d+/.exec((error as Error).message)?.[0];
    throw usageError(
      `the configuration is not valid JSON path=${path}${place === undefined ? "" : ` at ${place}`}`,
    );
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw usageError(
    `the configuration must be a JSON object path=${path}`,
    'write the options of lite by name, e.g. {"port": 8080, "auth": true}',
  );
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      throw usageError(`the configuration is longer than ${MAX_FILE_BYTES} bytes path=${path}`);
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`cannot read the configuration path=${path}`, { exitCode: 2, cause });
  }
}

class ConfigReader {
  readonly mistakes: string[] = [];
  readonly #options: ReadonlyMap<string, OptionSpec>;
  readonly #values = new Map<string, unknown>();

  constructor(options: readonly OptionSpec[]) {
    this.#options = new Map(options.map((option) => [option.name, option]));
  }

  read(json: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(json)) {
      try {
        this.#readEntry(key, value);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        const message = error.message.replace(`--${key}: `, "");
        this.mistakes.push(`  ${key}: ${message}`);
      }
    }
    for (const name of this.#values.keys())
      for (const other of this.#options.get(name)?.conflicts ?? [])
        if (this.#values.has(other)) this.mistakes.push(`  ${name}: cannot be used with ${other}`);
  }

  /** Without what arguments or the environment exclude by what they say. */
  valuesBehind(input: Input): ReadonlyMap<string, unknown> {
    const options = [...this.#options.values()];
    const said = options.filter(({ name }) => input.isGiven(name));
    const isExcluded = (name: string): boolean =>
      said.some(
        (option) => excludes(option, name) || excludes(this.#options.get(name), option.name),
      );
    return new Map([...this.#values].filter(([name]) => !isExcluded(name)));
  }

  #readEntry(key: string, value: unknown): void {
    const option = this.#options.get(key);
    // `"studio": false` is what `--no-studio` says.
    const negated = this.#options.get(`no-${key}`);
    if (value === false && negated !== undefined) this.#values.set(negated.name, true);
    else if (option !== undefined) this.#readOption(option, value);
    else if (value !== true || negated === undefined) this.#refuseKey(key);
  }

  #readOption(option: OptionSpec, value: unknown): void {
    if (option.value === undefined) {
      if (typeof value !== "boolean") throw usageError("expected true or false");
      if (value) this.#values.set(option.name, true);
    } else if (option.repeatable === true) {
      this.#values.set(option.name, parseOption(option, listOf(value)));
    } else {
      this.#values.set(option.name, parseOption(option, textOf(value)));
    }
  }

  #refuseKey(key: string): never {
    const shown = [...this.#options.values()].filter(({ hidden }) => hidden !== true);
    const names = shown.map(({ name }) => name.replace(/^no-/, ""));
    const near = nearest(key, names);
    const hint = near === undefined ? "; see s2kit lite --help" : `: did you mean "${near}"?`;
    throw usageError(`no such option${hint}`);
  }
}

function excludes(option: OptionSpec | undefined, name: string): boolean {
  if (option === undefined) return false;
  return (
    option.conflicts?.includes(name) === true ||
    option.name === `no-${name}` ||
    name === `no-${option.name}`
  );
}

/** As it would be typed. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw usageError("expected text or a number");
}

/** A list, one value alone, or an object of names with values. */
function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(textOf);
  if (typeof value !== "object" || value === null) return [textOf(value)];
  return Object.entries(value).map(([name, each]) => `${name}=${textOf(each)}`);
}
