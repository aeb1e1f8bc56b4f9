// What the answer of a store means: one table from status and error code to what the caller does
// next, and the words for it. Every request of the bucket client ends here when it was not granted.
// Pure.

import { type ObjectFailure, ObjectStoreError } from "../object-store.js";
import type { HttpAnswer } from "../wire/send.js";
import { parseXml, textOf } from "../wire/xml.js";

/** What the error document of a store says; empty where it says nothing that is understood. */
export interface S3Problem {
  readonly code: string;
  readonly message: string;
  /** The region that the bucket is in, or that the signature should have named. */
  readonly region?: string | undefined;
  /** The store's clock, as it wrote it. */
  readonly serverTime?: string | undefined;
}

/** More of an error document is not read, and more of a store's words is not repeated. */
export const MAX_PROBLEM_BYTES: number = 64 * 1024;
const MAX_WORDS = 200;

export function problemOf({ headers, body }: HttpAnswer): S3Problem {
  const text = new TextDecoder().decode(body.subarray(0, MAX_PROBLEM_BYTES));
  const found = parseXml(text);
  const error = found?.name === "Error" ? found : undefined;
  const region = headers["x-amz-bucket-region"] ?? textOf(error, "Region");
  return {
    code: plain(textOf(error, "Code") ?? "", 64),
    message: plain(textOf(error, "Message") ?? "", MAX_WORDS),
    region: typeof region === "string" ? plain(region, 64) : undefined,
    serverTime: textOf(error, "ServerTime") ?? headers.date,
  };
}

/** One line, of bounded length: a store's words go into our log. */
function plain(text: string, maxLength: number): string {
  return text
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, maxLength);
}

/** Codes that mean the same under every status they come with. */
const FAILURES_BY_CODE: Readonly<Record<string, ObjectFailure>> = {
  // The credentials are at fault, though the status is 400.
  ExpiredToken: "denied",
  ExpiredTokenException: "denied",
  InvalidToken: "denied",
  TokenRefreshRequired: "denied",
  // The store waited in vain for the body: nothing is wrong with the request.
  RequestTimeout: "unknown",
  IncompleteBody: "unknown",
  // Bytes were changed on their way.
  BadDigest: "unknown",
  XAmzContentSHA256Mismatch: "unknown",
  NoSuchBucket: "noBucket",
  NotImplemented: "rejected",
  // Not the credentials, whatever the status: the owner of the bucket has to give it room.
  QuotaExceeded: "busy",
  RequestTimeTooSkewed: "clock",
  ServiceUnavailable: "busy",
  SlowDown: "busy",
  SlowDownRead: "busy",
  SlowDownWrite: "busy",
  TooManyRequests: "busy",
};

/** What became of a request that was not granted. Unknown is what may have had its effect. */
export function failureOf(status: number, code: string): ObjectFailure {
  const known = Object.hasOwn(FAILURES_BY_CODE, code) ? FAILURES_BY_CODE[code] : undefined;
  if (known !== undefined) return known;
  if (status === 401 || status === 403) return "denied";
  if (status === 408 || status === 409) return "unknown";
  // 507: the disk behind the store is full.
  if (status === 429 || status === 503 || status === 507) return "busy";
  return status >= 500 ? "unknown" : "rejected";
}

/** Only the store's own word counts: a 404 of something between must not pass for a missing key. */
export function isMissing(answer: HttpAnswer): boolean {
  return answer.status === 404 && problemOf(answer).code === "NoSuchKey";
}

/** What was asked, for messages: `PUT log/0000000001/000000000007`. */
export interface Asked {
  readonly action: string;
  readonly key: string;
  /** Wall clock ms when it was signed. */
  readonly signedAtMs: number;
  readonly region: string;
}

/** The error for an answer that grants nothing. */
export function refusalOf(asked: Asked, answer: HttpAnswer): ObjectStoreError {
  const problem = problemOf(answer);
  const failure = failureOf(answer.status, problem.code);
  const words = [problem.code, problem.message].filter((each) => each !== "").join(": ");
  const said = words === "" ? `status ${answer.status}` : `status ${answer.status}, ${words}`;
  const remedy = remedyOf(asked, failure, answer.status, problem);
  return new ObjectStoreError(failure, `${whatOf(asked)}: the store answered ${said}${remedy}`);
}

/** The error for an answer that cannot be the store's, or breaks its own protocol. */
export function nonsenseOf(asked: Asked, what: string): ObjectStoreError {
  return new ObjectStoreError("unknown", `${whatOf(asked)}: ${what}`);
}

export function whatOf({ action, key }: Asked): string {
  return `${action} ${key}`;
}

function remedyOf(
  { signedAtMs, region }: Asked,
  failure: ObjectFailure,
  status: number,
  problem: S3Problem,
): string {
  if (failure === "clock") {
    const ours = new Date(signedAtMs).toUTCString();
    return `; this machine's clock says ${ours}, the store's ${plain(problem.serverTime ?? "nothing", 64)}: set the one that is wrong`;
  }
  const isElsewhere =
    status === 301 || status === 307 || problem.code === "AuthorizationHeaderMalformed";
  if (!isElsewhere) return "";
  if (problem.region === undefined || problem.region === region)
    return "; is the endpoint the one of this bucket?";
  return `; the bucket is in region ${problem.region}, not in ${region}: set AWS_REGION=${problem.region}`;
}
