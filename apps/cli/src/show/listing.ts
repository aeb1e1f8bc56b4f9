// Lists of basins and streams, printed as they arrive. By default all pages, with what is being
// deleted; `--no-auto-paginate` fetches one page and says on stderr how to go on, which the
// field's tools forget. Spec: cli#catalogue, cli#lists-and-tables.

import type { BasinInfo, S2, StreamInfo } from "@s2kit/client";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";
import { type BasinPrefixUri, checkedBasinPrefix, formatStreamUri } from "../values/uri.js";
import { basinJson, streamJson } from "./api-json.js";

interface ListArgs {
  readonly prefix?: string;
  readonly startAfter?: string;
}

export async function listBasins(client: S2, input: Input, out: Output): Promise<void> {
  const prefix = input.get<string>("prefix");
  const startAfter = input.get<string>("start-after");
  if (prefix !== undefined) checkedBasinPrefix(prefix, "prefix");
  if (startAfter !== undefined) checkedBasinPrefix(startAfter, "start-after");
  await list<BasinInfo>({
    input,
    out,
    args: { ...given("prefix", prefix), ...given("startAfter", startAfter) },
    page: async (args) => {
      const { basins, hasMore } = await client.basins.list(args);
      return { items: basins, hasMore };
    },
    all: (args) => client.basins.listAll({ ...args, includeDeleted: true }),
    show: async (basin) =>
      out.isJson ? await out.json(basinJson(basin)) : await out.line(basinLine(basin, out)),
  });
}

export async function listStreams(
  client: S2,
  input: Input,
  out: Output,
  hasTimes: boolean,
): Promise<void> {
  const { basin, prefix: uriPrefix } = input.need<BasinPrefixUri>("uri");
  const flagPrefix = input.get<string>("prefix");
  if (uriPrefix !== undefined && flagPrefix !== undefined)
    throw usageError("the prefix is given twice: in the URI and with --prefix");
  const { streams } = client.basin(basin);
  await list<StreamInfo>({
    input,
    out,
    args: {
      ...given("prefix", uriPrefix ?? flagPrefix),
      ...given("startAfter", input.get<string>("start-after")),
    },
    page: async (args) => {
      const { streams: items, hasMore } = await streams.list(args);
      return { items, hasMore };
    },
    all: (args) => streams.listAll({ ...args, includeDeleted: true }),
    show: async (stream) =>
      out.isJson
        ? await out.json(streamJson(stream, basin))
        : await out.line(streamLine(stream, basin, out, hasTimes)),
  });
}

async function list<T extends { readonly name: string }>(components: {
  readonly input: Input;
  readonly out: Output;
  readonly args: ListArgs;
  page(args: ListArgs & { limit?: number }): Promise<{ items: readonly T[]; hasMore: boolean }>;
  all(args: ListArgs & { maxItems?: number }): AsyncIterable<T>;
  show(item: T): Promise<void>;
}): Promise<void> {
  const limit = components.input.get<number>("limit");
  if (!components.input.is("no-auto-paginate")) {
    for await (const item of components.all({ ...components.args, ...given("maxItems", limit) }))
      await components.show(item);
    return;
  }
  const { items, hasMore } = await components.page({
    ...components.args,
    ...given("limit", limit),
  });
  for (const item of items) await components.show(item);
  const last = items.at(-1);
  if (hasMore && last !== undefined)
    components.out.say(`more follows: --start-after ${JSON.stringify(last.name)}`);
}

/** `my-basin (aws:us-east-1) [deleting]` */
function basinLine({ name, location, deletedAt }: BasinInfo, out: Output): string {
  const place = location === undefined ? "" : ` ${out.paintData(`(${location})`, "yellow")}`;
  return deletedAt === undefined
    ? `${name}${place}`
    : `${out.paintData(name, "red")}${place} ${deletingMark(out)}`;
}

function streamLine(info: StreamInfo, basin: string, out: Output, hasTimes: boolean): string {
  const uri = formatStreamUri(basin, info.name);
  const isDeleting = info.deletedAt !== undefined;
  const time = hasTimes ? ` ${timeText(info.createdAt, out, isDeleting)}` : "";
  return isDeleting ? `${out.paintData(uri, "red")}${time} ${deletingMark(out)}` : `${uri}${time}`;
}

function timeText(time: Date, out: Output, isDeleting: boolean): string {
  return out.paintData(`${time.toISOString().slice(0, 19)}Z`, isDeleting ? "red" : "green");
}

function deletingMark(out: Output): string {
  return out.paintData("[deleting]", "red", "bold");
}
