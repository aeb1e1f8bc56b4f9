// What an access token may do, from flags: resource sets, groups of operations, single operations.
// Pure; every mistake names what is allowed. Spec: cli#access-token-commands.

import { OPERATIONS, type Operation } from "@s2kit/core";
import { type AccessTokenScope, type OperationGroups, type ResourceSet } from "@s2kit/core/control";
import type { Input } from "../frame/input.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";

const LEVELS = ["account", "basin", "stream"] as const;

/** On the command line operations are written with underscores; dashes are taken too. */
export function parseOperations(text: string): readonly Operation[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const name = part
        .replaceAll("_", "-")
        .replace(/^get-(account|basin|stream)-metrics$/, "$1-metrics");
      const operation = OPERATIONS.find((candidate) => candidate === name);
      if (operation === undefined)
        throw usageError(
          `no such operation operation=${part}`,
          `operations: ${OPERATIONS.map((each) => each.replaceAll("-", "_")).join(", ")}`,
        );
      return operation;
    });
}

/** `account=rw,basin=r,stream=w`; at least one. */
export function parseOperationGroups(text: string): OperationGroups {
  const groups: Partial<Record<(typeof LEVELS)[number], { read: boolean; write: boolean }>> = {};
  for (const part of text.split(",").filter((each) => each.trim() !== "")) {
    const [key, letters, ...rest] = part.trim().split("=");
    const level = LEVELS.find((candidate) => candidate === key);
    if (
      level === undefined ||
      letters === undefined ||
      rest.length > 0 ||
      !/^(r|w|rw|wr)$/.test(letters)
    )
      throw badGroups(part);
    groups[level] = { read: letters.includes("r"), write: letters.includes("w") };
  }
  if (Object.keys(groups).length === 0) throw badGroups(text);
  return groups;
}

export function scopeOf(input: Input): AccessTokenScope {
  return {
    ...given("basins", resourceSetOf(input, "basins")),
    ...given("streams", resourceSetOf(input, "streams")),
    ...given("accessTokens", resourceSetOf(input, "access-tokens")),
    ...given("opGroups", input.get<OperationGroups>("op-group-perms")),
    ...given("ops", input.get<readonly Operation[]>("ops")),
  };
}

/** Operations that need no basin: those on tokens, on locations and on the account. */
const WITHOUT_BASIN = /access-token|location|^account-metrics$/;

/**
 * Whether a scope permits something in basins and no basin to do it in. Examples of the field leave
 * `basins` out and mean all; servers take that for none.
 */
export function reachesNoBasin({ basins, opGroups, ops = [] }: AccessTokenScope): boolean {
  if (basins !== undefined && !("exact" in basins && basins.exact === "")) return false;
  const isGrouped = opGroups?.basin !== undefined || opGroups?.stream !== undefined;
  return isGrouped || ops.some((operation) => !WITHOUT_BASIN.test(operation));
}

function resourceSetOf(input: Input, name: string): ResourceSet | undefined {
  const exact = input.get<string>(`${name}-exact`);
  if (exact !== undefined) return { exact };
  const prefix = input.get<string>(`${name}-prefix`);
  return prefix === undefined ? undefined : { prefix };
}

function badGroups(text: string): Error {
  return usageError(
    `invalid permissions value=${JSON.stringify(text)}`,
    "write e.g. account=rw,basin=r,stream=w",
  );
}
