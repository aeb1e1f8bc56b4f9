import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AppendRecord,
  decodeReadBatch,
  encodeAppendInput,
  fenceRecord,
  trimRecord,
} from "../../src/index.js";
import {
  type AppendBatch,
  maxTranscodedBytes,
  openEnvelopes,
  scanAppendInput,
  sealEnvelopes,
  transcodeBatch,
} from "../../src/server.js";

const FIRST_SEQ_NUM = 300;

function stored(batch: AppendBatch): Uint8Array {
  for (let i = 0; i < batch.count; i++) batch.timestamps[i] = i * 1000;
  const out = new Uint8Array(maxTranscodedBytes(batch));
  return out.subarray(0, transcodeBatch(batch, FIRST_SEQ_NUM, out, 0));
}

/** Not a cipher, but reversible, different for each record, and longer than its input. */
function flip(bytes: Uint8Array, seqNum: number): Uint8Array {
  return bytes.map((byte) => byte ^ (seqNum & 0xff) ^ 0xa5);
}

function seal(envelope: Uint8Array, index: number): Uint8Array {
  return Uint8Array.of(7, ...flip(envelope, FIRST_SEQ_NUM + index));
}

function open(sealed: Uint8Array, seqNum: number): Uint8Array {
  return flip(sealed.subarray(1), seqNum);
}

const bytes = fc.uint8Array({ maxLength: 40 });
const ordinary: fc.Arbitrary<AppendRecord> = fc.record({
  timestamp: fc.option(fc.nat(), { nil: undefined }),
  headers: fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), bytes), {
    maxLength: 3,
  }),
  body: fc.oneof(bytes, fc.constant(new Uint8Array(20_000).fill(9))),
});
const command = fc.oneof(
  fc.string({ maxLength: 9 }).map((token) => fenceRecord(token, 5)),
  fc.nat().map((seqNum) => trimRecord(seqNum)),
);
const records = fc.array(fc.oneof({ weight: 4, arbitrary: ordinary }, command), {
  minLength: 1,
  maxLength: 20,
});

describe("envelopes", () => {
  it("come back as they were, with every fact of their batch kept", () => {
    fc.assert(
      fc.property(records, (input) => {
        const message = encodeAppendInput({ records: input, matchSeqNum: 4, fencingToken: "f" });
        const plain = scanAppendInput(message);
        const sealed = sealEnvelopes(plain, seal);
        expect(sealed.meteredBytes).toBe(plain.meteredBytes);
        expect(sealed.count).toBe(plain.count);
        expect(sealed.commands).toEqual(plain.commands);
        expect(sealed.matchSeqNum).toBe(4);
        expect(sealed.fencingToken).toBe("f");
        expect(sealed.hasClientTimestamps).toBe(plain.hasClientTimestamps);
        if (plain.hasClientTimestamps)
          expect(sealed.clientTimestamps.slice(0, plain.count)).toEqual(
            plain.clientTimestamps.slice(0, plain.count),
          );
        expect(openEnvelopes(stored(sealed), open)).toEqual(stored(plain));
      }),
    );
  });

  it("are stored as a body without headers, and commands as they are", () => {
    const input = [
      { headers: [[Uint8Array.of(1), Uint8Array.of(2)]] as const, body: Uint8Array.of(3) },
      fenceRecord("me"),
    ];
    const batch = sealEnvelopes(scanAppendInput(encodeAppendInput({ records: input })), seal);
    const [secret, fence] = decodeReadBatch(stored(batch)).records;
    expect(secret?.headers).toEqual([]);
    expect(secret?.body[0]).toBe(7);
    expect(fence).toMatchObject({ headers: fenceRecord("me").headers, seqNum: 301 });
  });

  it("make a message that scans like any other", () => {
    const input = [{ headers: [], body: Uint8Array.of(1, 2, 3) }, fenceRecord("")];
    const sealed = sealEnvelopes(scanAppendInput(encodeAppendInput({ records: input })), seal);
    const rescanned = scanAppendInput(sealed.bytes);
    expect(stored(rescanned)).toEqual(stored(sealed));
  });

  it("refuses stored bytes that were never sealed", () => {
    const plain = stored(
      scanAppendInput(encodeAppendInput({ records: [{ headers: [], body: new Uint8Array(0) }] })),
    );
    expect(() => openEnvelopes(plain, open)).toThrow("without sealed bytes");
    expect(() => openEnvelopes(Uint8Array.of(1, 2, 3), open)).toThrow("[bad_proto]");
  });
});
