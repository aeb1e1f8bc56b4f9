// What the form of appending holds, and the batches that are in it.
// Pure but for a file, which is read when it is sent.

import { batchesOf, type Split } from "./batches.js";

export interface Draft {
  readonly split: Split;
  readonly body: string;
  /** Instead of the body. */
  readonly file: File | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly match: string;
  readonly token: string;
}

export const EMPTY_DRAFT: Draft = {
  split: "text",
  body: "",
  file: undefined,
  headers: [],
  match: "",
  token: "",
};

const utf8 = new TextEncoder();
/** A file is read into memory whole before it is cut. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** @throws {Error} naming what cannot be sent */
export async function batchesIn({ split, body, file, headers, match }: Draft) {
  if (split === "json") JSON.parse(body);
  if (match !== "" && !/^\d+$/.test(match)) throw new Error("Match: expected a number");
  if (file !== undefined && file.size > MAX_FILE_BYTES)
    throw new Error(
      "A file of more than 256 MiB is too much for a page: “Copy as…” gives the command that reads it piece by piece",
    );
  const input = file === undefined ? utf8.encode(body) : new Uint8Array(await file.arrayBuffer());
  return batchesOf(
    input,
    split,
    headers.filter(([name]) => name !== ""),
  );
}
