// Walks through a paged list, one request per page and only when the next item is asked for.
// Spec: sdk#lists.

import { requireKnownOptions } from "@s2kit/core";
import type { Page } from "@s2kit/core/control";
import type { RequestOptions } from "../input/request-options.js";

/** Which items of a list that is walked through as a whole. */
export interface ListAllArgs {
  readonly prefix?: string | undefined;
  /** Exclusive, in byte order. */
  readonly startAfter?: string | undefined;
  /** Size of the pages that are fetched, at most 1000; not a bound of the whole. */
  readonly limit?: number | undefined;
  /** Items that are being deleted are left out unless this is true. */
  readonly includeDeleted?: boolean | undefined;
  /** Bound of the whole. */
  readonly maxItems?: number | undefined;
}

/** A list as a whole, fetched as it is consumed. Each iteration starts anew. */
export interface Pages<T> extends AsyncIterable<T> {
  /** All items at once: mind the size. */
  toArray(): Promise<T[]>;
  /** Page by page, as fetched; a page may be empty after filtering. */
  pages(): AsyncIterable<readonly T[]>;
}

export interface PageSource<T> {
  fetch(
    query: {
      readonly prefix?: string | undefined;
      readonly startAfter?: string | undefined;
      readonly limit?: number | undefined;
    },
    options: RequestOptions,
  ): Promise<Page<T>>;
  /** The name by which the list goes on. */
  cursorOf(item: T): string;
  isDeleted(item: T): boolean;
}

export function paginate<T>(
  source: PageSource<T>,
  args: ListAllArgs,
  options: RequestOptions,
): Pages<T> {
  const pages = (): AsyncGenerator<readonly T[]> => fetchPages(source, args, options);
  async function* items(): AsyncGenerator<T> {
    for await (const page of pages()) yield* page;
  }
  return {
    [Symbol.asyncIterator]: () => items(),
    pages,
    async toArray() {
      const all: T[] = [];
      for await (const page of pages()) all.push(...page);
      return all;
    },
  };
}

const LIST_ARGS = ["prefix", "startAfter", "limit"];
const LIST_ALL_ARGS = [...LIST_ARGS, "includeDeleted", "maxItems"];

async function* fetchPages<T>(
  source: PageSource<T>,
  args: ListAllArgs,
  options: RequestOptions,
): AsyncGenerator<readonly T[]> {
  requireKnownOptions(args, LIST_ALL_ARGS, "listAll");
  const { prefix, limit, includeDeleted = false, maxItems = Number.POSITIVE_INFINITY } = args;
  let { startAfter } = args;
  let left = maxItems;
  while (left > 0) {
    const page = await source.fetch({ prefix, startAfter, limit }, options);
    const shown = includeDeleted
      ? page.items
      : page.items.filter((item) => !source.isDeleted(item));
    yield shown.slice(0, left);
    left -= shown.length;
    // The cursor is the last item before filtering; an empty page would repeat for ever.
    const last = page.items.at(-1);
    if (!page.hasMore || last === undefined) return;
    startAfter = source.cursorOf(last);
  }
}

/** The query string of one page. */
export function listQuery(args: {
  readonly prefix?: string | undefined;
  readonly startAfter?: string | undefined;
  readonly limit?: number | undefined;
}): string {
  requireKnownOptions(args, LIST_ARGS, "list");
  const params = new URLSearchParams();
  if (args.prefix !== undefined) params.set("prefix", args.prefix);
  if (args.startAfter !== undefined) params.set("start_after", args.startAfter);
  if (args.limit !== undefined) params.set("limit", String(args.limit));
  return params.toString();
}
