import {
  type AppendRecord,
  decodeReadBatch,
  encodeAppendInput,
  encodeBase64,
  fenceRecord,
  type Random,
  type S2Error,
  seededRandom,
  systemRandom,
  trimRecord,
} from "@s2kit/core";
import { type StreamCipher } from "@s2kit/core/control";
import { maxTranscodedBytes, scanAppendInput, transcodeBatch } from "@s2kit/core/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type EncryptedStream,
  openStreamEncryption,
} from "../../../src/backend/encryption/stream-encryption.js";
import { createMemoryStorage } from "../../../src/storage/memory/memory.js";
import type { Storage, StoredBatch } from "../../../src/storage/storage.js";

const CIPHERS: readonly StreamCipher[] = ["aegis-256", "aes-256-gcm"];
const KEY = encodeBase64(new Uint8Array(32).fill(7));
const OTHER_KEY = encodeBase64(new Uint8Array(32).fill(8));
const random: Random = systemRandom;

function target(cipher: StreamCipher, changes: Partial<EncryptedStream> = {}): EncryptedStream {
  return { basin: "test-basin", stream: "a", streamId: 1, cipher, ...changes };
}

function record(text: string): AppendRecord {
  return { headers: [[Buffer.from("kind"), Buffer.from("x")]], body: Buffer.from(text) };
}

interface StoreOptions {
  readonly stream: EncryptedStream;
  readonly records: readonly AppendRecord[];
  readonly storage?: Storage;
  readonly random?: Random;
}

/** Encrypts and stores a batch the way the server does. */
async function store(options: StoreOptions): Promise<StoredBatch> {
  const storage = options.storage ?? createMemoryStorage();
  const { streamId } = options.stream;
  if (storage.streamState(streamId) === undefined)
    storage.commit([{ kind: "create-stream", streamId, writtenMs: 0 }]);
  const firstSeqNum = storage.streamState(streamId)?.tail.seqNum ?? 0;
  const encryption = await openStreamEncryption(options.stream, KEY, options.random ?? random);
  const plain = scanAppendInput(encodeAppendInput({ records: options.records }));
  const batch = encryption.encrypt(plain, firstSeqNum);
  batch.timestamps.fill(1000, 0, batch.count);
  const { stored } = storage.commit([
    { kind: "append", streamId, batch, firstSeqNum, writtenMs: 0 },
  ]);
  return stored[0] as StoredBatch;
}

async function failureOf(promise: Promise<unknown>): Promise<S2Error> {
  return promise.then(
    () => expect.unreachable("must fail"),
    (error: unknown) => error as S2Error,
  );
}

describe.each(CIPHERS)("encryption by %s", (cipher) => {
  it("gives a reader with the key what was appended", async () => {
    const records = fc.array(
      fc.record({
        headers: fc.array(
          fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.uint8Array({ maxLength: 9 })),
          { maxLength: 3 },
        ),
        body: fc.uint8Array({ maxLength: 100 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    const stream = target(cipher);
    await fc.assert(
      fc.asyncProperty(records, async (input) => {
        const stored = await store({ stream, records: input });
        const { decrypt } = await reader(stream);
        expect(decodeReadBatch(decrypt(stored).bytes).records).toEqual(
          input.map((each, index) => ({ ...each, seqNum: index, timestamp: 1000 })),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("stores nothing readable of ordinary records, and commands as they are", async () => {
    const stream = target(cipher);
    const trim = trimRecord(0);
    const stored = await store({
      stream,
      records: [record("top secret"), fenceRecord("writer-1"), trim, record("")],
    });
    const text = Buffer.from(stored.bytes).toString("latin1");
    expect(text).not.toContain("top secret");
    expect(text).not.toContain("kind");
    const [, fence, storedTrim] = decodeReadBatch(stored.bytes).records;
    expect(fence?.headers).toEqual(fenceRecord("writer-1").headers);
    expect(Buffer.from(fence?.body ?? []).toString()).toBe("writer-1");
    expect(storedTrim?.body).toEqual(trim.body);
    const { decrypt } = await reader(stream);
    expect(decodeReadBatch(decrypt(stored).bytes).records.map(({ body }) => body.length)).toEqual([
      10, 8, 8, 0,
    ]);
  });

  it("keeps the metered size of the plaintext", async () => {
    const records = [record("hello"), fenceRecord("f")];
    const plain = scanAppendInput(encodeAppendInput({ records })).meteredBytes;
    const stored = await store({ stream: target(cipher), records });
    expect(stored.meteredBytes).toBe(plain);
    const { decrypt } = await reader(target(cipher));
    expect(decrypt(stored).meteredBytes).toBe(plain);
  });

  it("seals equal records differently", async () => {
    const stored = await store({
      stream: target(cipher),
      records: Array.from({ length: 50 }, () => record("same")),
    });
    const bodies = decodeReadBatch(stored.bytes).records.map(({ body }) => encodeBase64(body));
    expect(new Set(bodies).size).toBe(50);
  });

  it("fails with decryption_failed under another key, and names no key", async () => {
    const stored = await store({ stream: target(cipher), records: [record("x")] });
    const { decrypt } = await reader(target(cipher), OTHER_KEY);
    expect(() => decrypt(stored)).toThrow(/^\[decryption_failed\] record decryption failed/);
    try {
      decrypt(stored);
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(OTHER_KEY);
    }
  });

  it("binds a record to its basin, stream, store id and seqNum", async () => {
    const storage = createMemoryStorage();
    const stream = target(cipher);
    await store({ stream, storage, records: [record("one")] });
    const second = await store({ stream, storage, records: [record("two")] });
    for (const change of [{ basin: "other-basin" }, { stream: "b" }, { streamId: 2 }]) {
      const { decrypt } = await reader(target(cipher, change));
      expect(() => decrypt(second)).toThrow("[decryption_failed]");
    }
    const { decrypt } = await reader(stream);
    expect(decrypt(second).firstSeqNum).toBe(1);
    const moved = second.bytes.slice();
    moved[moved.indexOf(0x08) + 1] = 0x02;
    expect(() => decrypt({ ...second, bytes: moved })).toThrow("[decryption_failed]");
  });

  it("binds a record to all of its seqNum, beyond 32 bits too", async () => {
    const encryption = await openStreamEncryption(target(cipher), KEY, random);
    const decrypt = (stored: StoredBatch): StoredBatch => encryption.decrypt(stored);
    const plain = scanAppendInput(encodeAppendInput({ records: [record("far")] }));
    const at = 2 ** 32 + 5;
    const placed = (firstSeqNum: number): StoredBatch => {
      const sealed = encryption.encrypt(plain, at);
      sealed.timestamps.fill(1000, 0, 1);
      const bytes = new Uint8Array(maxTranscodedBytes(sealed));
      const end = transcodeBatch(sealed, firstSeqNum, bytes, 0);
      return {
        firstSeqNum,
        count: 1,
        meteredBytes: plain.meteredBytes,
        firstTimestamp: 1000,
        lastTimestamp: 1000,
        writtenMs: 0,
        bytes: bytes.subarray(0, end),
      };
    };
    const [opened] = decodeReadBatch(decrypt(placed(at)).bytes).records;
    expect(Buffer.from(opened?.body ?? []).toString()).toBe("far");
    for (const elsewhere of [5, at + 2 ** 32, at + 1])
      expect(() => decrypt(placed(elsewhere))).toThrow("[decryption_failed]");
  });

  it("fails for every flipped bit of a sealed record", async () => {
    const stream = target(cipher);
    const stored = await store({ stream, records: [record("x")], random: seededRandom(1) });
    const { decrypt } = await reader(stream);
    const { body } = decodeReadBatch(stored.bytes).records[0] as { body: Uint8Array };
    for (let at = stored.bytes.length - body.length; at < stored.bytes.length; at++) {
      const damaged = stored.bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 1;
      expect(() => decrypt({ ...stored, bytes: damaged })).toThrow(
        /\[(decryption_failed|storage)\]/,
      );
    }
  });

  it("never fails with anything but its two errors, whatever the store gives it", async () => {
    const stream = target(cipher);
    const stored = await store({ stream, records: [record("x"), fenceRecord("f"), record("y")] });
    const { decrypt } = await reader(stream);
    const damage = fc.array(
      fc.tuple(fc.nat(stored.bytes.length - 1), fc.integer({ min: 0, max: 255 })),
      { minLength: 1, maxLength: 4 },
    );
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      damage.map((changes) => {
        const bytes = stored.bytes.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      }),
      fc.nat(stored.bytes.length).map((length) => stored.bytes.slice(0, length)),
    );
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          decrypt({ ...stored, bytes });
        } catch (error) {
          expect((error as S2Error).message).toMatch(/^\[(decryption_failed|storage)\]/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuses records of another cipher and damaged bytes as a storage failure", async () => {
    const other = cipher === "aegis-256" ? "aes-256-gcm" : "aegis-256";
    const stored = await store({ stream: target(other), records: [record("x")] });
    const { decrypt } = await reader(target(cipher));
    expect(() => decrypt(stored)).toThrow("[storage]");
    expect(() => decrypt({ ...stored, bytes: Uint8Array.of(1, 2, 3) })).toThrow("[storage]");
  });

  it("needs a key of 32 bytes in base64", async () => {
    const missing = await failureOf(openStreamEncryption(target(cipher), undefined, random));
    expect(missing).toMatchObject({
      code: "bad_header",
      rawMessage: `missing encryption key for stream cipher '${cipher}'`,
    });
    const noBase64 = await failureOf(openStreamEncryption(target(cipher), "%%secret%%", random));
    expect(noBase64).toMatchObject({ code: "bad_header" });
    expect(noBase64.message).toContain("invalid base64");
    expect(noBase64.message).not.toContain("secret");
    const short = await failureOf(openStreamEncryption(target(cipher), "QUJD", random));
    expect(short).toMatchObject({ code: "bad_header" });
    expect(short.message).toContain("invalid encryption key length");
  });
});

async function reader(
  stream: EncryptedStream,
  key: string = KEY,
): Promise<{ decrypt: (stored: StoredBatch) => StoredBatch }> {
  const encryption = await openStreamEncryption(stream, key, random);
  return { decrypt: (stored) => encryption.decrypt(stored) };
}
