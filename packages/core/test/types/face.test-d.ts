// Types of the public face: what must compile, and what must not.

import { assertType, describe, expectTypeOf, it } from "vitest";
import {
  type AccessTokenScope,
  type BasinReconfiguration,
  type Metric,
  type ResolvedStreamConfig,
  type ResourceSet,
  resolveStreamConfig,
  type StreamConfig,
  type StreamReconfiguration,
} from "../../src/control.js";
import {
  type BasinSpec,
  parseResourceSpec,
  type SpecMistake,
} from "../../src/declarative/index.js";
import {
  type AppendInput,
  type AppendRecord,
  type BasinName,
  type Clock,
  type Command,
  createFrameDecoder,
  type ErrorCode,
  errorFromWire,
  type Frame,
  fenceRecord,
  type Header,
  type LastEventId,
  matchRoute,
  OPERATIONS,
  type Operation,
  parseBasinName,
  parseStreamName,
  type ReadBatch,
  type ReadFrom,
  type Result,
  ROUTES,
  type RouteName,
  S2Error,
  SeqNumMismatchError,
  type ServerErrorCode,
  type StreamName,
  statusOf,
  systemClock,
} from "../../src/index.js";
import { scanAppendInput, transcodeBatch } from "../../src/server.js";
import { createSseParser, decodeReadEvent, type ReadEvent } from "../../src/sse.js";
import { createSimulatedClock, type SimulatedClock } from "../../src/testing/index.js";

const NO_BYTES = new Uint8Array(0);

describe("names", () => {
  it("are strings, but strings are not names until they are parsed", () => {
    expectTypeOf<BasinName>().toExtend<string>();
    expectTypeOf<string>().not.toExtend<BasinName>();
    expectTypeOf<BasinName>().not.toExtend<StreamName>();
    expectTypeOf(parseBasinName("my-basin-1")).toEqualTypeOf<BasinName>();
    expectTypeOf(parseStreamName("s", "bad_path")).toEqualTypeOf<StreamName>();
    // @ts-expect-error not a code
    parseStreamName("s", "no_such_code");
  });
});

describe("records", () => {
  it("are read-only values of bytes", () => {
    expectTypeOf<Header[0]>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<ReadBatch["records"][number]["seqNum"]>().toEqualTypeOf<number>();
    expectTypeOf<ReadBatch["tail"]>().toExtend<{ readonly seqNum: number } | undefined>();
    const record: AppendRecord = { headers: [], body: NO_BYTES };
    // @ts-expect-error read-only
    record.body = NO_BYTES;
    // @ts-expect-error text is not bytes
    assertType<AppendRecord>({ headers: [], body: "text" });
    // @ts-expect-error a header is a pair
    assertType<AppendRecord>({ headers: [[NO_BYTES]], body: NO_BYTES });
    assertType<AppendInput>({ records: [record, fenceRecord("t")], matchSeqNum: undefined });
    // @ts-expect-error positions are numbers
    assertType<AppendInput>({ records: [], matchSeqNum: 1n });
  });

  it("of commands are told apart by their kind", () => {
    expectTypeOf<Command["kind"]>().toEqualTypeOf<"fence" | "trim">();
    expectTypeOf<Extract<Command, { kind: "fence" }>["token"]>().toEqualTypeOf<string>();
    expectTypeOf<Extract<Command, { kind: "trim" }>["seqNum"]>().toEqualTypeOf<number>();
  });
});

describe("configurations", () => {
  it("know absent, null and value in a patch, and nothing missing when resolved", () => {
    assertType<StreamReconfiguration>({ storageClass: null, timestamping: { mode: null } });
    assertType<BasinReconfiguration>({ defaultStreamConfig: null, streamCipher: null });
    // @ts-expect-error null clears only in a patch
    assertType<StreamConfig>({ storageClass: null });
    // @ts-expect-error one policy or the other
    assertType<StreamConfig>({ retentionPolicy: { ageSecs: 1, infinite: 1 } });
    // Locations may have classes of their own.
    assertType<StreamConfig>({ storageClass: "glacier" });
    expectTypeOf(resolveStreamConfig()).toEqualTypeOf<ResolvedStreamConfig>();
    expectTypeOf<ResolvedStreamConfig>().toExtend<StreamConfig>();
    expectTypeOf<ResolvedStreamConfig["deleteOnEmpty"]["minAgeSecs"]>().toEqualTypeOf<number>();
  });
});

describe("resource specs", () => {
  it("are a list of basins, or every mistake", () => {
    expectTypeOf(parseResourceSpec("{}")).toEqualTypeOf<
      Result<readonly BasinSpec[], readonly SpecMistake[]>
    >();
    expectTypeOf<BasinSpec["streams"][number]["config"]>().toEqualTypeOf<StreamConfig>();
  });
});

describe("errors", () => {
  it("carry a code of the closed table, and narrow by class", () => {
    const error = errorFromWire(412, "{}");
    expectTypeOf(error).toEqualTypeOf<S2Error>();
    expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
    expectTypeOf<ServerErrorCode>().toExtend<ErrorCode>();
    expectTypeOf<string>().not.toExtend<ErrorCode>();
    expectTypeOf(statusOf).parameter(0).toEqualTypeOf<ErrorCode>();
    const caught: unknown = error;
    if (caught instanceof SeqNumMismatchError)
      expectTypeOf(caught.expectedSeqNum).toEqualTypeOf<number>();
    // @ts-expect-error not in the table
    assertType<S2Error>(new S2Error({ code: "oops", message: "x" }));
    // @ts-expect-error a message is required
    assertType<S2Error>(new S2Error({ code: "other" }));
  });

  it("are values in a result", () => {
    const narrow = (result: Result<number>): void => {
      if (result.ok) expectTypeOf(result.value).toEqualTypeOf<number>();
      else expectTypeOf(result.error).toEqualTypeOf<S2Error>();
    };
    expectTypeOf(narrow).parameter(0).toEqualTypeOf<Result<number, S2Error>>();
  });
});

describe("routes", () => {
  it("are one table, keyed by every name", () => {
    expectTypeOf<keyof typeof ROUTES>().toEqualTypeOf<RouteName>();
    expectTypeOf<Operation>().toEqualTypeOf<(typeof OPERATIONS)[number]>();
    const match = matchRoute("GET", "/v1/basins");
    if (match.kind === "route") expectTypeOf(match.name).toEqualTypeOf<RouteName>();
    // @ts-expect-error only a route has a name
    assertType<string>(match.name);
  });
});

describe("sessions", () => {
  it("decode into unions that narrow by kind", () => {
    const decoder = createFrameDecoder();
    expectTypeOf(decoder.next()).toEqualTypeOf<Frame | undefined>();
    const narrow = (frame: Frame): void => {
      if (frame.kind === "terminal") expectTypeOf(frame.status).toEqualTypeOf<number>();
      else expectTypeOf(frame.body).toEqualTypeOf<Uint8Array>();
    };
    expectTypeOf(narrow).returns.toEqualTypeOf<void>();
    expectTypeOf(createSseParser).parameter(0).toEqualTypeOf<number | undefined>();
    expectTypeOf(decodeReadEvent).returns.toEqualTypeOf<ReadEvent | undefined>();
    expectTypeOf<Extract<ReadEvent, { kind: "batch" }>["id"]>().toEqualTypeOf<
      LastEventId | undefined
    >();
  });

  it("scan into a batch that transcoding takes", () => {
    expectTypeOf(scanAppendInput).returns.toEqualTypeOf<Parameters<typeof transcodeBatch>[0]>();
  });
});

describe("choices", () => {
  it("have exactly one form", () => {
    assertType<ReadFrom>({ seqNum: 1 });
    assertType<ResourceSet>({ prefix: "" });
    assertType<AccessTokenScope>({ ops: ["read"] });
    // @ts-expect-error no such operation
    assertType<AccessTokenScope>({ ops: ["fly"] });
    // @ts-expect-error one of the three
    assertType<ReadFrom>({});
    expectTypeOf<Metric["kind"]>().toEqualTypeOf<"scalar" | "accumulation" | "gauge" | "label">();
  });
});

describe("clocks", () => {
  it("of the system and of tests are interchangeable", () => {
    expectTypeOf(systemClock).toExtend<Clock>();
    expectTypeOf<SimulatedClock>().toExtend<Clock>();
    expectTypeOf(createSimulatedClock()).toEqualTypeOf<SimulatedClock>();
  });
});
