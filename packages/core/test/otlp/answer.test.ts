// Answers to OTLP requests, as a codec of others reads them.

import { expect, it } from "vitest";
import { encodeOtlpResponse, encodeOtlpStatus } from "../../src/server.js";
import { decode } from "./otlp.proto.js";

const REJECTION = { count: 300, message: "ü: no such stream" };

it("says nothing when all was taken", () => {
  expect(encodeOtlpResponse("protobuf", "logs", undefined)).toHaveLength(0);
  expect(Buffer.from(encodeOtlpResponse("json", "logs", undefined)).toString()).toBe("{}");
});

it("counts what was not taken, in protobuf", () => {
  const bytes = encodeOtlpResponse("protobuf", "traces", REJECTION);
  expect(decode("Response", bytes)).toEqual({
    partialSuccess: { rejected: 300, errorMessage: REJECTION.message },
  });
});

it.each([
  ["logs", "rejectedLogRecords"],
  ["metrics", "rejectedDataPoints"],
  ["traces", "rejectedSpans"],
] as const)("counts what was not taken of %s, in JSON", (signal, name) => {
  const text = Buffer.from(encodeOtlpResponse("json", signal, REJECTION)).toString();
  expect(JSON.parse(text)).toEqual({
    partialSuccess: { [name]: "300", errorMessage: REJECTION.message },
  });
});

it("tells a failure as a Status", () => {
  expect(decode("Status", encodeOtlpStatus("authn: who?"))).toEqual({ message: "authn: who?" });
});
