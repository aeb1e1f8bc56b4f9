// `export`: one stream into a file, or all streams of a basin into a directory. Running it again
// goes on where the last run ended, finished or not. Spec: cli#conventions.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { S2Basin } from "@s2kit/client";
import { basinConfigToJson } from "@s2kit/core/control";
import { replaceWhole } from "../files/whole-file.js";
import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { type LiveLine, openLiveLine } from "../show/live-line.js";
import { BASIN_MANIFEST, parseBasinManifest } from "../transfer/basin-manifest.js";
import { type ExportResult, exportStream } from "../transfer/export-stream.js";
import { lockFile } from "../transfer/file-lock.js";
import type { Gap } from "../transfer/manifest.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { usageError } from "../values/failure.js";
import { count, formatBytes } from "../values/quantity.js";
import { type BasinPrefixUri, formatStreamUri } from "../values/uri.js";

/** More are in the manifest. */
const MAX_GAPS_SHOWN = 10;

/** What all streams of one run share. */
interface ExportRun {
  readonly basin: S2Basin;
  readonly encryptionKey: string | undefined;
  readonly live: LiveLine;
}

export async function run(context: Context, input: Input): Promise<ExitCode> {
  context.out.whenUnread = "goesOn";
  const { basin: basinName, prefix: stream } = input.need<BasinPrefixUri>("uri");
  const target = input.get<string>("output");
  if (target === undefined) throw usageError("--output is missing", "name a file or a directory");
  const encryptionKey = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  const live = await openLiveLine(context.out);
  const run = { basin: client.basin(basinName), encryptionKey, live };
  try {
    if (stream === undefined) {
      const config = basinConfigToJson(await client.basins.getConfig({ basin: basinName }));
      await exportBasin(context, run, target, config);
    } else await exportOne(context, run, stream, target);
  } finally {
    live.close();
  }
  if (!context.interrupt.aborted) return EXIT.ok;
  context.out.aborted();
  return EXIT.interrupted;
}

async function exportOne(
  { out, interrupt }: Context,
  { live, basin, encryptionKey }: ExportRun,
  stream: string,
  path: string,
): Promise<void> {
  const uri = formatStreamUri(basin.name, stream);
  const result = await exportStream(
    { stream, encryptionKey, path },
    {
      basin,
      interrupt,
      onProgress: (records, bytes) =>
        live.show(() => `${uri}: ${count(records, "record")}, ${formatBytes(bytes)}`),
      onWait: (seconds) => sayWait(out, path, seconds),
    },
  );
  live.close();
  if (out.isJson) await out.json(resultJson(uri, path, result));
  else if (result.isFinished)
    out.ok(`${uri} ${out.talk.glyph.arrow} ${path}: ${shownResult(result)}`);
  for (const gap of result.gaps.slice(0, MAX_GAPS_SHOWN)) out.warn(`${uri}: ${shownGap(gap)}`);
  const more = result.gaps.length - MAX_GAPS_SHOWN;
  if (more > 0) out.warn(`${uri}: and ${count(more, "more gap")}`);
}

function resultJson(uri: string, path: string, result: ExportResult): unknown {
  const { records, added, bytes, headSeqNum, nextSeqNum, gaps, isFinished } = result;
  return {
    uri,
    path,
    records,
    added,
    bytes,
    head_seq_num: headSeqNum,
    next_seq_num: nextSeqNum,
    gaps,
    complete: isFinished && gaps.length === 0,
  };
}

function shownResult({ records, added, bytes, headSeqNum }: ExportResult): string {
  const head = headSeqNum === 0 ? "" : `, from ${headSeqNum} on (trimmed before)`;
  return `${count(records, "record")}, ${added} new, ${formatBytes(bytes)}${head}`;
}

function shownGap({ from, to }: Gap): string {
  return `${from}..${to} are missing: they were trimmed before they were exported`;
}

function sayWait(out: Context["out"], path: string, seconds: number): void {
  out.dim(`who holds ${path}.lock cannot be asked from here: watching it for ${seconds} s`);
}

/** Files are numbered: stream names may hold what file systems do not like. */
async function exportBasin(
  context: Context,
  run: ExportRun,
  directory: string,
  config: unknown,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, BASIN_MANIFEST);
  // Two that number the files of one directory at once would mix their streams.
  const lock = await lockFile(path, {
    onWait: (seconds) => sayWait(context.out, path, seconds),
  });
  try {
    const files = await numberFiles(run.basin, path, config);
    for (const [stream, file] of files) {
      if (context.interrupt.aborted) return;
      await exportOne(context, run, stream, join(directory, file));
    }
  } finally {
    await lock.release();
  }
}

/** The file of each stream that there is now. Those that are gone keep theirs in the manifest. */
async function numberFiles(
  basin: S2Basin,
  path: string,
  config: unknown,
): Promise<Map<string, string>> {
  const known = await knownFiles(path, basin.name);
  const names = await basin.streams.listAll().toArray();
  const files = new Map<string, string>();
  let next = known.size + 1;
  for (const { name } of names)
    files.set(name, known.get(name) ?? `${String(next++).padStart(6, "0")}.jsonl`);
  const streams = [...new Map([...known, ...files])].map(([stream, file]) => ({ stream, file }));
  const manifest = { version: 1, basin: basin.name, config, streams };
  await replaceWhole(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return files;
}

async function knownFiles(path: string, basinName: string): Promise<Map<string, string>> {
  try {
    const { basin, streams } = parseBasinManifest(await readFile(path, "utf8"), path);
    if (basin !== undefined && basin !== basinName)
      throw usageError(
        `the directory holds another basin path=${path} basin=${basin}`,
        "export into another directory",
      );
    return new Map(streams.map(({ stream, file }) => [stream, file]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
}
