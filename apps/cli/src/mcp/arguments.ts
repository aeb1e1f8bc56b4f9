// Reads the arguments of a tool call: the names that its schema knows, of the types it says. What
// is not known is refused with the nearest known name, because a misspelt condition that is ignored
// would append unconditionally. Pure.

import { suggestion } from "../values/suggestion.js";
import { InvalidParams, type Params } from "./json-rpc.js";

/** @throws {InvalidParams} for a name that is not among the known ones */
export function requireKnown(args: Params, known: readonly string[], where: string): void {
  const unknown = Object.keys(args).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidParams(`unknown ${where} name=${shown(unknown)}${suggestion(unknown, known)}`);
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}

export function textOf(args: Params, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidParams(`${name} must be a string`);
}

export function needText(args: Params, name: string): string {
  const value = textOf(args, name);
  if (value === undefined) throw new InvalidParams(`${name} is missing`);
  return value;
}

export function wholeOf(args: Params, name: string): number | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidParams(`${name} must be an integer from 0 to 2^53 - 1`);
}

export function needWhole(args: Params, name: string): number {
  const value = wholeOf(args, name);
  if (value === undefined) throw new InvalidParams(`${name} is missing`);
  return value;
}
