// The manifest of an exported basin: its configuration, and which file holds which stream. Files
// lie beside it; a name that would lead elsewhere is refused. Spec: cli#conventions.

import { basename } from "node:path";
import { type BasinConfig, basinConfigFromJson } from "@s2kit/core/control";
import { CliError } from "../values/failure.js";

export const BASIN_MANIFEST = "basin.json";

export interface BasinManifest {
  /** The name of the basin that was exported. */
  readonly basin: string | undefined;
  readonly config: BasinConfig;
  readonly streams: readonly { readonly stream: string; readonly file: string }[];
}

/** @throws {CliError} for anything else than such a manifest */
export function parseBasinManifest(text: string, path: string): BasinManifest {
  try {
    const { basin, config, streams } = JSON.parse(text) as Record<string, unknown>;
    if (Array.isArray(streams))
      return {
        basin: typeof basin === "string" ? basin : undefined,
        config: basinConfigFromJson(config),
        streams: streams.map(entryOf),
      };
  } catch (cause) {
    throw new CliError(`not an exported basin path=${path}`, { cause });
  }
  throw new CliError(`not an exported basin path=${path}`);
}

function entryOf(json: unknown): { stream: string; file: string } {
  const { stream, file } = (json ?? {}) as Record<string, unknown>;
  if (typeof stream !== "string" || typeof file !== "string" || !isBeside(file))
    throw new CliError("bad entry of a stream");
  return { stream, file };
}

/** The name of a file in the same directory, and not the directory itself or what is above it. */
function isBeside(file: string): boolean {
  return basename(file) === file && !/^\.{0,2}$/.test(file);
}
