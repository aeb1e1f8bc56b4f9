// The streams of a basin page by page, as a flat list or as one level of the tree by `/`. A folder
// costs one request, however many streams it holds: the cursor jumps over them.

import { call } from "../../state/bridge.js";

/** Behind every name that begins with what is before it. */
const LAST = "\u{10ffff}";

export interface Entry {
  readonly name: string;
  /** A folder: its streams begin so. */
  readonly isFolder: boolean;
  readonly createdAt?: Date;
  readonly deletedAt?: Date;
  /** Named when its records are encrypted. */
  readonly cipher?: string;
}

/** Where the page behind an entry begins. */
export function cursorOf({ name, isFolder }: Entry): string {
  return isFolder ? `${name}${LAST}` : name;
}

export async function flatPage(
  basin: string,
  prefix: string,
  cursor: { readonly startAfter?: string },
) {
  const { streams, hasMore } = await call("listStreams", basin, { prefix, ...cursor, limit: 1000 });
  return { items: streams.map((stream) => ({ ...stream, isFolder: false })), hasMore };
}

const FOLDERS_AT_ONCE = 60;

/**
 * One level of the tree: names are gathered up to the next `/`, and the rest of a folder is jumped
 * over.
 */
export async function treePage(
  basin: string,
  prefix: string,
  cursor: { readonly startAfter?: string },
) {
  const depth = prefix.lastIndexOf("/") + 1;
  const items: Entry[] = [];
  let { startAfter } = cursor;
  for (let requests = 0; requests < FOLDERS_AT_ONCE; requests++) {
    const { streams, hasMore } = await call("listStreams", basin, {
      prefix,
      limit: 1000,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    for (const stream of streams) {
      const slash = stream.name.indexOf("/", depth);
      const folder = slash === -1 ? undefined : stream.name.slice(0, slash + 1);
      if (folder === undefined) items.push({ ...stream, isFolder: false });
      else if (items.at(-1)?.name !== folder) items.push({ name: folder, isFolder: true });
    }
    const last = items.at(-1);
    if (!hasMore || last === undefined) return { items, hasMore: false };
    if (!last.isFolder) return { items, hasMore: true };
    startAfter = cursorOf(last);
  }
  return { items, hasMore: true };
}
