// Whether anybody still reads a pipe that we write to, asked without writing. A stream that is
// quiet for hours would otherwise keep `read | head -1` for hours: only a write is told that its
// reader is gone, and Node watches a pipe for nothing else. The one way of Node to the poll of the
// system is that of WASI, docs/decisions/0118. Spec: cli#streams-and-exit-codes.

import { constants, fstatSync, openSync } from "node:fs";

/** How often a reader is looked for, ms: what a person takes for at once. */
const LOOK_MS = 200;

/**
 * Calls once when the pipe behind a descriptor has lost its last reader. Does nothing where that
 * cannot be asked: for what is no pipe, and on other systems than Linux. There the next write
 * tells.
 *
 * @param isWanted - asked at each look; the process is not kept alive for looking
 */
export function onReaderGone(
  descriptor: number,
  isWanted: () => boolean,
  onGone: () => void,
): void {
  if (process.platform !== "linux" || !fstatSync(descriptor).isFIFO()) return;
  let hasReader: (() => boolean) | undefined;
  const look = async (): Promise<void> => {
    if (isWanted()) {
      hasReader ??= await openPoll(descriptor);
      if (!hasReader()) return onGone();
    }
    lookLater();
  };
  const lookLater = (): void => void setTimeout(() => void look().catch(() => {}), LOOK_MS).unref();
  lookLater();
}

/** A module of nothing but one page of memory, in which questions and answers are laid out. */
const MODULE = Uint8Array.from(
  Buffer.from("0061736d01000000" + "0503010001" + "070a01066d656d6f72790200", "hex"),
);
const SUBSCRIPTION_BYTES = 48;
const EVENTS_AT = 128;
const EVENT_BYTES = 32;
const COUNT_AT = 256;
const CLOCK = 0;
const FD_WRITE = 2;
const STDOUT = 1;
/** A pipe that is full answers nothing: then the clock does, ns. At 0 it would always be first. */
const PATIENCE_NS = 1_000_000n;

/**
 * A look at a pipe: opened once more, since polling sets its own copy to not block, and writes of
 * Node to the other one may block.
 *
 * @throws where there is no WASI, or the pipe cannot be opened
 */
async function openPoll(descriptor: number): Promise<() => boolean> {
  const copy = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY);
  const wasi = await quietWasi(copy);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), {});
  wasi.initialize({ exports });
  const view = new DataView(exports.memory?.buffer ?? new ArrayBuffer(0));
  view.setUint8(8, FD_WRITE);
  view.setUint32(16, STDOUT, true);
  view.setUint8(SUBSCRIPTION_BYTES + 8, CLOCK);
  view.setUint32(SUBSCRIPTION_BYTES + 16, 1, true);
  view.setBigUint64(SUBSCRIPTION_BYTES + 24, PATIENCE_NS, true);
  const poll = wasi.wasiImport.poll_oneoff as (...args: readonly number[]) => number;
  return () => {
    if (poll(0, EVENTS_AT, 2, COUNT_AT) !== 0) return true;
    const events = view.getUint32(COUNT_AT, true);
    for (let at = EVENTS_AT; at < EVENTS_AT + events * EVENT_BYTES; at += EVENT_BYTES)
      if (view.getUint8(at + 10) === FD_WRITE && view.getUint16(at + 8, true) !== 0) return false;
    return true;
  };
}

/** What is used of it: the types of Node do not know it, those of pages do. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, { readonly buffer: ArrayBuffer } | undefined>> };
};

interface Wasi {
  readonly wasiImport: Readonly<Record<string, unknown>>;
  initialize(instance: object): void;
}

/** Without Node's word that WASI is an experiment, which nobody who types a command can act on. */
async function quietWasi(stdout: number): Promise<Wasi> {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => {};
  try {
    const { WASI } = await import("node:wasi");
    return new WASI({ version: "preview1", stdout, returnOnExit: true }) as unknown as Wasi;
  } finally {
    process.emitWarning = emitWarning;
  }
}
