// `export`: one stream into a file, or all streams of a basin into a directory. Running it again goes
// on where the last run ended, finished or not. Spec: CLI section 16 (7).

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { S2Basin } from "@s2kit/client";
import { basinConfigToJson } from "@s2kit/core/control";
import type { Input } from "../command.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { usageError } from "../failure.js";
import { type LiveLine, openLiveLine } from "../live-line.js";
import { count, formatBytes } from "../quantity.js";
import { BASIN_MANIFEST, parseBasinManifest } from "../transfer/basin-manifest.js";
import { exportStream } from "../transfer/export-stream.js";
import { type BasinPrefixUri, formatStreamUri } from "../uri.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  context.out.survivesBrokenPipe = true;
  const { basin: basinName, prefix: stream } = input.need<BasinPrefixUri>("uri");
  const target = input.get<string>("output");
  if (target === undefined) throw usageError("--output is missing", "name a file or a directory");
  const client = await context.client();
  const basin = client.basin(basinName);
  const live = await openLiveLine(context.out);
  try {
    if (stream === undefined) {
      const config = basinConfigToJson(await client.basins.getConfig({ basin: basinName }));
      await exportBasin(context, basin, { directory: target, config, live });
    } else await exportOne(context, basin, { stream, path: target, live });
  } finally {
    live.close();
  }
  if (!context.interrupt.aborted) return EXIT.ok;
  context.out.aborted();
  return EXIT.interrupted;
}

async function exportOne(
  { out, interrupt }: Context,
  basin: S2Basin,
  {
    stream,
    path,
    live,
  }: { readonly stream: string; readonly path: string; readonly live: LiveLine },
): Promise<void> {
  const uri = formatStreamUri(basin.name, stream);
  const result = await exportStream({
    basin,
    stream,
    path,
    interrupt,
    onProgress: (records, bytes) =>
      live.show(() => `${uri}: ${count(records, "record")}, ${formatBytes(bytes)}`),
  });
  live.close();
  const { records, added, bytes, isComplete } = result;
  if (out.isJson) await out.json({ uri, path, records, added, bytes, complete: isComplete });
  else if (isComplete)
    out.ok(
      `${uri} ${out.talk.glyph.arrow} ${path}: ${count(records, "record")}, ${added} new, ${formatBytes(bytes)}`,
    );
}

/** Files are numbered: stream names may hold what file systems do not like. */
async function exportBasin(
  context: Context,
  basin: S2Basin,
  parts: { readonly directory: string; readonly config: unknown; readonly live: LiveLine },
): Promise<void> {
  await mkdir(parts.directory, { recursive: true });
  const path = join(parts.directory, BASIN_MANIFEST);
  const known = await knownFiles(path);
  const names = await basin.streams.listAll().toArray();
  const files = new Map<string, string>();
  let next = known.size + 1;
  for (const { name } of names) {
    const file = known.get(name) ?? `${String(next++).padStart(6, "0")}.jsonl`;
    files.set(name, file);
  }
  const streams = [...new Map([...known, ...files])].map(([stream, file]) => ({ stream, file }));
  const manifest = { version: 1, basin: basin.name, config: parts.config, streams };
  await writeFile(`${path}.tmp`, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await rename(`${path}.tmp`, path);
  for (const [stream, file] of files) {
    if (context.interrupt.aborted) return;
    await exportOne(context, basin, {
      stream,
      path: join(parts.directory, file),
      live: parts.live,
    });
  }
}

async function knownFiles(path: string): Promise<Map<string, string>> {
  try {
    const { streams } = parseBasinManifest(await readFile(path, "utf8"), path);
    return new Map(streams.map(({ stream, file }) => [stream, file]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
}
