// A walk asks one server and holds each answer to the status and code that it expects.

import { expect } from "vitest";
import type { Answer, CallOptions } from "../support/test-server.js";
import type { Recorder } from "./recorder.js";

export interface Walk {
  readonly url: string;
  readonly recorder: Recorder;
}

/** Asks, and expects a status or a code. */
export async function ask(
  { url, recorder }: Walk,
  expected: number | string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const answer = await recorder.call(url, method, path, options);
  const got = typeof expected === "number" ? answer.status : answer.json?.code;
  expect(got, `${method} ${path}: ${answer.text}`).toBe(expected);
  return answer;
}

export const json = (value: unknown): CallOptions => ({ json: value });
