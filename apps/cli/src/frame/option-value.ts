// The value of an option, wherever it was said: in arguments, in the environment, in a file. One
// place checks them all, so that none takes what another refuses. Pure.

import { CliError, usageError } from "../values/failure.js";
import type { OptionSpec } from "./command.js";

/**
 * What arguments or else the environment say of an option, not parsed yet; undefined when neither
 * says anything. A switch is true.
 *
 * @param raw - the options as the parser of arguments holds them
 */
export function saidValue(
  option: OptionSpec,
  raw: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): unknown {
  const fromEnv = option.env === undefined ? undefined : env[option.env];
  if (option.name.startsWith("no-")) {
    const isSet = raw[camelCase(option.name.slice(3))] === false || isOn(fromEnv);
    return isSet ? true : undefined;
  }
  return raw[camelCase(option.name)] ?? (fromEnv === "" ? undefined : fromEnv);
}

/** The value that commands get. @throws {CliError} exit code 2, naming the option */
export function parseOption(option: OptionSpec, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => parseOption(option, each));
  if (typeof value !== "string") return value;
  try {
    if (option.choices?.includes(value) === false)
      throw usageError(
        `expected one of ${option.choices.join(", ")} value=${JSON.stringify(value)}`,
      );
    return option.parse === undefined ? value : option.parse(value);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw usageError(`--${option.name}: ${error.message}`, error.hint);
  }
}

/** `log-level` as the parser of arguments holds it: `logLevel`. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A switch by environment: whatever does not say no. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(|0|false|no|off)$/i.test(value);
}
