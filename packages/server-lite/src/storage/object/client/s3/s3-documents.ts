// The XML documents of S3 that the bucket client reads and writes: a page of a listing, the names
// of objects to remove, and what became of them. What is not understood is an error, never an
// empty list. Pure.

import type { ObjectEntry, ObjectPage } from "../object-store.js";
import { childOf, escapeXml, parseXml, textOf, type XmlElement } from "../wire/xml.js";

/** A page as the store tells it, or why it is none. */
export type ListingAnswer = ObjectPage | { readonly nonsense: string };

/** @param prefix - what all keys must begin with; it is taken off them. `asked` is that and more */
export function parseListing(document: string, prefix: string, asked: string): ListingAnswer {
  const root = parseXml(document);
  if (root?.name !== "ListBucketResult") return { nonsense: "the answer is no listing" };
  const isEncoded = textOf(root, "EncodingType") === "url";
  const entries: ObjectEntry[] = [];
  for (const child of root.children) {
    if (child.name !== "Contents") continue;
    const entry = parseEntry(child, isEncoded);
    if (entry === undefined) return { nonsense: "the listing has an entry without key or size" };
    if (!entry.key.startsWith(asked))
      return { nonsense: "the listing has a key that does not begin with what was asked for" };
    entries.push({ key: entry.key.slice(prefix.length), size: entry.size });
  }
  const isTruncated = textOf(root, "IsTruncated");
  if (isTruncated === "false") return { entries };
  const cursor = textOf(root, "NextContinuationToken");
  if (isTruncated !== "true" || cursor === undefined || cursor === "")
    return { nonsense: "the listing tells neither its end nor where it goes on" };
  return { entries, cursor };
}

function parseEntry(element: XmlElement, isEncoded: boolean): ObjectEntry | undefined {
  const key = textOf(element, "Key");
  const size = textOf(element, "Size")?.trim() ?? "";
  if (key === undefined || key === "" || !/^\d{1,15}$/.test(size)) return undefined;
  const plainKey = isEncoded ? decodeKey(key) : key;
  return plainKey === undefined ? undefined : { key: plainKey, size: Number(size) };
}

/** AWS writes a space as a plus, and a plus as %2B. */
function decodeKey(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return undefined;
  }
}

/** Most keys in one request, by S3. */
export const MAX_DELETES = 1000;

/** Whether XML 1.0 can say this key, and all parsers will read it. */
export function isSayable(key: string): boolean {
  return /^(?:[\t\n\r]|[^\p{Control}\p{Surrogate}\ufffe\uffff])*$/u.test(key);
}

/** @param keys - with the prefix, at most {@link MAX_DELETES} */
export function writeDeletes(keys: readonly string[]): string {
  const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`);
  return `<?xml version="1.0" encoding="UTF-8"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects.join("")}</Delete>`;
}

/** An object that was not removed, and why. */
export interface DeleteProblem {
  readonly key: string;
  readonly code: string;
  readonly message: string;
}

/** @returns what failed, or undefined when this is no such answer */
export function parseDeletes(document: string): readonly DeleteProblem[] | undefined {
  const root = parseXml(document);
  if (root?.name !== "DeleteResult") return undefined;
  return (
    root.children
      .filter(({ name }) => name === "Error")
      .map((error) => ({
        key: textOf(error, "Key") ?? "",
        code: childOf(error, "Code")?.text ?? "",
        message: textOf(error, "Message") ?? "",
      }))
      // What is not there is removed.
      .filter(({ code }) => code !== "NoSuchKey")
  );
}
