// One request to an S3-compatible store: credentials, signature, connection, and the answer as it
// is. What the answer means is for `s3-answer` and for whoever asked.

import type { Clock } from "@s2kit/core";
import type { Credentials } from "../credentials/credentials.js";
import { ObjectStoreError } from "../object-store.js";
import { type HttpAnswer, type HttpRequest, SendError, type Sender } from "../wire/send.js";
import { BucketClock } from "./bucket-clock.js";
import { addressOf, type S3Address } from "./s3-address.js";
import { type Asked, failureOf, problemOf } from "./s3-answer.js";
import type { S3Settings } from "./s3-settings.js";
import {
  EMPTY_PAYLOAD_HASH,
  payloadHashOf,
  signRequest,
  UNSIGNED_PAYLOAD,
} from "./sign-request.js";

export interface S3Components {
  readonly clock: Clock;
  readonly sender: Sender;
  readonly credentials: CredentialHolder;
}

/** Who has the credentials in force. */
export interface CredentialHolder {
  /** @throws {CredentialsError} when there are none */
  current(): Promise<Credentials>;
  /** The store refused these: they are not given again while there may be others. */
  refused(credentials: Credentials): void;
}

const MIB = 1024 * 1024;
/** What a whole object or a page is expected to be at most, when its time is measured out. */
const USUAL_ANSWER_BYTES = 8 * MIB;

export interface S3Call extends Pick<HttpRequest, "method" | "path" | "maxAnswerBytes"> {
  /** For messages, as `key` is. */
  readonly action: string;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  readonly signal: AbortSignal | undefined;
}

export interface S3Answered {
  readonly asked: Asked;
  readonly answer: HttpAnswer;
}

export class S3Caller {
  readonly address: S3Address;
  /** What the store's answers tell of its clock. */
  readonly bucketClock: BucketClock = new BucketClock();
  private readonly settings: S3Settings;
  private readonly components: S3Components;

  constructor(settings: S3Settings, components: S3Components) {
    this.settings = settings;
    this.components = components;
    this.address = addressOf(settings);
  }

  /**
   * One attempt: signs, sends, and takes the answer as it is.
   *
   * @throws {ObjectStoreError} when there are no credentials, or no answer
   */
  async call({ action, key, headers = {}, signal, ...rest }: S3Call): Promise<S3Answered> {
    const { clock, sender, credentials } = this.components;
    const { region, attemptMs } = this.settings;
    const inForce = await this.credentialsFor(`${action} ${key}`);
    const signedAtMs = clock.now();
    const asked: Asked = { action, key, signedAtMs, region };
    const payloadHash = this.payloadHashFor(rest.body);
    const { host, origin } = this.address;
    const unsigned = { method: rest.method, host, path: rest.path, headers, region, payloadHash };
    const signed = signRequest(unsigned, inForce, signedAtMs);
    const deadlineMs = Math.ceil(attemptMs + (travelBytes(rest) / MIB) * 1000);
    try {
      const answer = await sender.send({ ...rest, headers: signed, origin, deadlineMs }, signal);
      this.bucketClock.note(answer.headers.date, signedAtMs, clock.now());
      if (isRefused(answer)) credentials.refused(inForce);
      return { asked, answer };
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      throw new ObjectStoreError("unknown", `${action} ${key} ${error.message}`, { cause: error });
    }
  }

  private async credentialsFor(what: string): Promise<Credentials> {
    try {
      return await this.components.credentials.current();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ObjectStoreError("denied", `${what}: ${reason}`, { cause: error });
    }
  }

  private payloadHashFor(body: readonly Uint8Array[] | undefined): string {
    if (body === undefined) return EMPTY_PAYLOAD_HASH;
    return this.settings.payload === "unsigned" ? UNSIGNED_PAYLOAD : payloadHashOf(body);
  }
}

/** What of a request and its answer takes time by its size. */
function travelBytes({ body, maxAnswerBytes }: Pick<S3Call, "body" | "maxAnswerBytes">): number {
  if (body === undefined) return Math.min(maxAnswerBytes, USUAL_ANSWER_BYTES);
  return body.reduce((sum, { length }) => sum + length, 0);
}

function isRefused(answer: HttpAnswer): boolean {
  const { status } = answer;
  if (status !== 400 && status !== 401 && status !== 403) return false;
  return failureOf(status, problemOf(answer).code) === "denied";
}
