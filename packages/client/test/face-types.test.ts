// What the types promise: formats decide what bodies are, options that exclude each other do not compile.
// The compiler checks this file; running it only proves that it is compiled.

import { expectTypeOf, it } from "vitest";
import type { S2 as WebS2 } from "../src/index.js";
import type {
  AppendSession,
  BatchSubmitTicket,
  S2 as NodeS2,
  ReadBatch,
  ReadInput,
  ReadRecord,
  ReadSession,
  S2Base,
  S2Stream,
} from "../src/index.node.js";

declare const stream: S2Stream;

it("formats decide what bodies and headers are", () => {
  expectTypeOf<ReturnType<typeof read>>().toEqualTypeOf<Promise<ReadBatch<"string">>>();
  expectTypeOf<ReadRecord["body"]>().toEqualTypeOf<string>();
  expectTypeOf<ReadRecord<"bytes">["body"]>().toEqualTypeOf<Uint8Array>();
  expectTypeOf<ReadRecord<"bytes">["headers"][number]>().toEqualTypeOf<
    readonly [name: Uint8Array, value: Uint8Array]
  >();
  expectTypeOf<ReturnType<typeof readBytes>>().toEqualTypeOf<Promise<ReadSession<"bytes">>>();
});

it("sessions are what they can be used as", () => {
  expectTypeOf<AppendSession>().toExtend<AsyncDisposable>();
  expectTypeOf<AppendSession>().toExtend<ReadableWritablePair>();
  expectTypeOf<ReadSession>().toExtend<AsyncIterable<ReadRecord>>();
  expectTypeOf<ReturnType<AppendSession["trySubmit"]>>().toEqualTypeOf<
    BatchSubmitTicket | undefined
  >();
});

it("a start is one of three", () => {
  // @ts-expect-error two starts at once
  const wrong: ReadInput = { start: { from: { seqNum: 1, from: 2 } } };
  expectTypeOf(wrong).toExtend<ReadInput>();
});

it("both clients are the same to whoever takes one", () => {
  expectTypeOf<WebS2>().toExtend<S2Base>();
  expectTypeOf<NodeS2>().toExtend<S2Base>();
});

function read(): Promise<ReadBatch> {
  return stream.read();
}

function readBytes() {
  return stream.readSession({}, { as: "bytes" });
}
