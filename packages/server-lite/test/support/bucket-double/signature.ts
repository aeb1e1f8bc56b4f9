// Checks SigV4 signatures as a store does, by its own computation from AWS's description: what the
// client signs with is a library, so neither can hide a fault of the other.

import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface Account {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly isExpired?: boolean;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Further elements of the error document. */
  readonly details?: Readonly<Record<string, string>>;
}

const MAX_SKEW_MS = 15 * 60_000;
const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Why the request is refused, or undefined. */
export function refuse(
  request: SignedRequest,
  accounts: ReadonlyMap<string, Account>,
  region: string,
  nowMs: number,
): Refusal | undefined {
  const form = FORM.exec(request.headers.authorization ?? "");
  if (form === null) return { status: 403, code: "AccessDenied" };
  const [, accessKeyId, day, ofRegion, service, names, signature] = form as unknown as string[];
  const account = accounts.get(accessKeyId as string);
  if (account === undefined) return { status: 403, code: "InvalidAccessKeyId" };
  if (account.isExpired) return { status: 400, code: "ExpiredToken" };
  if (account.sessionToken !== one(request.headers["x-amz-security-token"]))
    return { status: 400, code: "InvalidToken" };
  if (ofRegion !== region)
    return { status: 400, code: "AuthorizationHeaderMalformed", details: { Region: region } };
  const stamp = one(request.headers["x-amz-date"]) ?? "";
  const signedAtMs = parseStamp(stamp);
  if (!(Math.abs(signedAtMs - nowMs) <= MAX_SKEW_MS)) return skewed(signedAtMs, nowMs);
  if (service !== "s3" || day !== stamp.slice(0, 8))
    return { status: 400, code: "AuthorizationHeaderMalformed" };
  const wrong = refuseHeaders(request.headers, (names as string).split(";"));
  if (wrong !== undefined) return wrong;
  const scope = `${day}/${ofRegion}/s3/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical(request, names as string))}`;
  const key = [day, ofRegion, "s3", "aws4_request"].reduce(
    (secret, part) =>
      createHmac("sha256", secret)
        .update(part as string)
        .digest(),
    Buffer.from(`AWS4${account.secretAccessKey}`),
  );
  if (createHmac("sha256", key).update(toSign).digest("hex") === signature)
    return refusePayload(request);
  return { status: 403, code: "SignatureDoesNotMatch" };
}

function skewed(signedAtMs: number, nowMs: number): Refusal {
  const told = (ms: number): string => (Number.isNaN(ms) ? "" : new Date(ms).toISOString());
  return {
    status: 403,
    code: "RequestTimeTooSkewed",
    details: {
      RequestTime: told(signedAtMs),
      ServerTime: told(nowMs),
      MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
    },
  };
}

/** What a store requires to be signed: the host, and everything that is its own. */
function refuseHeaders(
  headers: IncomingHttpHeaders,
  names: readonly string[],
): Refusal | undefined {
  const required = Object.keys(headers).filter(
    (name) => name === "host" || name.startsWith("x-amz-"),
  );
  const isSigned = required.every((name) => names.includes(name));
  return isSigned ? undefined : { status: 403, code: "AccessDenied" };
}

function refusePayload({ headers, body }: SignedRequest): Refusal | undefined {
  const told = one(headers["x-amz-content-sha256"]);
  if (told === "UNSIGNED-PAYLOAD" || told === sha256(body)) return undefined;
  return { status: 400, code: "XAmzContentSHA256Mismatch" };
}

function canonical({ method, url, headers }: SignedRequest, names: string): string {
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  const escaped = path.split("/").map((part) => strict(decodeURIComponent(part)));
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      return `${strict(decodeURIComponent(name))}=${strict(decodeURIComponent(value))}`;
    });
  const lines = names
    .split(";")
    .map((name) => `${name}:${(one(headers[name]) ?? "").trim().replace(/ +/g, " ")}\n`);
  return [
    method,
    escaped.join("/"),
    pairs.sort().join("&"),
    lines.join(""),
    names,
    one(headers["x-amz-content-sha256"]) ?? "",
  ].join("\n");
}

/** All but the unreserved characters of RFC 3986, byte by byte. */
function strict(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9\-._~]/.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

function parseStamp(stamp: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}
