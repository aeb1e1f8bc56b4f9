// The objects of the double and what a store does with them: each operation is one synchronous step,
// which is what makes put-if-absent atomic. Answers are values; the sockets are in `double`.

import { createHash } from "node:crypto";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export function answer(
  status: number,
  body: string | Uint8Array = "",
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const type = typeof body === "string" && body !== "" ? { "content-type": "application/xml" } : {};
  return { status, headers: { ...type, ...headers }, body: bytes };
}

export function errorAnswer(
  status: number,
  code: string,
  details: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const more = Object.entries(details).map(
    ([name, text]) => `<${name}>${escapeText(text)}</${name}>`,
  );
  return answer(
    status,
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>the double says ${code}</Message>${more.join("")}</Error>`,
    headers,
  );
}

export function storeObject(
  objects: Map<string, StoredObject>,
  key: string,
  bytes: Uint8Array,
): Answer {
  const etag = etagOf(bytes);
  objects.set(key, { bytes, etag });
  return answer(200, "", { etag });
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

/** Other clients than ours ask for it. */
const LAST_MODIFIED = { "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" };

/** The first byte and the one behind the last; undefined where there is none. */
function rangeOf(range: string, size: number): readonly [number, number] | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  // Without a start: so many from the end.
  const start = from === "" ? Math.max(size - Number(to), 0) : Number(from);
  const end = from === "" || to === "" ? size : Math.min(Number(to) + 1, size);
  return start < end ? [start, end] : undefined;
}

export function readObject(object: StoredObject | undefined, range: string | undefined): Answer {
  if (object === undefined) return errorAnswer(404, "NoSuchKey");
  const { bytes, etag } = object;
  const facts = { etag, ...LAST_MODIFIED };
  if (range === undefined) return answer(200, bytes, facts);
  const found = rangeOf(range, bytes.length);
  if (found === undefined) return errorAnswer(416, "InvalidRange");
  const [start, end] = found;
  const told = `bytes ${start}-${end - 1}/${bytes.length}`;
  return answer(206, bytes.subarray(start, end), { ...facts, "content-range": told });
}

/** The facts of an object alone. */
export function headObject(object: StoredObject | undefined): Answer {
  if (object === undefined) return answer(404);
  const { bytes, etag } = object;
  return answer(200, "", { etag, "content-length": String(bytes.length), ...LAST_MODIFIED });
}

export function listObjects(
  objects: ReadonlyMap<string, StoredObject>,
  query: URLSearchParams,
  pageSize: number,
): Answer {
  const prefix = query.get("prefix") ?? "";
  const token = query.get("continuation-token");
  const after =
    token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64").toString();
  const found = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const [keys, folders] = parted(found, prefix, query.get("delimiter") ?? "");
  const page = keys.slice(0, Math.min(pageSize, Number(query.get("max-keys") ?? 1000)));
  const isTruncated = page.length < keys.length;
  const isEncoded = query.get("encoding-type") === "url";
  const contents = page.map((key) => {
    const size = objects.get(key)?.bytes.length ?? 0;
    const told = isEncoded ? encodeKey(key) : escapeText(key);
    return `<Contents><Key>${told}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>${escapeText(objects.get(key)?.etag ?? "")}</ETag><Size>${size}</Size></Contents>`;
  });
  const common = folders.map(
    (folder) => `<CommonPrefixes><Prefix>${escapeText(folder)}</Prefix></CommonPrefixes>`,
  );
  const next = Buffer.from(page.at(-1) ?? "").toString("base64");
  return answer(
    200,
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><KeyCount>${page.length}</KeyCount>${isEncoded ? "<EncodingType>url</EncodingType>" : ""}<IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? `<NextContinuationToken>${escapeText(next)}</NextContinuationToken>` : ""}${contents.join("")}${common.join("")}</ListBucketResult>`,
  );
}

/** Keys of this folder, and the folders in it, which are few. */
function parted(
  keys: readonly string[],
  prefix: string,
  delimiter: string,
): readonly [keys: readonly string[], folders: readonly string[]] {
  if (delimiter === "") return [keys, []];
  const folderOf = (key: string): string | undefined => {
    const at = key.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : key.slice(0, at + delimiter.length);
  };
  const folders = new Set(keys.flatMap((key) => folderOf(key) ?? []));
  return [keys.filter((key) => folderOf(key) === undefined), [...folders]];
}

/** As AWS does: a space is a plus, and a slash stays. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
}

export function removeObjects(
  objects: Map<string, StoredObject>,
  body: Uint8Array,
  md5: string | undefined,
): Answer {
  if (md5 === undefined) return errorAnswer(400, "InvalidRequest");
  if (createHash("md5").update(body).digest("base64") !== md5) return errorAnswer(400, "BadDigest");
  const text = Buffer.from(body).toString();
  const keys = [...text.matchAll(/<Object><Key>([^<]*)<\/Key><\/Object>/g)].map(([, key]) =>
    unescapeText(key ?? ""),
  );
  if (keys.length === 0 || keys.length > 1000) return errorAnswer(400, "MalformedXML");
  for (const key of keys) objects.delete(key);
  return answer(
    200,
    `<?xml version="1.0"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`,
  );
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function unescapeText(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#13;", "\r")
    .replaceAll("&amp;", "&");
}
