// Where a bucket is and how it wants to be spoken to, as options and the AWS variables say.
// Resolved once, at the door: the rooms behind it get settings without gaps. Pure.

import { S2Error } from "@s2kit/core";

export interface S3Options {
  readonly bucket: string;
  /** Keys begin with it, followed by a slash. Default: none */
  readonly prefix?: string | undefined;
  /**
   * Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's; us-east-1 for an endpoint that is
   * not AWS
   */
  readonly region?: string | undefined;
  /** Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's, or AWS in the region */
  readonly endpoint?: string | undefined;
  /** Where the bucket's name stands. Default: in the host at AWS, in the path elsewhere */
  readonly addressing?: S3Addressing | undefined;
  /** Default: as the endpoint is known to want it */
  readonly precondition?: S3Precondition | undefined;
  /** Whether the signature covers the bytes of a PUT. Default: only where TLS does not */
  readonly payload?: "signed" | "unsigned" | undefined;
  /** Connections at the same time; more than a `SteadyStore` asks for. Default: 96 */
  readonly maxSockets?: number | undefined;
  /** Time for one attempt, and a second more for each MiB that travels. Default: 15 s */
  readonly attemptMs?: number | undefined;
}

export type S3Addressing = "path" | "virtual-hosted";

/** How a PUT says "only if absent". */
export type S3Precondition =
  /** `if-none-match: *`: all but Google. */
  | "if-none-match"
  /** `x-goog-if-generation-match: 0`: Google's interface takes `if-none-match` in reads only. */
  | "generation-match";

export interface S3Settings {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly region: string;
  /** Scheme, host and port. */
  readonly origin: URL;
  /** Before the bucket and the key: empty, or begins with a slash and ends with none. */
  readonly basePath: string;
  readonly addressing: S3Addressing;
  readonly precondition: S3Precondition;
  readonly payload: "signed" | "unsigned";
  readonly maxSockets: number;
  readonly attemptMs: number;
}

/** What the shared configuration file says about the profile in use. */
export interface ProfileSettings {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

const BUCKET_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,220}[a-zA-Z0-9]$/;
/** Stored keys hold the prefix, and may be 1024 bytes long at most. */
const MAX_PREFIX_BYTES = 512;

/** @throws {S2Error} `invalid` when they make no sense together, with what to do */
export function resolveS3(
  options: S3Options,
  environment: Readonly<Record<string, string | undefined>>,
  profile: ProfileSettings = {},
): S3Settings {
  const { bucket } = options;
  if (!BUCKET_NAME.test(bucket)) throw invalid(`not the name of a bucket: bucket=${bucket}`);
  if (bucket.endsWith("--x-s3"))
    throw invalid(
      `directory buckets (S3 Express) need sessions, which are not spoken yet: use a general purpose bucket, bucket=${bucket}`,
    );
  const named = (name: string): string | undefined => environment[name] || undefined;
  const chosen =
    options.endpoint ??
    named("AWS_ENDPOINT_URL_S3") ??
    named("AWS_ENDPOINT_URL") ??
    profile.endpoint;
  const region =
    options.region ?? named("AWS_REGION") ?? named("AWS_DEFAULT_REGION") ?? profile.region;
  const endpoint = parseEndpoint(chosen ?? awsEndpoint(region));
  const isAws = /(^|\.)amazonaws\.com(\.cn)?$/.test(endpoint.hostname);
  const isTls = endpoint.protocol === "https:";
  const payload = options.payload ?? (isTls ? "unsigned" : "signed");
  if (payload === "unsigned" && !isTls)
    throw invalid("without TLS nothing but the signature guards the bytes: payload=unsigned");
  return {
    bucket,
    prefix: parsePrefix(options.prefix ?? ""),
    region: region ?? "us-east-1",
    origin: new URL(endpoint.origin),
    basePath: endpoint.pathname.replace(/\/+$/, ""),
    // The certificate of AWS holds one name before the host, so a name with dots must not go there.
    addressing: options.addressing ?? (isAws && !bucket.includes(".") ? "virtual-hosted" : "path"),
    precondition: options.precondition ?? preconditionOf(endpoint.hostname),
    payload,
    maxSockets: options.maxSockets ?? 96,
    attemptMs: options.attemptMs ?? 15_000,
  };
}

function preconditionOf(hostname: string): S3Precondition {
  return /(^|\.)storage\.googleapis\.com$/.test(hostname) ? "generation-match" : "if-none-match";
}

function awsEndpoint(region: string | undefined): string {
  if (region === undefined)
    throw invalid(
      "neither a region nor an endpoint is known: set AWS_REGION, or AWS_ENDPOINT_URL_S3",
    );
  const isChinese = region.startsWith("cn-");
  return `https://s3.${region}.amazonaws.com${isChinese ? ".cn" : ""}`;
}

function parseEndpoint(text: string): URL {
  if (!URL.canParse(text)) throw invalid(`not a URL: endpoint=${text}`);
  const url = new URL(text);
  // Told without its text: it may hold what belongs nowhere.
  if (url.username !== "" || url.password !== "")
    throw invalid(
      "an endpoint holds no credentials: use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    );
  if (!/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw invalid(`an endpoint is http(s)://HOST[:PORT][/PATH]: endpoint=${text}`);
  return url;
}

function parsePrefix(text: string): string {
  const prefix = text.replace(/^\/+|\/+$/g, "");
  const isPlain = prefix === "" || prefix.split("/").every((part) => !/^\.{0,2}$/.test(part));
  if (!isPlain || Buffer.byteLength(prefix) > MAX_PREFIX_BYTES)
    throw invalid(
      `a prefix is at most ${MAX_PREFIX_BYTES} bytes, in parts that are neither empty nor dots: prefix=${text}`,
    );
  return prefix === "" ? "" : `${prefix}/`;
}

function invalid(message: string): S2Error {
  return new S2Error({ code: "invalid", message, origin: "local" });
}
