// Signs a request with SigV4, by `aws4`. Time and credentials are arguments: the library, left
// alone, would look for both in the process. Pure but for its cache of derived keys.
// See docs/decisions/0091-bucket-client.md.

import { createHash } from "node:crypto";
import aws4 from "aws4";
import type { Credentials } from "../credentials/credentials.js";

export interface UnsignedRequest {
  readonly method: "DELETE" | "GET" | "POST" | "PUT";
  readonly host: string;
  /** Path and query, encoded. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
  /** SHA-256 of the body in hex, or {@link UNSIGNED_PAYLOAD}. */
  readonly payloadHash: string;
}

export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** Of no bytes: what requests without a body are signed with. */
export const EMPTY_PAYLOAD_HASH: string = payloadHashOf([]);

/** SHA-256 over the parts, in hex. About 0.6 ms of processor time for each MiB. */
export function payloadHashOf(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/**
 * @param nowMs - wall clock; stores refuse what differs from theirs by more than 15 minutes
 * @returns all headers to send, the signature among them
 */
export function signRequest(
  request: UnsignedRequest,
  credentials: Credentials,
  nowMs: number,
): Record<string, string> {
  const { method, host, path, region, payloadHash } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signed = aws4.sign(
    {
      service: "s3",
      region,
      method,
      path,
      headers: {
        ...request.headers,
        host,
        "x-amz-content-sha256": payloadHash,
        "x-amz-date": amzDate(nowMs),
        ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
      },
    },
    { accessKeyId, secretAccessKey },
  );
  return signed.headers as Record<string, string>;
}

/** `20130524T000000Z` */
export function amzDate(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
