// Who is there, against a list; and what the garbage collector still finds of those who left.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Leave, Roster } from "../../src/async/roster.js";

const STEPS = fc.array(fc.option(fc.nat(9), { nil: undefined, freq: 2 }), {
  maxLength: 100,
  size: "max",
});

describe("a roster", () => {
  it("has those who entered and did not leave, in order of arrival", () => {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const roster = new Roster<number>();
        let model: { readonly member: number; readonly leave: Leave }[] = [];
        const left: Leave[] = [];
        for (const [member, step] of steps.entries()) {
          const leaving = step === undefined ? undefined : model[step % (model.length + 1)];
          if (leaving === undefined) model.push({ member, leave: roster.enter(member) });
          else {
            leaving.leave();
            left.push(leaving.leave);
            model = model.filter((each) => each !== leaving);
          }
          for (const again of left) again();
          expect(roster.members()).toEqual(model.map((each) => each.member));
          expect([roster.size, roster.first]).toEqual([model.length, model[0]?.member]);
        }
      }),
    );
  });

  it("lets one member stand in it twice", () => {
    const roster = new Roster<string>();
    const leave = roster.enter("a");
    roster.enter("a");
    leave();
    leave();
    expect(roster.members()).toEqual(["a"]);
  });

  it("leaves nothing of those who left to a collection of the whole heap", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;
    const roster = new Roster<{ readonly content: string[] }>();
    const others: Leave[] = [];
    for (let i = 0; i < 50; i++) others.push(roster.enter({ content: [] }));
    // Those are old now.
    collect();
    const before = process.memoryUsage().heapUsed;
    // About 40 MiB in all, of which some 400 kB are there at a time.
    const open: Leave[] = [];
    for (let i = 0; i < 10_000; i++) {
      open.push(roster.enter({ content: new Array<string>(500).fill("") }));
      others.pop()?.();
      if (open.length > 100) open.shift()?.();
      if (i % 2000 === 1999) collect({ type: "minor" });
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024);
    for (const leave of open) leave();
    expect(roster.size).toBe(0);
  });
});
