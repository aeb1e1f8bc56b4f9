// Resources that a server makes before it listens, from a resource spec: basins and streams, with
// ensure semantics, so that a restart changes nothing. All of it or nothing. The spec itself is
// read in core, as `apply` reads it. Spec: cli#lite, cli#file-format.

import { readFile } from "node:fs/promises";
import { S2Error } from "@s2kit/core";
import { DEFAULT_BASIN_CONFIG } from "@s2kit/core/control";
import { type BasinSpec, parseResourceSpec, type SpecMistake } from "@s2kit/core/declarative";
import type { Backend } from "./backend/backend.js";
import { createRehearsal, type Rehearsal } from "./backend/rehearsal.js";
import { invalidArgument } from "./settings.js";

/** A message names so many mistakes; of more it says how many. */
const MISTAKES_NAMED = 10;

/**
 * Applies an init file, all of it or nothing; resolves when everything in it is durable.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` when the file cannot be read, understood or applied: nothing
 *   changed
 */
export async function applyInitFile(
  path: string,
  backend: Backend,
  now: () => number,
): Promise<void> {
  const text = await readInitFile(path);
  try {
    const basins = specOf(text);
    const rehearsal = createRehearsal(backend, now);
    ensureBasins(basins, rehearsal);
    ensureStreams(basins, rehearsal);
    // What the rehearsal could do, the performance behind it can too: nobody else is served yet.
    ensureBasins(basins, backend);
    // Streams are made where they belong, once it is known there in which basins.
    await backend.settled();
    ensureStreams(basins, backend);
  } catch (cause) {
    throw refusal(path, cause);
  }
  for (const { catalog } of backend.shards.all) await catalog.barrier();
}

function specOf(text: string): readonly BasinSpec[] {
  const spec = parseResourceSpec(text);
  if (spec.ok) return spec.value;
  throw invalidArgument(mistakesText(spec.error));
}

function mistakesText(mistakes: readonly SpecMistake[]): string {
  const named = mistakes
    .slice(0, MISTAKES_NAMED)
    .map(({ field, message }) => `${message} field=${field}`);
  const more = mistakes.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function ensureBasins(specs: readonly BasinSpec[], { basins }: Rehearsal): void {
  specs.forEach(({ name, config }, index) =>
    placed(`basins[${index}]`, () =>
      basins.ensure({ basin: name, config: { ...DEFAULT_BASIN_CONFIG, ...config } }),
    ),
  );
}

function ensureStreams(specs: readonly BasinSpec[], on: Rehearsal): void {
  specs.forEach(({ name, streams }, index) =>
    streams.forEach((stream, i) => {
      const address = { basin: name, stream: stream.name };
      placed(`basins[${index}].streams[${i}]`, () =>
        on.streamsAt(address).ensure({ ...address, config: stream.config }),
      );
    }),
  );
}

/** Says which entry cannot be made. */
function placed(at: string, ensure: () => void): void {
  try {
    ensure();
  } catch (caught) {
    const error = S2Error.from(caught);
    if (error.status >= 500) throw error;
    throw invalidArgument(`${error.rawMessage} field=${at}`);
  }
}

async function readInitFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    const message = `init file cannot be read path=${path} cause=${code}`;
    throw new S2Error({ code: "INVALID_ARGUMENT", message, cause });
  }
}

/** Failures of the store stay what they are; everything else is the file's fault. */
function refusal(path: string, cause: unknown): S2Error {
  if (cause instanceof S2Error && cause.status >= 500) return cause;
  const reason =
    cause instanceof S2Error
      ? cause.rawMessage
      : cause instanceof Error
        ? cause.message
        : "unreadable";
  return new S2Error({
    code: "INVALID_ARGUMENT",
    message: `init file cannot be applied: ${reason} path=${path}`,
    cause,
  });
}
