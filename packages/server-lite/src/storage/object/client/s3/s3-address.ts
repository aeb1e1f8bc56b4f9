// Paths, hosts and queries of S3 requests, encoded as the signature wants them: what is not
// unreserved in RFC 3986 is escaped, a slash inside a key is not. Pure.

import type { S3Settings } from "./s3-settings.js";

export interface S3Address {
  /** Where the connection goes. */
  readonly origin: URL;
  /** As the `host` header names it. */
  readonly host: string;
  /** Of the bucket: empty, or begins with a slash and ends with none. */
  readonly bucketPath: string;
}

/** The address of the bucket, which all requests share. */
export function addressOf(settings: S3Settings): S3Address {
  const { origin, basePath, bucket, addressing } = settings;
  if (addressing === "path")
    return { origin, host: origin.host, bucketPath: `${basePath}/${encodePart(bucket)}` };
  const own = new URL(origin);
  own.hostname = `${bucket}.${origin.hostname}`;
  return { origin: own, host: own.host, bucketPath: basePath };
}

/** @param key - with the prefix */
export function objectPath(address: S3Address, key: string): string {
  return `${address.bucketPath}/${key.split("/").map(encodePart).join("/")}`;
}

export function bucketPath(address: S3Address, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodePart(name)}=${encodePart(value)}`,
  );
  return `${address.bucketPath}/?${pairs.join("&")}`;
}

/** Stricter than the platform's, which leaves five characters that the signature escapes. */
function encodePart(text: string): string {
  // As nearly all are, and one test is cheaper than the way through both encoders.
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
