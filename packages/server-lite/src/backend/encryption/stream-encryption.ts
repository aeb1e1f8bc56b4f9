// Encryption of one stream under the key of one request: seals the ordinary records of an append,
// opens those of a read. Command records stay plain, because the server acts on them.
//
//     sealed record   format 1 | nonce 12 or 32 | ciphertext | tag 16      format 1 aegis-256, 2 aes-256-gcm
//     associated data "s2kit.record.1" 00 basin 00 stream-id 8 | seqNum 8 | stream
//
// The associated data binds a record to its place: it opens nowhere else, not in another stream and
// not at another seqNum. Nothing here keeps or prints a key. Spec: data-plane#encryption.

import { encodeUtf8, type Random, S2Error } from "@s2kit/core";
import { type StreamCipher } from "@s2kit/core/control";
import { type AppendBatch, openEnvelopes, sealEnvelopes } from "@s2kit/core/server";
import type { StoredBatch, StreamId } from "../../storage/storage.js";
import { CIPHER_TAG_BYTES, createRecordCipher, type RecordCipher } from "./cipher.js";
import { decodeEncryptionKey } from "./encryption-key.js";

export interface EncryptedStream {
  readonly basin: string;
  readonly stream: string;
  readonly streamId: StreamId;
  readonly cipher: StreamCipher;
}

export interface StreamEncryption {
  /**
   * The batch as it may be stored. Its metered sizes stay those of the plaintext.
   *
   * @param firstSeqNum - what its first record gets: call it in the turn that sequences the batch
   * @returns borrowed until the next call
   */
  encrypt(batch: AppendBatch, firstSeqNum: number): AppendBatch;
  /**
   * @throws {S2Error} `decryption_failed` when the key is not the one that it was written with,
   *   `storage` when the records were written under another cipher
   */
  decrypt(stored: StoredBatch): StoredBatch;
}

/**
 * @param key - the trimmed header of the request
 * @throws {S2Error} `bad_header` when the key is missing or unusable
 */
export async function openStreamEncryption(
  target: EncryptedStream,
  key: string | undefined,
  random: Random,
): Promise<StreamEncryption> {
  const secret = decodeEncryptionKey(target.cipher, key);
  const cipher = await createRecordCipher(target.cipher, secret);
  secret.fill(0);
  return new CipherEncryption(target, cipher, random);
}

const FORMATS: Readonly<Record<StreamCipher, number>> = { "aegis-256": 1, "aes-256-gcm": 2 };

class CipherEncryption implements StreamEncryption {
  private readonly cipher: RecordCipher;
  private readonly random: Random;
  private readonly format: number;
  private readonly place: Place;
  private sealed: AppendBatch | undefined = undefined;

  constructor(target: EncryptedStream, cipher: RecordCipher, random: Random) {
    this.cipher = cipher;
    this.random = random;
    this.format = FORMATS[cipher.name];
    this.place = new Place(target);
  }

  encrypt(batch: AppendBatch, firstSeqNum: number): AppendBatch {
    const { cipher, format } = this;
    // One draw for the batch: asking the system for each record costs as much as sealing it.
    const nonces = this.random.bytes(batch.count * cipher.nonceBytes);
    const seal = (envelope: Uint8Array, index: number): Uint8Array => {
      const nonce = nonces.subarray(index * cipher.nonceBytes, (index + 1) * cipher.nonceBytes);
      const content = cipher.seal(envelope, nonce, this.place.at(firstSeqNum + index));
      const record = new Uint8Array(1 + nonce.length + content.length);
      record[0] = format;
      record.set(nonce, 1);
      record.set(content, 1 + nonce.length);
      return record;
    };
    this.sealed = sealEnvelopes(batch, seal, this.sealed);
    return this.sealed;
  }

  decrypt(stored: StoredBatch): StoredBatch {
    try {
      const bytes = openEnvelopes(stored.bytes, (record, seqNum) => this.open(record, seqNum));
      return { ...stored, bytes };
    } catch (error) {
      const failure = S2Error.from(error);
      if (failure.code === "decryption_failed" || failure.code === "storage") throw failure;
      throw new S2Error({ code: "storage", message: failure.rawMessage, cause: error });
    }
  }

  private open(record: Uint8Array, seqNum: number): Uint8Array {
    const contentAt = 1 + this.cipher.nonceBytes;
    if (record[0] !== this.format || record.length < contentAt + CIPHER_TAG_BYTES)
      throw new S2Error({
        code: "storage",
        message: `record is not stored under the stream's cipher cipher=${this.cipher.name} seqNum=${seqNum}`,
      });
    const nonce = record.subarray(1, contentAt);
    const envelope = this.cipher.open(record.subarray(contentAt), nonce, this.place.at(seqNum));
    if (envelope !== undefined) return envelope;
    throw new S2Error({
      code: "decryption_failed",
      message: `record decryption failed: wrong encryption key, or a damaged record seqNum=${seqNum}`,
    });
  }
}

/** The associated data of a stream's records; only the seqNum changes between them. */
class Place {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly seqNumAt: number;

  constructor({ basin, stream, streamId }: EncryptedStream) {
    const head = encodeUtf8(`s2kit.record.1\0${basin}\0`);
    const name = encodeUtf8(stream);
    this.bytes = new Uint8Array(head.length + 16 + name.length);
    this.view = new DataView(this.bytes.buffer);
    this.bytes.set(head);
    this.view.setBigUint64(head.length, BigInt(streamId));
    this.seqNumAt = head.length + 8;
    this.bytes.set(name, head.length + 16);
  }

  /** The associated data of a record; the bytes are borrowed until the next call. */
  at(seqNum: number): Uint8Array {
    this.view.setUint32(this.seqNumAt, Math.floor(seqNum / 2 ** 32));
    this.view.setUint32(this.seqNumAt + 4, seqNum >>> 0);
    return this.bytes;
  }
}
