// The chunks of a body that is gathered whole. A chunk is a view of what the socket delivered, and
// an object of its own: a body of one-byte chunks would cost a hundred times its length. Small
// chunks are therefore copied together.

/** Chunks from here on are kept as they are. */
const SMALL_CHUNK_BYTES = 4096;
const BLOCK_BYTES = 16 * 1024;
const NO_BLOCK = new Uint8Array(0);
const MIN_BLOCK_BYTES = 256;
const GROWTH = 4;

export class BodyChunks {
  /** The only chunk, while there is one: most bodies need no list. */
  private lone: Uint8Array | undefined = undefined;
  private readonly chunks: Uint8Array[] = [];
  /** Where small chunks go; the last of `chunks` is its filled part. */
  private block: Uint8Array = NO_BLOCK;
  private filled = 0;
  private length = 0;

  get byteLength(): number {
    return this.length;
  }

  /** Number of buffers that the body is kept in. */
  get pieces(): number {
    return this.lone === undefined ? this.chunks.length : 1;
  }

  push(bytes: Uint8Array): void {
    this.length += bytes.length;
    if (this.pieces === 0) {
      this.lone = bytes;
      return;
    }
    if (this.lone !== undefined) {
      this.chunks.push(this.lone);
      this.lone = undefined;
    }
    if (bytes.length >= SMALL_CHUNK_BYTES) {
      this.chunks.push(bytes);
      this.block = NO_BLOCK;
      this.filled = 0;
      return;
    }
    if (this.filled + bytes.length <= this.block.length) this.chunks.pop();
    else {
      // Grows with the body: one of a few bytes gets no block of thousands.
      const room = Math.max(this.length * GROWTH, MIN_BLOCK_BYTES);
      this.block = new Uint8Array(Math.min(room, BLOCK_BYTES));
      this.filled = 0;
    }
    this.block.set(bytes, this.filled);
    this.filled += bytes.length;
    this.chunks.push(this.block.subarray(0, this.filled));
  }

  clear(): void {
    this.lone = undefined;
    if (this.chunks.length > 0) this.chunks.length = 0;
    this.length = 0;
    this.block = NO_BLOCK;
    this.filled = 0;
  }

  whole(): Uint8Array {
    return this.lone ?? Buffer.concat(this.chunks);
  }
}
