// Walks through a paged list in the official shape: any function that fetches a page will do.
// Spec: sdk#the-official-face, sdk#lists.

import { translateError } from "./errors.js";

/** Values of one page. */
export interface Page<T> {
  readonly values: readonly T[];
  /** Whether more follow the last of them. */
  readonly hasMore: boolean;
}

/** Fetches the page behind `startAfter`. */
export type PageFetcher<TItem, TArgs> = (
  args: TArgs & { startAfter?: string },
) => Promise<{ items: TItem[]; hasMore: boolean }>;

/** Of a list as a whole: the cursor is taken care of. */
export type ListAllArgs<TArgs> = Omit<TArgs, "startAfter"> & {
  /** Items that are being deleted too. Default false. */
  includeDeleted?: boolean;
};

/**
 * All items, fetched as they are consumed.
 *
 * @param getCursor - the name by which the list goes on behind an item
 */
export function paginate<TItem, TArgs>(
  fetcher: PageFetcher<TItem, TArgs>,
  args: TArgs,
  getCursor: (item: TItem) => string,
): AsyncIterable<TItem> {
  return {
    async *[Symbol.asyncIterator]() {
      let after: { startAfter?: string } = {};
      for (;;) {
        const { items, hasMore } = await fetcher({ ...args, ...after });
        yield* items;
        const last = items.at(-1);
        // An empty page would repeat for ever.
        if (!hasMore || last === undefined) return;
        after = { startAfter: getCursor(last) };
      }
    },
  };
}

/** @internal */
export function mapped<T, U>(items: AsyncIterable<T>, change: (item: T) => U): AsyncIterable<U> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const item of items) yield change(item);
    },
  };
}

/** A list of ours; what goes wrong is told in this face's terms. @internal */
export function translatedList<T>(open: () => AsyncIterable<T>): AsyncIterable<T> {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* open();
      } catch (caught) {
        throw translateError(caught);
      }
    },
  };
}
