// `import`: a file into a stream, or an exported directory into a basin. Running it again goes on
// where the last run ended; everything is read back and compared. Spec: cli#conventions.

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { S2, S2Basin } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { type LiveLine, openLiveLine } from "../show/live-line.js";
import { progressBar } from "../show/progress-bar.js";
import { BASIN_MANIFEST, parseBasinManifest } from "../transfer/basin-manifest.js";
import { importStream } from "../transfer/import-stream.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError, usageError } from "../values/failure.js";
import { count } from "../values/quantity.js";
import { type BasinPrefixUri, formatStreamUri } from "../values/uri.js";

/** What all streams of one run share. */
interface ImportRun {
  readonly basin: S2Basin;
  readonly encryptionKey: string | undefined;
  readonly live: LiveLine;
}

export async function run(context: Context, input: Input): Promise<ExitCode> {
  context.out.whenUnread = "goesOn";
  const { basin: basinName, prefix: stream } = input.need<BasinPrefixUri>("uri");
  const source = input.get<string>("input");
  if (source === undefined) throw usageError("--input is missing", "name a file or a directory");
  const isDirectory = await directoryOf(source);
  if (isDirectory && stream !== undefined)
    throw usageError("an exported basin goes into a basin, not into a stream");
  const encryptionKey = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  const live = await openLiveLine(context.out);
  const run = { basin: client.basin(basinName), encryptionKey, live };
  try {
    if (isDirectory) await importBasin(context, client, run, source);
    else await importOne(context, run, stream, source);
  } finally {
    live.close();
  }
  if (!context.interrupt.aborted) return EXIT.ok;
  context.out.aborted();
  return EXIT.interrupted;
}

async function directoryOf(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CliError(`cannot read the input path=${path}`, { cause });
  }
}

/** Makes the basin when it is missing; an existing one keeps its configuration. */
async function importBasin(
  context: Context,
  client: S2,
  run: ImportRun,
  directory: string,
): Promise<void> {
  const path = join(directory, BASIN_MANIFEST);
  const { config, streams } = parseBasinManifest(await readFile(path, "utf8"), path);
  try {
    await client.basins.create({ basin: run.basin.name, config });
  } catch (error) {
    if (!(error instanceof S2Error && error.code === "resource_already_exists")) throw error;
  }
  for (const { stream, file } of streams) {
    if (context.interrupt.aborted) return;
    await importOne(context, run, stream, join(directory, file));
  }
}

async function importOne(
  { out, interrupt }: Context,
  { live, basin, encryptionKey }: ImportRun,
  name: string | undefined,
  path: string,
): Promise<void> {
  const result = await importStream(
    { encryptionKey, stream: name, path, nowMs: Date.now() },
    {
      basin,
      interrupt,
      onProgress: (records, total) =>
        live.show(() =>
          progressBar(records, total, out.talk.glyph, `${records} of ${count(total, "record")}`),
        ),
      onNote: (note) => out.warn(`${path}: ${note}`),
    },
  );
  live.close();
  const { stream, records, resumedAt, timestamps, gaps, isComplete } = result;
  const uri = formatStreamUri(basin.name, stream);
  if (out.isJson)
    await out.json({
      uri,
      path,
      records,
      resumed_at: resumedAt,
      timestamps,
      gaps,
      verified: isComplete,
    });
  else if (isComplete) {
    const resumed = resumedAt === 0 ? "" : `, ${resumedAt} were there already`;
    out.ok(
      `${path} ${out.talk.glyph.arrow} ${uri}: ${count(records, "record")} verified${resumed}`,
    );
  }
  if (gaps.length > 0)
    out.warn(`${path}: the export has ${count(gaps.length, "gap")}; its manifest names them`);
}
