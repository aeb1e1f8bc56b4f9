// What goes to many exchanges alike: its bytes are made once, and so is what a kind of carrier puts
// around them. There is room beside the bytes, so that a frame and its content can be one buffer.

/** Enough for the head of a chunk of HTTP/1.1: eight digits and a line break. */
export const HEAD_ROOM_BYTES = 10;
export const TAIL_ROOM_BYTES = 2;

export class SharedOutput {
  /** What every exchange gets, in order. Must not change once one has got it. */
  readonly parts: readonly Uint8Array[];
  /** The single part, with the room around it that a carrier may fill. */
  readonly roomy: Uint8Array | undefined;
  private readonly framed = new Map<string, readonly Uint8Array[]>();

  private constructor(parts: readonly Uint8Array[], roomy: Uint8Array | undefined) {
    this.parts = parts;
    this.roomy = roomy;
  }

  /** Output of parts that are not copied, without room around them. */
  static of(parts: readonly Uint8Array[]): SharedOutput {
    return new SharedOutput(parts, undefined);
  }

  /** One part of so many bytes, which the caller fills. */
  static allocate(length: number): { readonly output: SharedOutput; readonly bytes: Buffer } {
    // Not from the pool of the platform: a client that does not read would keep 64 KiB for some
    // bytes.
    const roomy = Buffer.allocUnsafeSlow(HEAD_ROOM_BYTES + length + TAIL_ROOM_BYTES);
    const bytes = roomy.subarray(HEAD_ROOM_BYTES, HEAD_ROOM_BYTES + length);
    return { output: new SharedOutput([bytes], roomy), bytes };
  }

  /** The buffers that it keeps in memory. */
  get buffers(): readonly ArrayBufferLike[] {
    return this.parts.map(({ buffer }) => buffer);
  }

  /** @param frame - makes the form of this kind of carrier; asked once */
  framedFor(
    carrier: string,
    frame: (output: SharedOutput) => readonly Uint8Array[],
  ): readonly Uint8Array[] {
    let framed = this.framed.get(carrier);
    if (framed === undefined) {
      framed = frame(this);
      this.framed.set(carrier, framed);
    }
    return framed;
  }
}
