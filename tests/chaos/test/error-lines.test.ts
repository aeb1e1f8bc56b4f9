// Which lines of a server's log break a run, in pieces as a pipe brings them.

import { describe, expect, it } from "vitest";
import { ErrorLines, errorIn } from "../src/server/error-lines.ts";

const request = {
  time: "2026-01-01T00:00:00.000Z",
  level: "info",
  status: 200,
  message: "request",
};

describe("a line of the log", () => {
  it.each([
    ["a request", request],
    [
      "a refusal while it drains",
      { ...request, level: "warn", status: 503, code: "server_draining" },
    ],
    ["a notice", { level: "warn", lines: 3, message: "log lines were dropped" }],
    ["a request by pino", { level: 30, msg: "request" }],
  ])("says nothing of errors: %s", (_, line) => {
    expect(errorIn(JSON.stringify(line))).toBeUndefined();
  });

  it.each([
    ["an error", { level: "error", err: { message: "x" }, message: "background work failed" }],
    ["an error by pino", { level: 50, msg: "background work failed" }],
    ["an answer that blames the server", { ...request, level: "warn", status: 500 }],
    ["what is no line of the log", { error: "the storage failed" }],
  ])("tells an error: %s", (_, line) => {
    expect(errorIn(JSON.stringify(line))).toBe(JSON.stringify(line));
  });

  it("tells what is no JSON, such as a warning of the platform", () => {
    expect(errorIn("(node:7) MaxListenersExceededWarning: leak")).toContain("MaxListeners");
    for (const line of ["", "draining; once more to leave at once"])
      expect(errorIn(line)).toBeUndefined();
  });
});

describe("the log of a life", () => {
  it("is judged line by line, however it comes", () => {
    const lines = new ErrorLines();
    const text = `${JSON.stringify(request)}\n{"level":"error","message":"one"}\nplain\n`;
    const told = text.split("").flatMap((char) => lines.push(char));
    expect(told).toEqual(['{"level":"error","message":"one"}', "plain"]);
    expect(new ErrorLines().push(text)).toEqual(told);
  });

  it("says nothing by the half line of one that was killed", () => {
    expect(new ErrorLines().push('{"level":"err')).toEqual([]);
  });
});
