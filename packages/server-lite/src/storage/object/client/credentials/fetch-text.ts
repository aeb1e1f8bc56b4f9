// Small answers over HTTP for those who look for credentials. Bounded in time and size, no
// redirects: an answer from elsewhere must not become a key.

import { encodeUtf8 } from "@s2kit/core";
import { SendError, type Sender } from "../wire/send.js";
import { CredentialsError } from "./credentials.js";

export interface FetchRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: 5 s */
  readonly deadlineMs?: number;
}

export interface FetchedText {
  readonly status: number;
  readonly text: string;
}

/** @throws {CredentialsError} when there is no answer */
export type Fetch = (request: FetchRequest) => Promise<FetchedText>;

const MAX_ANSWER_BYTES = 64 * 1024;

export function fetchThrough(sender: Sender): Fetch {
  return async ({ method, url, headers = {}, body, deadlineMs = 5000 }) => {
    const origin = new URL(url);
    try {
      const { status, body: answer } = await sender.send({
        method,
        origin,
        path: `${origin.pathname}${origin.search}`,
        headers,
        ...(body === undefined ? {} : { body: [encodeUtf8(body)] }),
        deadlineMs,
        maxAnswerBytes: MAX_ANSWER_BYTES,
      });
      return { status, text: new TextDecoder().decode(answer) };
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      throw new CredentialsError(`${origin.origin} ${error.message}`, { cause: error });
    }
  };
}
