// One page of names out of several ordered lists, none of which has a name of another: in the order
// of all, without a gap, and with a `hasMore` that is exact. Each list is asked for a little more
// than its share, and again when that was not enough. Pure but for the lists.

import { compareUtf8 } from "@s2kit/core";
import type { Page } from "@s2kit/core/control";
import type { NameRange } from "../catalog/catalog.js";

/** Lists any range of names. */
export type ListNames<T> = (range: NameRange) => Page<T>;

/** Beyond the even share: shares are never quite even. */
const SPARE = 8;

interface Source<T> {
  readonly list: ListNames<T>;
  items: readonly T[];
  at: number;
  hasMore: boolean;
}

export function mergedPage<T extends { readonly name: string }>(
  lists: readonly ListNames<T>[],
  range: NameRange,
): Page<T> {
  const { limit } = range;
  const share = Math.min(limit, Math.ceil(limit / lists.length) + SPARE);
  const sources = lists.map((list): Source<T> => {
    const { items, hasMore } = list({ ...range, limit: share });
    return { list, items, at: 0, hasMore };
  });
  const items: T[] = [];
  for (;;) {
    const next = lowest(sources, range, share);
    if (next === undefined) return { items, hasMore: false };
    if (items.length === limit) return { items, hasMore: true };
    items.push(next.items[next.at++] as T);
  }
}

/** The list whose next name comes first; undefined when all are at their end. */
function lowest<T extends { readonly name: string }>(
  sources: readonly Source<T>[],
  range: NameRange,
  share: number,
): Source<T> | undefined {
  let found: Source<T> | undefined;
  for (const source of sources) {
    if (source.at === source.items.length && !refill(source, range, share)) continue;
    const name = nameOf(source);
    if (found === undefined || compareUtf8(name, nameOf(found)) < 0) found = source;
  }
  return found;
}

/** @returns whether there is a next name */
function refill<T extends { readonly name: string }>(
  source: Source<T>,
  range: NameRange,
  share: number,
): boolean {
  const last = source.items.at(-1);
  if (!source.hasMore || last === undefined) return false;
  const { items, hasMore } = source.list({ ...range, startAfter: last.name, limit: share });
  source.items = items;
  source.at = 0;
  source.hasMore = hasMore;
  return items.length > 0;
}

function nameOf<T extends { readonly name: string }>(source: Source<T>): string {
  return (source.items[source.at] as T).name;
}
