// `s2://basin/stream` in all its forms. Parsing is pure and happens before any connection, so
// every mistake here is a usage error. The scheme is compared exactly; nothing is percent-decoded;
// slashes after the first belong to the stream name. Spec: cli#uris.

import {
  type BasinName,
  type BrokenRule,
  basinNameRule,
  basinPrefixRule,
  type StreamName,
  streamNameRule,
  streamPrefixRule,
} from "@s2kit/core";
import { usageError } from "./failure.js";

const SCHEME = "s2://";

export interface StreamUri {
  readonly basin: BasinName;
  readonly stream: StreamName;
}

/** A basin and, for listings, the prefix that its URI carried. */
export interface BasinPrefixUri {
  readonly basin: BasinName;
  readonly prefix?: string;
}

/** `my-basin`, `s2://my-basin` or `s2://my-basin/`. @throws {CliError} exit code 2 */
export function parseBasinArgument(text: string): BasinName {
  const { basin, rest } = split(text, false);
  if (rest !== "")
    throw usageError(
      `only a basin name was expected, not a stream uri=${text}`,
      `write ${SCHEME}${basin} or ${basin}`,
    );
  return checkedBasin(basin);
}

/** `s2://my-basin/any/stream name`. @throws {CliError} exit code 2 */
export function parseStreamUri(text: string): StreamUri {
  const { basin, rest } = split(text, true);
  const name = checkedBasin(basin);
  if (rest === "")
    throw usageError(
      `missing stream name in the URI uri=${text}`,
      `write ${SCHEME}${basin}/<stream>`,
    );
  refuse(streamNameRule(rest), text);
  return { basin: name, stream: rest as StreamName };
}

/** A basin, or a basin with a stream prefix: `s2://my-basin/logs/`. @throws {CliError} code 2 */
export function parseBasinPrefixUri(text: string): BasinPrefixUri {
  const { basin, rest } = split(text, false);
  const name = checkedBasin(basin);
  if (rest === "") return { basin: name };
  refuse(streamPrefixRule(rest, "prefix"), text);
  return { basin: name, prefix: rest };
}

/** @throws {CliError} exit code 2 for a basin prefix or cursor that can match nothing */
export function checkedBasinPrefix(text: string, kind: "prefix" | "start-after"): string {
  refuse(basinPrefixRule(text, kind), text);
  return text;
}

/** The form that every stream command takes back. */
export function formatStreamUri(basin: string, stream: string): string {
  return `${SCHEME}${basin}/${stream}`;
}

/** Answers the parts without judging names: `rest` is what follows the first slash. */
function split(text: string, needsScheme: boolean): { basin: string; rest: string } {
  let path = text;
  if (text.startsWith(SCHEME)) path = text.slice(SCHEME.length);
  else {
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1];
    if (scheme !== undefined)
      throw usageError(`S2 URI scheme must be "${SCHEME}", not "${scheme}://" uri=${text}`);
    if (needsScheme || text.includes("/"))
      throw usageError(
        `S2 URI must begin with "${SCHEME}" uri=${text}`,
        `write ${SCHEME}${text.includes("/") ? text : "<basin>/<stream>"}`,
      );
  }
  const slash = path.indexOf("/");
  if (slash < 0) return { basin: path, rest: "" };
  return { basin: path.slice(0, slash), rest: path.slice(slash + 1) };
}

function checkedBasin(name: string): BasinName {
  refuse(basinNameRule(name), name);
  return name as BasinName;
}

function refuse(rule: BrokenRule, value: string): void {
  if (rule !== undefined) throw usageError(`${rule} value=${JSON.stringify(value)}`);
}
