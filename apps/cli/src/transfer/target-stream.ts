// The stream that is imported or copied into: made with the configuration of the source when it is
// not there, asked for its own when it is, and what it holds already, record by record.

import type { S2Basin, S2Stream } from "@s2kit/client";
import { type AppendRecord, S2Error, type SequencedRecord } from "@s2kit/core";
import type { StreamConfig } from "@s2kit/core/control";
import { differenceOf, type TimestampRule, timestampRuleOf } from "./compare-records.js";
import { creationTimeOf } from "./source-stream.js";

/** A stream that is there keeps its configuration. @returns what becomes of timestamps in it */
export async function prepareTarget(
  basin: S2Basin,
  stream: string,
  config: StreamConfig,
): Promise<TimestampRule> {
  try {
    await basin.streams.create({ stream, config });
  } catch (error) {
    if (!(error instanceof S2Error && error.code === "resource_already_exists")) throw error;
  }
  // Also of a new one: what the source left open comes from the basin.
  const inForce = await basin.streams.getConfig({ stream });
  return timestampRuleOf(inForce, await creationTimeOf(basin, stream));
}

export interface HeldRecords {
  /**
   * Compares the next record. @returns what is wrong with it; undefined when it is the wanted one
   */
  differenceTo(wanted: AppendRecord): Promise<string | undefined>;
  close(): Promise<void>;
}

/** The first `count` records of the target, in order from seqNum 0. */
export async function openHeldRecords(
  target: S2Stream,
  count: number,
  rule: TimestampRule,
): Promise<HeldRecords> {
  if (count === 0) return { differenceTo: () => missing(0), close: () => Promise.resolve() };
  const session = await target.readSession(
    { start: { from: { seqNum: 0 } }, stop: { limits: { count } } },
    { as: "bytes" },
  );
  const batches = session.batches();
  let batch: readonly SequencedRecord[] = [];
  let at = 0;
  let index = 0;
  return {
    async differenceTo(wanted) {
      while (at === batch.length) {
        const next = await batches.next();
        if (next.done === true) return missing(index);
        batch = next.value.records;
        at = 0;
      }
      const found = batch[at++];
      if (found?.seqNum !== index) return missing(index);
      const what = differenceOf(wanted, found, rule);
      return what === undefined ? void index++ : `record ${index} has another ${what}`;
    },
    close: () => session.cancel(),
  };
}

function missing(index: number): Promise<string> {
  return Promise.resolve(`record ${index} is missing`);
}
