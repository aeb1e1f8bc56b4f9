// What cases say about answers. A mismatch tells what was asked, what was expected and what came;
// all expectations of the suites end here.

import { inspect, isDeepStrictEqual } from "node:util";
import type { Answer } from "./probe/http.js";

/** The server did otherwise than the specification says. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

/** The case cannot run here; the reason is told in the report. */
export class Skip extends Error {
  override readonly name = "Skip";
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected))
    throw new Mismatch(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

export function ok(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Mismatch(what);
}

/** Each key of `expected` is in `actual` with an equal value, into nested objects. */
export function includes(actual: unknown, expected: object, what: string): void {
  for (const [key, value] of Object.entries(expected)) {
    const found =
      typeof actual === "object" && actual !== null
        ? (actual as Record<string, unknown>)[key]
        : undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      includes(found, value as object, `${what}.${key}`);
    else equal(found, value, `${what}.${key}`);
  }
}

export function status(answer: Answer, expected: number, what: string = answer.asked): Answer {
  if (answer.status !== expected)
    throw new Mismatch(
      `${what}: expected status ${expected}, got ${answer.status} ${short(answer.text)}`,
    );
  return answer;
}

/** Status, code, and the form that every error has. Spec: control-plane#error-body. */
export function refused(
  answer: Answer,
  expected: number,
  code: string,
  what: string = answer.asked,
): Answer {
  status(answer, expected, what);
  const { json } = answer;
  ok(
    typeof json === "object" && json !== null,
    `${what}: the error is no JSON object: ${short(answer.text)}`,
  );
  equal(json.code, code, `${what}: code`);
  ok(typeof json.message === "string" && json.message !== "", `${what}: error without a message`);
  ok(
    /^application\/json\b/.test(answer.headers["content-type"] ?? ""),
    `${what}: error of type ${answer.headers["content-type"]}`,
  );
  return answer;
}

export function matches(text: string, pattern: RegExp, what: string): void {
  if (!pattern.test(text))
    throw new Mismatch(`${what}: ${short(text)} does not match ${String(pattern)}`);
}

export function show(value: unknown): string {
  return short(
    inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200 }),
  );
}

export function short(text: string): string {
  return text.length <= 600 ? text : `${text.slice(0, 600)}… (${text.length} characters)`;
}
