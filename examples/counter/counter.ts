// A counter that is the sum of its events. Two of them add at the same time, and no update is lost: each append names
// the sequence number that it was decided on, and is refused when somebody was faster.

import { S2, S2Environment, type S2Stream, SeqNumMismatchError } from "@s2kit/client";

// #region counter
class Counter {
  value = 0;
  #next = 0;
  readonly #stream: S2Stream;

  constructor(stream: S2Stream) {
    this.#stream = stream;
  }

  /** Takes in what others have written. */
  async catchUp(): Promise<void> {
    const from = { seqNum: this.#next };
    for await (const record of await this.#stream.readToTail({ start: { from, clamp: true } })) {
      this.value += (JSON.parse(record.body) as { add: number }).add;
      this.#next = record.seqNum + 1;
    }
  }

  /** Adds unless the sum would pass the limit, which needs a value that nobody changes meanwhile. */
  async add(amount: number, limit: number): Promise<boolean> {
    for (;;) {
      await this.catchUp();
      if (this.value + amount > limit) return false;
      try {
        const records = [{ body: JSON.stringify({ add: amount }) }];
        await this.#stream.append({ records, matchSeqNum: this.#next });
        return true;
      } catch (error) {
        // Somebody was faster: what they wrote may change the decision.
        if (!(error instanceof SeqNumMismatchError)) throw error;
      }
    }
  }
}
// #endregion

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "example-counter" });
const basin = s2.basin("example-counter");
const name = process.argv[2] ?? "visits";
await basin.streams.ensure({ stream: name });

const counters = [new Counter(basin.stream(name)), new Counter(basin.stream(name))];
const answers = await Promise.all(
  counters.flatMap((counter) => [
    (async () => {
      const added: boolean[] = [];
      for (let i = 0; i < 10; i += 1) added.push(await counter.add(1, 15));
      return added;
    })(),
  ]),
);
const [first] = counters;
await first?.catchUp();
const accepted = answers.flat().filter(Boolean).length;
console.log(`${accepted} of 20 additions fitted; the counter says ${first?.value}`);
await s2.close();
