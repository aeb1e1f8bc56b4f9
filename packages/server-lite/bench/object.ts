// What the object engine costs for a MiB: appended, moved into data objects, read back from them.
// `pnpm bench:object [MIB]`. The store is the double over real sockets, in a process of its own; the
// figures are this process's processor time, with what was put and asked for beside it.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { seededRandom, systemClock } from "@s2kit/core";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../src/storage/disk/state/memory-state-store.js";
import { CredentialKeeper } from "../src/storage/object/client/credentials/credential-keeper.js";
import { createCredentials } from "../src/storage/object/client/credentials/credentials.js";
import type { ObjectStore } from "../src/storage/object/client/object-store.js";
import { resolveS3 } from "../src/storage/object/client/s3/s3-settings.js";
import { S3Store } from "../src/storage/object/client/s3/s3-store.js";
import { SteadyStore } from "../src/storage/object/client/steady/steady-store.js";
import { Sender } from "../src/storage/object/client/wire/send.js";
import type { ObjectStorage } from "../src/storage/object/engine/object-storage.js";
import { openObjectStorage } from "../src/storage/object/engine/open-object-storage.js";
import { sequencedBatch } from "../src/testing/append-source.js";
import { KEYS } from "../test/support/bucket-double/double.js";

const MIB = 1024 * 1024;
/** Requests at the same time, as a reader of one stream has them. */
const READ_AHEAD = 4;
const total = Number(process.argv[2] ?? 128);
if (!(total >= 8 && total <= 1024)) {
  process.stderr.write(`MIB is a number from 8 to 1024, not ${process.argv[2]}\n`);
  process.exit(2);
}

const program = fileURLToPath(new URL("../test/support/bucket-double/program.ts", import.meta.url));
const loader = fileURLToPath(
  new URL("../test/storage/programs/source-loader.mjs", import.meta.url),
);
const child = fork(program, ["{}"], {
  execArgv: ["--import", loader],
  stdio: ["ignore", "pipe", "inherit", "ipc"],
});
const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];

/** Counts what goes to the store, and what comes from it. */
class CountedStore {
  putBytes = 0;
  puts = 0;
  gets = 0;
  readonly store: ObjectStore;

  constructor(inner: ObjectStore) {
    this.store = {
      putIfAbsent: (key, parts, signal) => {
        this.puts++;
        this.putBytes += parts.reduce((sum, { length }) => sum + length, 0);
        return inner.putIfAbsent(key, parts, signal);
      },
      overwrite: (key, parts, signal) => inner.overwrite(key, parts, signal),
      get: (key, range, signal) => {
        this.gets++;
        return inner.get(key, range, signal);
      },
      exists: (key, signal) => inner.exists(key, signal),
      list: (prefix, cursor, signal) => inner.list(prefix, cursor, signal),
      delete: (keys, signal) => inner.delete(keys, signal),
    };
  }
}

function openCounted(prefix: string): { counted: CountedStore; sender: Sender } {
  const settings = {
    ...resolveS3({ bucket: "bucket", prefix, endpoint: line.toString().trim() }, {}),
    // As over TLS: the signature leaves the payload open.
    payload: "unsigned" as const,
  };
  const sender = new Sender(systemClock, settings.maxSockets);
  const source = { name: "the benchmark", load: async () => createCredentials(KEYS) };
  const credentials = new CredentialKeeper(source, systemClock);
  const inner = new S3Store(settings, { clock: systemClock, sender, credentials });
  const steady = SteadyStore.over(inner, {}, { clock: systemClock, random: seededRandom(1) });
  return { counted: new CountedStore(steady), sender };
}

interface Row {
  readonly "bytes of a record": number;
  readonly what: string;
  readonly MiB: number;
  readonly "processor ms per MiB": number;
  readonly "PUT bytes per byte": number;
  readonly PUTs: number;
  readonly GETs: number;
}

/** Runs a part of the load, and says what it cost. */
async function costOf(
  counted: CountedStore,
  row: Pick<Row, "bytes of a record" | "what">,
  bytes: number,
  work: () => Promise<void>,
): Promise<Row> {
  const before = { puts: counted.puts, gets: counted.gets, bytes: counted.putBytes };
  const usage = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(usage);
  return {
    ...row,
    MiB: round(bytes / MIB),
    "processor ms per MiB": round((user + system) / 1000 / (bytes / MIB)),
    "PUT bytes per byte": round((counted.putBytes - before.bytes) / bytes),
    PUTs: counted.puts - before.puts,
    GETs: counted.gets - before.gets,
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** Batches of 256 KiB to one stream after the other, with a few on their way. */
async function append(storage: ObjectStorage, recordBytes: number, bytes: number): Promise<void> {
  const STREAMS = 4;
  const count = Math.min(1000, Math.floor((256 * 1024) / recordBytes));
  const body = seededRandom(recordBytes).bytes(recordBytes);
  const bodies = Array.from({ length: count }, () => body);
  let position = 0;
  for (let streamId = 1; streamId <= STREAMS; streamId++)
    storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
  for (let turn = 0, done = 0; done < bytes; turn++, done += count * recordBytes) {
    const streamId = (turn % STREAMS) + 1;
    const firstSeqNum = storage.streamState(streamId)?.tail.seqNum ?? 0;
    const batch = sequencedBatch(
      bodies,
      bodies.map((_, at) => 1000 + firstSeqNum + at),
    );
    const append = { kind: "append", streamId, batch, firstSeqNum, writtenMs: 1 } as const;
    ({ position } = storage.commit([append]));
    if (turn % 64 === 63) await storage.whenDurable(position);
  }
  await storage.whenDurable(position);
}

/** As many bytes as the objects have, by the same requests, and nobody looks at them. */
async function readBare(counted: CountedStore): Promise<void> {
  const { entries } = await counted.store.list("s/00/data/");
  for (const { key, size } of entries)
    for (let offset = 0; offset < size; offset += READ_AHEAD * MIB)
      await Promise.all(
        Array.from({ length: READ_AHEAD }, (_, at) => offset + at * MIB)
          .filter((from) => from < size)
          .map((from) => counted.store.get(key, { offset: from, length: MIB })),
      );
}

async function readAll(storage: ObjectStorage): Promise<void> {
  for (let streamId = 1; streamId <= 4; streamId++) {
    const end = storage.streamState(streamId)?.tail.seqNum ?? 0;
    for (let seqNum = 0; seqNum < end; ) {
      const limits = { maxBytes: MIB, endSeqNum: end };
      const last = (await storage.read(streamId, seqNum, limits)).at(-1);
      if (last === undefined) throw new Error(`nothing at ${seqNum} of stream ${streamId}`);
      seqNum = last.firstSeqNum + last.count;
    }
  }
}

const rows: Row[] = [];
for (const recordBytes of [64 * 1024, 256]) {
  const { counted, sender } = openCounted(`${recordBytes}-${systemClock.now()}`);
  const options = {
    store: counted.store,
    clock: systemClock,
    openState: () => openMemoryStateStore(new MemoryStateMedium()),
    maintenance: "manual",
    logSlots: 2,
    extentCacheBytes: 16 * MIB,
  } as const;
  const storage = await openObjectStorage({ ...options, logBytes: 1024 * MIB, logSlots: 100_000 });
  const bytes = total * MIB;
  const of = (what: string) => ({ "bytes of a record": recordBytes, what });
  const usual = await costOf(counted, of("append"), bytes, () =>
    append(storage, recordBytes, bytes),
  );
  await storage.close();
  const next = await openObjectStorage(options);
  const moved = await costOf(counted, of("move into data objects"), bytes, () => next.maintain());
  const bare = await costOf(counted, of("ranges alone, for reference"), bytes, () =>
    readBare(counted),
  );
  const read = await costOf(counted, of("read"), bytes, () => readAll(next));
  await next.close();
  sender.close();
  rows.push(usual, moved, bare, read);
}
console.table(rows);
child.disconnect();
