// `lite copy-store`: all of a store that no server uses into an empty place, proven at the end:
// from a directory into a bucket and back. The server package copies; this command shows how far it
// is. Run again after any end it goes on. Spec: cli#lite.

import { type CopyProgress, copyStore, type StoreCopy, type StorePlace } from "@s2kit/server-lite";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { bucketText, checkedLease } from "../serving/lite-storage.js";
import { openLiveLine } from "../show/live-line.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";
import { count, formatBytes } from "../values/quantity.js";

export async function run({ out, interrupt }: Context, input: Input): Promise<ExitCode> {
  const endpoint = input.get<string>("bucket-endpoint");
  const from = withEndpoint(input.need<StorePlace>("source"), endpoint);
  const to = withEndpoint(input.need<StorePlace>("target"), endpoint);
  if (endpoint !== undefined && "directory" in from && "directory" in to)
    throw usageError("--bucket-endpoint is about a bucket", "name one as s3://BUCKET/PREFIX");
  const live = await openLiveLine(out);
  let copied: StoreCopy;
  try {
    copied = await copyStore({
      from,
      to,
      signal: interrupt,
      ...given("leaseMs", checkedLease(input.get<number>("bucket-lease"))),
      onProgress: (progress) => live.show(() => shownProgress(progress)),
    });
  } catch (error) {
    live.close();
    if (!interrupt.aborted) throw error;
    out.aborted();
    out.dim("nothing is lost: the same command goes on where this one stopped");
    return EXIT.interrupted;
  }
  live.close();
  const [source, target] = [placeText(from), placeText(to)];
  const { streams, records, bytes, metadataEntries, copiedRecords, isResumed } = copied;
  if (out.isJson)
    await out.json({
      from: source,
      to: target,
      streams,
      records,
      bytes,
      metadata_entries: metadataEntries,
      copied_records: copiedRecords,
      resumed: isResumed,
      verified: true,
    });
  else
    out.ok(
      `${target} has all of ${source}, compared record by record: ${count(streams, "stream")}, ${count(records, "record")}, ${formatBytes(bytes)}, ${metadataEntries} other entries`,
    );
  return EXIT.ok;
}

function withEndpoint(place: StorePlace, endpoint: string | undefined): StorePlace {
  return "directory" in place ? place : { ...place, ...given("endpoint", endpoint) };
}

function placeText(place: StorePlace): string {
  return "directory" in place ? place.directory : bucketText(place);
}

function shownProgress({ phase, streams, records, bytes }: CopyProgress): string {
  const verb = phase === "copy" ? "copying" : "comparing";
  return `${verb}: ${count(streams, "stream")}, ${count(records, "record")}, ${formatBytes(bytes)}`;
}
