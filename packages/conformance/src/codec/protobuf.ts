// The bytes of protobuf, by hand and on their own: fields with varints and lengths, nothing more.
// Kept apart from the codecs of s2kit, so that a mistake there cannot hide here.

export interface Field {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** Reads all fields of a message; throws when the bytes are no message. */
export function decodeFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("protobuf ends within a varint");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error("protobuf varint is longer than 10 bytes");
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (wire === 0) {
      fields.push({ number, value: varint() });
    } else if (wire === 2) {
      const length = Number(varint());
      if (at + length > bytes.length) throw new Error("protobuf ends within a field");
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else {
      throw new Error(`protobuf wire type ${wire} is in no message of S2`);
    }
  }
  return fields;
}

export function varintOf(value: bigint | number): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left > 0n ? low | 0x80 : low);
  } while (left > 0n);
  return bytes;
}

export function numberField(number: number, value: bigint | number): Uint8Array {
  return Uint8Array.from([(number << 3) | 0, ...varintOf(value)]);
}

export function bytesField(number: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([(number << 3) | 2, ...varintOf(value.length)]), value]);
}
