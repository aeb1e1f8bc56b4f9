// HTTP/2 frames by hand, valid or not: no library would send what an attacker sends.

export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;

export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** The opening of a client: preface, settings. */
export function opening(settings: readonly (readonly [number, number])[] = []): Buffer {
  const payload = Buffer.alloc(settings.length * 6);
  settings.forEach(([id, value], at) => {
    payload.writeUInt16BE(id, at * 6);
    payload.writeUInt32BE(value, at * 6 + 2);
  });
  return Buffer.concat([PREFACE, frame(TYPE.settings, 0, 0, payload)]);
}

/** HPACK: literals without indexing, no Huffman coding. */
export function headerBlock(
  fields: readonly (readonly [string, string])[],
  isIndexed = false,
): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [
      Buffer.from([isIndexed ? 0x40 : 0x00]),
      hpackString(name),
      hpackString(value),
    ]),
  );
}

export function hpackInteger(value: number, prefixBits: number, flags = 0): Buffer {
  const max = 2 ** prefixBits - 1;
  if (value < max) return Buffer.from([flags | value]);
  const out = [flags | max];
  let rest = value - max;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  out.push(rest);
  return Buffer.from(out);
}

function hpackString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([hpackInteger(bytes.length, 7), bytes]);
}

export function requestFields(
  method: string,
  path: string,
  more: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] {
  return [
    [":method", method],
    [":scheme", "http"],
    [":authority", "localhost"],
    [":path", path],
    ...more,
  ];
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(increment);
  return frame(TYPE.windowUpdate, 0, streamId, payload);
}

export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Every whole frame in what a server sent. */
export function framesOf(received: Buffer): SeenFrame[] {
  const frames: SeenFrame[] = [];
  for (let at = 0; at + 9 <= received.length; ) {
    const end = at + 9 + received.readUIntBE(at, 3);
    if (end > received.length) break;
    frames.push({
      type: received[at + 3] as number,
      flags: received[at + 4] as number,
      streamId: received.readUInt32BE(at + 5),
      payload: received.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}

/** Error codes of the GOAWAY frames that came. */
export function goawayCodes(received: Buffer): number[] {
  return framesOf(received)
    .filter(({ type }) => type === TYPE.goaway)
    .map(({ payload }) => payload.readUInt32BE(4));
}
