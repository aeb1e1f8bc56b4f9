// `verify` of a store in a bucket: opens it as its next owner would, which proves the manifest, the
// runs and the log, then the entries of every data object in use, then reads every stream from its
// trim point to its tail, which proves each record's bytes. Changes nothing.

import { S2Error } from "@s2kit/core";
import { misfitOfBatch } from "../../extents/batch-proof.js";
import { fileIdsOf } from "../../extents/data-file-infos.js";
import type { StreamId, StreamState } from "../../storage.js";
import {
  requireStore,
  type StoreSurvey,
  type StoreSurveyOptions,
  surveyStore,
} from "./survey-store.js";

/** More than this are counted, not listed. */
const MAX_LISTED = 100;
/** Of a step. */
const STEP_BYTES = 8 * 1024 * 1024;

export interface StoreProblem {
  /** Names the object, where one is at fault. */
  readonly what: string;
  readonly stream?: StreamId;
}

/** What a check of a store in a bucket found. */
export interface StoreReport {
  readonly isSound: boolean;
  readonly problems: readonly StoreProblem[];
  /** Problems in all, listed or not. */
  readonly problemCount: number;
  readonly streams: number;
  readonly records: number;
  /** Of the records, as they are stored. */
  readonly recordBytes: number;
  readonly logObjects: number;
  readonly dataObjects: number;
  readonly extents: number;
}

/**
 * What is wrong with a store is in the report.
 *
 * @throws {S2Error} `storage` when there is none
 * @throws {ObjectStoreError} when the bucket does not say whether there is one
 */
export async function verifyStore(options: StoreSurveyOptions): Promise<StoreReport> {
  // Where nothing can be looked at, nothing is known to be wrong.
  await requireStore(options);
  const verifier = new StoreVerifier();
  try {
    await surveyStore(options, (survey) => verifier.run(survey));
  } catch (error) {
    verifier.problem({ what: S2Error.from(error, "storage").rawMessage });
  }
  return verifier.report();
}

class StoreVerifier {
  private readonly problems: StoreProblem[] = [];
  private readonly counts = {
    problemCount: 0,
    streams: 0,
    records: 0,
    recordBytes: 0,
    logObjects: 0,
    dataObjects: 0,
    extents: 0,
  };

  report(): StoreReport {
    const { problems, counts } = this;
    return { isSound: counts.problemCount === 0, problems, ...counts };
  }

  problem(problem: StoreProblem): void {
    this.counts.problemCount++;
    if (this.problems.length < MAX_LISTED) this.problems.push(problem);
  }

  async run(survey: StoreSurvey): Promise<void> {
    const { restored } = survey;
    this.counts.logObjects += restored.objects.slots;
    for (const fileId of fileIdsOf(restored.tables)) {
      this.counts.dataObjects++;
      await this.noting(undefined, async () => {
        this.counts.extents += (await restored.data.footer(fileId, false)).length;
      });
    }
    for (const [streamId, state] of restored.tables.allStreams()) {
      this.counts.streams++;
      await this.noting(streamId, () => this.stream(survey, streamId, state));
    }
  }

  /** Every record from the trim point to the tail is there, once, in order. */
  private async stream(
    { storage }: StoreSurvey,
    streamId: StreamId,
    { trimPoint, tail }: StreamState,
  ): Promise<void> {
    for (let next = trimPoint; next < tail.seqNum; ) {
      const limits = { maxBytes: STEP_BYTES, endSeqNum: tail.seqNum };
      const batches = await storage.read(streamId, next, limits);
      if (batches.length === 0) return this.missing(streamId, next, tail.seqNum);
      for (const { firstSeqNum, count, bytes } of batches) {
        if (firstSeqNum > next) this.missing(streamId, next, firstSeqNum);
        const misfit = misfitOfBatch(bytes, firstSeqNum, count);
        if (misfit !== undefined) this.problem({ what: misfit, stream: streamId });
        this.counts.records += firstSeqNum + count - Math.max(firstSeqNum, trimPoint);
        this.counts.recordBytes += bytes.length;
        next = firstSeqNum + count;
      }
    }
  }

  private missing(stream: StreamId, from: number, to: number): void {
    this.problem({ what: `records are missing from=${from} to=${to}`, stream });
  }

  private async noting(stream: StreamId | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const what = S2Error.from(error, "storage").rawMessage;
      this.problem(stream === undefined ? { what } : { what, stream });
    }
  }
}
