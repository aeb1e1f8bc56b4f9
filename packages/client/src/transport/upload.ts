// A request body that grows while the response is being read, for handlers in the same process:
// platforms send such bodies half-duplex over the network. Spec: sdk#in-browsers.

/** The writing side of a request. */
export interface Upload {
  readonly init: RequestInit;
  /** False when the next write must wait for `onWritable`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
}

const MAX_BUFFER_BYTES: number = 1024 * 1024;

/** @param onWritable - first when the body may be written, then after each full buffer */
export function openUpload(onWritable: () => void): Upload {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(opened) {
        controller = opened;
      },
      pull() {
        if (controller !== undefined) onWritable();
      },
      cancel() {
        // The handler wants no more: its answer says why, or the lack of one does.
        controller = undefined;
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BUFFER_BYTES }),
  );
  return {
    init: { body, duplex: "half" } as RequestInit,
    write(chunk) {
      controller?.enqueue(chunk);
      return (controller?.desiredSize ?? 0) > 0;
    },
    end() {
      controller?.close();
      controller = undefined;
    },
  };
}
