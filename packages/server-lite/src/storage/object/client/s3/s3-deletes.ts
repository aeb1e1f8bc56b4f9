// Removes objects of a bucket: many in one request where the store can, one by one where it cannot.
// Used by `s3-store`; what is not there counts as removed.

import { createHash } from "node:crypto";
import { encodeUtf8 } from "@s2kit/core";
import { ObjectStoreError } from "../object-store.js";
import type { HttpAnswer } from "../wire/send.js";
import { bucketPath, objectPath } from "./s3-address.js";
import {
  failureOf,
  isMissing,
  MAX_PROBLEM_BYTES,
  nonsenseOf,
  problemOf,
  refusalOf,
  whatOf,
} from "./s3-answer.js";
import type { S3Caller } from "./s3-call.js";
import { isSayable, MAX_DELETES, parseDeletes, writeDeletes } from "./s3-documents.js";

/** Removed one by one, where a store knows no other way. */
const SINGLE_DELETES_AT_ONCE = 8;
/** An error for each of 1000 keys, with its words. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export class S3Deletes {
  private readonly caller: S3Caller;
  /** Of all keys. */
  private readonly prefix: string;
  /** Falls once, when the store says that it knows no removal of many. */
  private knowsBatch = true;

  constructor(caller: S3Caller, prefix: string) {
    this.caller = caller;
    this.prefix = prefix;
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    const isMany = keys.length > 1 && this.knowsBatch;
    const together = isMany ? keys.filter(isSayable) : [];
    for (let at = 0; at < together.length; at += MAX_DELETES) {
      const batch = together.slice(at, at + MAX_DELETES);
      if (!(await this.deleteMany(batch, signal))) return this.deleteEach(keys, signal);
    }
    await this.deleteEach(isMany ? keys.filter((key) => !isSayable(key)) : keys, signal);
  }

  /** False when the store knows no removal of many. */
  private async deleteMany(keys: readonly string[], signal?: AbortSignal): Promise<boolean> {
    const body = encodeUtf8(writeDeletes(keys.map((key) => this.prefix + key)));
    const { asked, answer } = await this.caller.call({
      action: "DELETE",
      method: "POST",
      key: keys.length === 1 ? (keys[0] as string) : `${keys[0]} and ${keys.length - 1} more`,
      path: bucketPath(this.caller.address, { delete: "" }),
      // Required by S3, and of its checksums the one that all stores know.
      headers: { "content-md5": createHash("md5").update(body).digest("base64") },
      body: [body],
      maxAnswerBytes: MAX_ANSWER_BYTES,
      signal,
    });
    if (isUnknownOperation(answer)) {
      this.knowsBatch = false;
      return false;
    }
    if (answer.status !== 200) throw refusalOf(asked, answer);
    const problems = parseDeletes(new TextDecoder().decode(answer.body));
    if (problems === undefined) throw nonsenseOf(asked, "the answer does not say what was removed");
    const [first] = problems;
    if (first === undefined) return true;
    throw new ObjectStoreError(
      failureOf(first.code === "AccessDenied" ? 403 : 500, first.code),
      `${whatOf(asked)}: ${problems.length} were not removed, the first by ${first.code}`,
    );
  }

  private async deleteEach(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    for (let at = 0; at < keys.length; at += SINGLE_DELETES_AT_ONCE) {
      const some = keys.slice(at, at + SINGLE_DELETES_AT_ONCE);
      await Promise.all(some.map((key) => this.deleteOne(key, signal)));
    }
  }

  private async deleteOne(key: string, signal?: AbortSignal): Promise<void> {
    const { asked, answer } = await this.caller.call({
      action: "DELETE",
      method: "DELETE",
      key,
      path: objectPath(this.caller.address, this.prefix + key),
      maxAnswerBytes: MAX_PROBLEM_BYTES,
      signal,
    });
    if (answer.status === 204 || answer.status === 200 || isMissing(answer)) return;
    throw refusalOf(asked, answer);
  }
}

function isUnknownOperation(answer: HttpAnswer): boolean {
  if (answer.status === 501 || answer.status === 405) return true;
  return answer.status === 400 && problemOf(answer).code === "NotImplemented";
}
