// Named contexts in the configuration file: `[contexts.NAME]` holds two endpoints and where the
// token that belongs to them is kept, `context` names the one in use. Pure. Spec: cli#contexts.

import type { TomlTable } from "smol-toml";
import { CliError } from "../values/failure.js";
import { nearest } from "../values/suggestion.js";

/** One entry, as far as it is of use. */
export interface ContextEntry {
  readonly name: string;
  readonly accountEndpoint: string;
  /** May hold `{basin}`. */
  readonly basinEndpoint: string;
  /** Where its token is kept, as `keptTokenOf` reads it; undefined when it has none. */
  readonly token: unknown;
}

/** All of them, in the order of their names; entries without endpoints are left out. */
export function contextsOf(config: TomlTable): ContextEntry[] {
  return Object.entries(tablesOf(config))
    .flatMap(([name, table]) => contextOf(name, table) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The name that `context use` left; undefined when none is in use. */
export function usedContextName(config: TomlTable): string | undefined {
  return typeof config.context === "string" && config.context !== "" ? config.context : undefined;
}

/**
 * @param source - where the name comes from, for the error
 * @throws {CliError} exit code 4 when there is none of that name
 */
export function requireContext(config: TomlTable, name: string, source: string): ContextEntry {
  const all = contextsOf(config);
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = all.map((each) => each.name);
  const like = nearest(name, names);
  throw new CliError(`no such context name=${JSON.stringify(name)} source=${source}`, {
    exitCode: 4,
    hint: [
      ...(like === undefined ? [] : [`did you mean ${like}?`]),
      names.length === 0
        ? "there are none; add one: s2kit context add NAME --endpoint URL"
        : "see which exist: s2kit context list; use none: s2kit context use --none",
    ].join("\n"),
  });
}

/** Puts the entry in place of an earlier one, of which it keeps what we do not know. */
export function putContext(config: TomlTable, context: ContextEntry): void {
  const tables = tablesOf(config);
  const earlier = Object.hasOwn(tables, context.name) ? tableOf(tables[context.name]) : undefined;
  const { stored_access_token: _replaced, ...kept } = earlier ?? {};
  tables[context.name] = {
    ...kept,
    account_endpoint: context.accountEndpoint,
    basin_endpoint: context.basinEndpoint,
    ...(context.token === undefined ? {} : { stored_access_token: context.token as TomlTable }),
  };
  config.contexts = tables;
}

/** Takes the entry out, and out of use. */
export function dropContext(config: TomlTable, name: string): void {
  const tables = tablesOf(config);
  delete tables[name];
  if (Object.keys(tables).length === 0) delete config.contexts;
  else config.contexts = tables;
  if (config.context === name) delete config.context;
}

/** The command that stores a token: for everything, or for one context. */
export function storing(context: string | undefined): string {
  return context === undefined
    ? "s2kit auth access-token set"
    : `s2kit context add ${context} --replace --stdin`;
}

function tablesOf(config: TomlTable): TomlTable {
  return { ...tableOf(config.contexts) };
}

function tableOf(value: unknown): TomlTable | undefined {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
  return isTable && !(value instanceof Date) ? (value as TomlTable) : undefined;
}

function contextOf(name: string, value: unknown): ContextEntry | undefined {
  const table = tableOf(value);
  const {
    account_endpoint: account,
    basin_endpoint: basin,
    stored_access_token: token,
  } = table ?? {};
  if (typeof account !== "string" || typeof basin !== "string") return undefined;
  return { name, accountEndpoint: account, basinEndpoint: basin, token };
}
