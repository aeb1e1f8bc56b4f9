// The checker of histories: what one order can explain passes, and each way of doctoring it is refused. The
// histories are in the lines of the public model of S2.

import { describe, expect, it } from "vitest";
import {
  foldHash,
  hashOfBody,
  type JudgeOptions,
  judgeHistory,
} from "../src/history/history-lines.js";
import { xxh3OfWord } from "../src/history/xxh3.js";

interface AppendArgs {
  readonly bodies: readonly string[];
  readonly match?: number;
  readonly token?: string;
  readonly fence?: string;
}

class Script {
  readonly #lines: string[] = [];

  #add(id: number, event: string): this {
    this.#lines.push(`{"event":${event},"client_id":${id},"op_id":${id}}`);
    return this;
  }

  append(id: number, { bodies, match, token, fence }: AppendArgs): this {
    const hashes = bodies.map((body) => String(hashOfBody(body))).join(",");
    const quote = (text: string | undefined): string =>
      text === undefined ? "null" : JSON.stringify(text);
    return this.#add(
      id,
      `{"Start":{"Append":{"num_records":${bodies.length},"record_hashes":[${hashes}],"set_fencing_token":${quote(fence)},"fencing_token":${quote(token)},"match_seq_num":${match ?? "null"}}}}`,
    );
  }

  acked(id: number, tail: number): this {
    return this.#add(id, `{"Finish":{"AppendSuccess":{"tail":${tail}}}}`);
  }

  refused(id: number): this {
    return this.#add(id, '{"Finish":"AppendDefiniteFailure"}');
  }

  unknown(id: number): this {
    return this.#add(id, '{"Finish":"AppendIndefiniteFailure"}');
  }

  tail(id: number): this {
    return this.#add(id, '{"Start":"CheckTail"}');
  }

  sawTail(id: number, tail: number): this {
    return this.#add(id, `{"Finish":{"CheckTailSuccess":{"tail":${tail}}}}`);
  }

  read(id: number): this {
    return this.#add(id, '{"Start":"Read"}');
  }

  saw(id: number, ...bodies: readonly string[]): this {
    const digest = bodies.map(hashOfBody).reduce(foldHash, 0n);
    return this.#add(
      id,
      `{"Finish":{"ReadSuccess":{"tail":${bodies.length},"stream_hash":${digest}}}}`,
    );
  }

  get isLinearizable(): boolean {
    const verdict = this.judge();
    expect(verdict).not.toBe("undecided");
    return verdict === "linearizable";
  }

  judge(options: JudgeOptions = {}): string {
    return judgeHistory(`${this.#lines.join("\n")}\n`, options).kind;
  }
}

const script = (): Script => new Script();

describe("a history is linearizable", () => {
  it("when each operation saw what was there", () => {
    const history = script()
      .append(1, { bodies: ["a", "b"] })
      .acked(1, 2)
      .tail(2)
      .sawTail(2, 2)
      .read(3)
      .saw(3, "a", "b");
    expect(history.isLinearizable).toBe(true);
  });

  it("when operations at the same time saw either", () => {
    const begun = (): Script =>
      script()
        .append(1, { bodies: ["a"] })
        .tail(2)
        .tail(3);
    expect(begun().sawTail(2, 0).sawTail(3, 1).acked(1, 1).isLinearizable).toBe(true);
    expect(begun().sawTail(2, 1).sawTail(3, 1).acked(1, 1).isLinearizable).toBe(true);
  });

  it("when an append without an answer took effect late, or never", () => {
    const begun = (): Script =>
      script()
        .append(1, { bodies: ["a"] })
        .unknown(1)
        .tail(2)
        .sawTail(2, 0);
    expect(begun().read(3).saw(3).isLinearizable).toBe(true);
    expect(begun().read(3).saw(3, "a").isLinearizable).toBe(true);
  });

  it("when two of unknown fate explain a gap in one order only", () => {
    const history = script()
      .append(1, { bodies: ["a"] })
      .unknown(1)
      .append(2, { bodies: ["b"] })
      .unknown(2)
      .append(3, { bodies: ["c"], match: 2 })
      .acked(3, 3)
      .read(4)
      .saw(4, "b", "a", "c");
    expect(history.isLinearizable).toBe(true);
  });
});

describe("a history is refused", () => {
  it("when a tail moves back", () => {
    const history = script()
      .append(1, { bodies: ["a"] })
      .acked(1, 1)
      .tail(2)
      .sawTail(2, 0);
    expect(history.isLinearizable).toBe(false);
  });

  it("when a later operation saw less than an earlier one", () => {
    const history = script()
      .append(1, { bodies: ["a"] })
      .tail(2)
      .sawTail(2, 1)
      .tail(3)
      .sawTail(3, 0)
      .acked(1, 1);
    expect(history.isLinearizable).toBe(false);
  });

  it("when two appends got one place", () => {
    const history = script()
      .append(1, { bodies: ["a"] })
      .append(2, { bodies: ["b"] })
      .acked(1, 1)
      .acked(2, 1);
    expect(history.isLinearizable).toBe(false);
  });

  it("when a condition did not hold", () => {
    const begun = (): Script =>
      script()
        .append(1, { bodies: ["a"] })
        .acked(1, 1);
    expect(
      begun()
        .append(2, { bodies: ["b"], match: 0 })
        .acked(2, 2).isLinearizable,
    ).toBe(false);
    expect(
      begun()
        .append(2, { bodies: ["b"], token: "x" })
        .acked(2, 2).isLinearizable,
    ).toBe(false);
    const fenced = begun()
      .append(2, { bodies: ["x"], fence: "x" })
      .acked(2, 2);
    expect(fenced.append(3, { bodies: ["c"], token: "y" }).acked(3, 3).isLinearizable).toBe(false);
  });

  it("when a read saw other records, or another order", () => {
    const begun = (): Script =>
      script()
        .append(1, { bodies: ["a", "b"] })
        .acked(1, 2)
        .read(2);
    expect(begun().saw(2, "b", "a").isLinearizable).toBe(false);
    expect(begun().saw(2, "a", "c").isLinearizable).toBe(false);
    expect(begun().saw(2, "a").isLinearizable).toBe(false);
  });

  it("when what is certain to have failed was seen", () => {
    const history = script()
      .append(1, { bodies: ["a"] })
      .refused(1)
      .read(2)
      .saw(2, "a");
    expect(history.isLinearizable).toBe(false);
  });

  it("when no append of unknown fate fills a gap", () => {
    const history = script()
      .append(1, { bodies: ["a", "b"] })
      .unknown(1)
      .append(2, { bodies: ["c"] })
      .acked(2, 2);
    expect(history.isLinearizable).toBe(false);
  });
});

/** Appends that nobody answered, each of one record; `bodyOf` tells them apart. */
function unanswered(count: number, bodyOf: (id: number) => string): Script {
  const history = script();
  for (let id = 1; id <= count; id++) history.append(id, { bodies: [bodyOf(id)] }).unknown(id);
  return history;
}

describe("a search", () => {
  const MANY = 40;

  it("does not try the orders of appends that nothing tells apart", () => {
    const gap = unanswered(MANY, () => "a").append(99, { bodies: ["z"] });
    expect(gap.acked(99, MANY + 1).judge({ mostSteps: 2000 })).toBe("linearizable");
    const wider = unanswered(MANY, () => "a").append(99, { bodies: ["z"] });
    expect(wider.acked(99, MANY + 2).judge({ mostSteps: 2000 })).toBe("refuted");
  });

  it("ends where an operation can no longer come", () => {
    const history = unanswered(MANY, (id) => `${id}`)
      .tail(98)
      .sawTail(98, 1);
    // A read tells the appends apart: all their orders would have to be tried.
    history.tail(99).sawTail(99, 0).read(100).saw(100, "other");
    expect(history.judge({ mostSteps: 2000 })).toBe("refuted");
  });

  it("tries first where appends are believed to be", () => {
    const bodies = Array.from({ length: MANY }, (_, index) => `${MANY - index}`);
    const beliefs = new Map(bodies.map((body, index) => [Number(body), index]));
    const seen = (): Script =>
      unanswered(MANY, (id) => `${id}`)
        .read(99)
        .saw(99, ...bodies);
    expect(seen().judge({ mostSteps: 2000, beliefs })).toBe("linearizable");
    expect(seen().judge({ mostSteps: 2000 })).toBe("undecided");
  });

  it("takes a belief for no more than that", () => {
    const history = (): Script =>
      unanswered(2, (id) => `${id}`)
        .read(3)
        .saw(3, "2", "1");
    const wrong = new Map([
      [1, 0],
      [2, 1],
    ]);
    expect(history().judge({ beliefs: wrong })).toBe("linearizable");
    const other = unanswered(2, (id) => `${id}`)
      .read(3)
      .saw(3, "2", "3");
    expect(other.judge({ beliefs: wrong })).toBe("refuted");
  });

  it("that is given up says so, and neither that an order exists nor that none does", () => {
    const bodies = Array.from({ length: 12 }, (_, index) => `${12 - index}`);
    const history = unanswered(12, (id) => `${id}`)
      .read(99)
      .saw(99, ...bodies);
    expect(history.judge({ mostSteps: 100 })).toBe("undecided");
  });
});

describe("the digest of a stream", () => {
  it("is folded by XXH3 as the public model folds it", () => {
    // XXH3_64bits_withSeed of eight bytes, from the reference implementation.
    expect(xxh3OfWord(0n, 0n)).toBe(0xc77b3abb6f87acd9n);
  });
});
