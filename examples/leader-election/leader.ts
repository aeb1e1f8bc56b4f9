// One leader at a time: who leads has set its token as the fence of the stream, and every append of a leader names it.
// A leader that was replaced, or slept through it, writes nothing more: the stream itself refuses.

import { randomUUID } from "node:crypto";
import {
  AppendInput,
  AppendRecord,
  FencingTokenMismatchError,
  S2,
  S2Environment,
  type S2Stream,
} from "@s2kit/client";

// #region leader
class Leader {
  readonly token: string = randomUUID();
  readonly #stream: S2Stream;

  constructor(stream: S2Stream) {
    this.#stream = stream;
  }

  /** Takes the lead, from whoever has it. */
  async take(): Promise<void> {
    await this.#stream.append(AppendInput.create([AppendRecord.fence(this.token)]));
  }

  /** Writes if it still leads. Answers false when another one does. */
  async write(body: string): Promise<boolean> {
    try {
      const records = [AppendRecord.string({ body })];
      await this.#stream.append(AppendInput.create(records, { fencingToken: this.token }));
      return true;
    } catch (error) {
      if (error instanceof FencingTokenMismatchError) return false;
      throw error;
    }
  }
}
// #endregion

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "example-leaders" });
const basin = s2.basin("example-leaders");
const name = process.argv[2] ?? "jobs";
await basin.streams.ensure({ stream: name });

const old = new Leader(basin.stream(name));
const young = new Leader(basin.stream(name));
await old.take();
console.log(`old leads and writes: ${await old.write("job 1 is mine")}`);
await young.take(); // the old one is thought dead; it only slept
console.log(`old writes again: ${await old.write("job 2 is mine")}`);
console.log(`young leads and writes: ${await young.write("job 2 is mine")}`);

// #region others
// Readers see who led when: fences are records too.
for await (const record of await basin
  .stream(name)
  .readToTail({ start: { from: { seqNum: 0 } } })) {
  const isFence = record.headers[0]?.[0] === "";
  console.log(record.seqNum, isFence ? "a new leader" : record.body);
}
// #endregion
await s2.close();
