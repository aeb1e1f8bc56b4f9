// A bucket over HTTP: the operations of `object-store`, each one signed request to an S3-compatible
// store. The order of a request: credentials, signature, connection, what the answer means. It
// repeats nothing: see `steady-store`.

import { assert } from "@s2kit/core";
import type { ObjectPage, ObjectRange, ObjectStore, PutOutcome } from "../object-store.js";
import type { HttpAnswer } from "../wire/send.js";
import type { BucketClock } from "./bucket-clock.js";
import { bucketPath, objectPath } from "./s3-address.js";
import { type Asked, isMissing, MAX_PROBLEM_BYTES, nonsenseOf, refusalOf } from "./s3-answer.js";
import { type S3Answered, S3Caller, type S3Components } from "./s3-call.js";
import { S3Deletes } from "./s3-deletes.js";
import { parseListing } from "./s3-documents.js";
import type { S3Settings } from "./s3-settings.js";

/** Larger objects are not written by the engine, and not read whole. */
const MAX_OBJECT_BYTES = 256 * 1024 * 1024;
/** A page has at most 1000 keys of at most 1024 bytes, which escape to three times that. */
const MAX_LISTING_BYTES = 8 * 1024 * 1024;

export class S3Store implements ObjectStore {
  private readonly settings: S3Settings;
  private readonly caller: S3Caller;
  private readonly deletes: S3Deletes;

  constructor(settings: S3Settings, components: S3Components) {
    this.settings = settings;
    this.caller = new S3Caller(settings, components);
    this.deletes = new S3Deletes(this.caller, settings.prefix);
  }

  /** What the store's answers tell of its clock. */
  get bucketClock(): BucketClock {
    return this.caller.bucketClock;
  }

  async putIfAbsent(
    key: string,
    parts: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<PutOutcome> {
    const headers: Record<string, string> =
      this.settings.precondition === "if-none-match"
        ? { "if-none-match": "*" }
        : { "x-goog-if-generation-match": "0" };
    const { asked, answer } = await this.put(key, parts, headers, signal);
    if (answer.status === 412) return { kind: "exists" };
    requireStored(asked, answer);
    return { kind: "stored" };
  }

  async overwrite(key: string, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<void> {
    const { asked, answer } = await this.put(key, parts, {}, signal);
    requireStored(asked, answer);
  }

  async get(
    key: string,
    range?: ObjectRange,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (range !== undefined) assert(range.length > 0, "a range holds something");
    const { asked, answer } = await this.caller.call({
      action: "GET",
      method: "GET",
      key,
      path: this.pathOf(key),
      headers: range === undefined ? {} : { range: rangeHeader(range) },
      maxAnswerBytes:
        range === undefined ? MAX_OBJECT_BYTES : Math.max(range.length, MAX_PROBLEM_BYTES),
      signal,
    });
    const { status, body } = answer;
    if (status === 200 || status === 206) requireStore(asked, answer);
    if (range === undefined && status === 200) return body;
    if (range !== undefined && status === 206) {
      requireRange(asked, answer, range);
      return body;
    }
    // It ends before the range begins.
    if (range !== undefined && status === 416) return new Uint8Array(0);
    if (isMissing(answer)) return undefined;
    if (status === 200)
      throw nonsenseOf(asked, "the store sent the whole object where a range was asked for");
    throw refusalOf(asked, answer);
  }

  /** Reads a byte: a HEAD says 404 without saying whether the bucket is missing or the object. */
  async exists(key: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.get(key, { offset: 0, length: 1 }, signal)) !== undefined;
  }

  async list(prefix: string, cursor?: string, signal?: AbortSignal): Promise<ObjectPage> {
    const asked = this.settings.prefix + prefix;
    const query = {
      "list-type": "2",
      prefix: asked,
      "encoding-type": "url",
      ...(cursor === undefined ? {} : { "continuation-token": cursor }),
    };
    const answered = await this.caller.call({
      action: "LIST",
      method: "GET",
      key: prefix,
      path: bucketPath(this.caller.address, query),
      maxAnswerBytes: MAX_LISTING_BYTES,
      signal,
    });
    if (answered.answer.status !== 200) throw refusalOf(answered.asked, answered.answer);
    const listing = parseListing(textOf(answered.answer), this.settings.prefix, asked);
    if ("nonsense" in listing) throw nonsenseOf(answered.asked, listing.nonsense);
    return listing;
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.deletes.delete(keys, signal);
  }

  private put(
    key: string,
    parts: readonly Uint8Array[],
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<S3Answered> {
    return this.caller.call({
      action: "PUT",
      method: "PUT",
      key,
      path: this.pathOf(key),
      headers,
      body: parts,
      maxAnswerBytes: MAX_PROBLEM_BYTES,
      signal,
    });
  }

  private pathOf(key: string): string {
    return objectPath(this.caller.address, this.settings.prefix + key);
  }
}

function requireStored(asked: Asked, answer: HttpAnswer): void {
  if (answer.status !== 200) throw refusalOf(asked, answer);
  requireStore(asked, answer);
}

/** Every store names what it holds: without that, something between it and us has answered. */
function requireStore(asked: Asked, answer: HttpAnswer): void {
  if (answer.headers.etag === undefined)
    throw nonsenseOf(asked, "the answer is no store's: it has no etag");
}

function requireRange(asked: Asked, { headers, body }: HttpAnswer, range: ObjectRange): void {
  const told = /^bytes (\d+)-(\d+)\//.exec(headers["content-range"] ?? "");
  const isRight =
    Number(told?.[1]) === range.offset &&
    Number(told?.[2]) === range.offset + body.length - 1 &&
    body.length <= range.length;
  if (!isRight) throw nonsenseOf(asked, "the store sent another range than was asked for");
}

function rangeHeader({ offset, length }: ObjectRange): string {
  return `bytes=${offset}-${offset + length - 1}`;
}

function textOf({ body }: HttpAnswer): string {
  return new TextDecoder().decode(body);
}
