// Parsers for the flags of a server, which are also the keys of its configuration file: each takes
// the text and answers the value, or throws a usage error that names what is allowed. Pure.

import { parseDurationMs } from "./duration.js";
import { usageError } from "./failure.js";
import { parseLocation } from "./flag-values.js";
import { suggestion } from "./suggestion.js";

/** What the server can count in dollars; the server has them in camel case. */
export const PRICE_NAMES = [
  "append-gib",
  "append-ops-thousand",
  "other-ops-thousand",
  "read-gib",
  "read-ops-thousand",
  "storage-gib-month",
] as const;

export interface Price {
  /** As the settings of the server name it: `appendGib`. */
  readonly name: string;
  readonly usd: number;
}

/** `append-gib=0.08`. @throws {CliError} exit code 2, with the nearest name */
export function parsePrice(text: string): Price {
  const [name = "", usd = ""] = text.split(/=(.*)/s);
  if (!PRICE_NAMES.some((known) => known === name))
    throw usageError(`no such price name=${JSON.stringify(name)}${suggestion(name, PRICE_NAMES)}`);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(usd))
    throw usageError(
      `a price must be a number of dollars, 0 or more value=${JSON.stringify(usd)}`,
      `write e.g. ${name}=0.05`,
    );
  return {
    name: name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    usd: Number(usd),
  };
}

/** `local,aws:us-east-1`. @throws {CliError} exit code 2 */
export function parseLocations(text: string): readonly string[] {
  return text.split(",").map((name) => parseLocation(name.trim()));
}

/** A duration of at least a millisecond. @throws {CliError} exit code 2 */
export function parseTimeout(text: string): number {
  const ms = parseDurationMs(text);
  if (ms < 1) throw usageError(`a timeout must be at least 1ms value=${JSON.stringify(text)}`);
  return ms;
}

/** A name of the name service, without a port. @throws {CliError} exit code 2 */
export function parseHostName(text: string): string {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(text))
    throw usageError(
      `expected a host name value=${JSON.stringify(text)}`,
      "write e.g. b.s2.example.com: then my-basin.b.s2.example.com is that basin",
    );
  return text;
}
