// `verify`: proves every checksum and every promise of a data directory, and changes nothing. Reads
// all of the state, of the log and of the data files; checks that each stream has all its records
// between trim point and tail, exactly once and in order.

import { LentBuffers } from "../../../lending/lent-buffers.js";
import { misfitOfBatch } from "../../extents/batch-proof.js";
import { batchesOf } from "../../extents/extent-batches.js";
import { isSoundExtent } from "../../extents/extent-proof.js";
import { type Extent, encodeExtent } from "../../log/extent.js";
import type { ScannedGroup } from "../../log/log-cursor.js";
import { countOf, getPair, KIND_APPEND, kindOf, ROW_WORDS, WORD_SEQ_NUM } from "../../log/row.js";
import { extentKey } from "../../log/state-keys.js";
import type { StoredBatch, StreamState } from "../../storage.js";
import { dataFileName } from "../data/data-file.js";
import { ExtentReader } from "../data/extent-reader.js";
import { realDisk } from "../medium/real-disk.js";
import { entryName } from "../state/sealed-state-store.js";
import { type BareState, provenEntries, type StateFormat } from "../state/state-format.js";
import { type DirectoryOptions, type Survey, surveyDirectory } from "./survey.js";

/** More than this are counted, not listed. */
const MAX_LISTED = 100;

export interface VerifyProblem {
  /** Relative to the directory. */
  readonly file: string;
  readonly offset?: number;
  readonly what: string;
}

/** What a check of a data directory found. */
export interface VerifyReport {
  readonly isSound: boolean;
  readonly problems: readonly VerifyProblem[];
  /** Problems in all, listed or not. */
  readonly problemCount: number;
  /** Entries of the state store, whole or damaged. */
  readonly stateEntries: number;
  readonly streams: number;
  readonly logGroups: number;
  readonly logBytes: number;
  readonly dataFiles: number;
  readonly extents: number;
  readonly records: number;
}

interface Counts {
  stateEntries: number;
  streams: number;
  logGroups: number;
  logBytes: number;
  dataFiles: number;
  extents: number;
  records: number;
}

/**
 * Checks a data directory that no server uses.
 *
 * @throws {S2Error} `storage` when a process holds it, or it is no store at all
 */
export async function verifyDirectory(options: DirectoryOptions): Promise<VerifyReport> {
  const lock = await (options.disk ?? realDisk).lock(`${options.directory}/LOCK`);
  try {
    return await verifyHeldDirectory(options);
  } finally {
    await lock.release();
  }
}

/** {@link verifyDirectory} of one that the caller holds. */
export async function verifyHeldDirectory(options: DirectoryOptions): Promise<VerifyReport> {
  const verifier = new Verifier();
  await survey(options, verifier);
  return verifier.report();
}

async function survey(options: DirectoryOptions, verifier: Verifier): Promise<void> {
  const onState = verifier.state.bind(verifier);
  const onGroup = (group: ScannedGroup): void => {
    verifier.counts.logGroups++;
    verifier.counts.logBytes += group.header.length;
    for (let row = 0; row < group.rowCount; row++) {
      const base = group.rowsBase + row * ROW_WORDS;
      if (kindOf(group.words, base) !== KIND_APPEND) continue;
      const file = `wal generation=${group.header.generation}`;
      const firstSeqNum = getPair(group.words, base + WORD_SEQ_NUM);
      verifier.records(
        file,
        group.offset,
        group.payload(row),
        firstSeqNum,
        countOf(group.words, base),
      );
    }
  };
  let found: Survey;
  try {
    found = await surveyDirectory(options, { onGroup, onState });
  } catch (error) {
    // The state says where everything is: without its checkpoint there is no more to look at.
    if (!verifier.report().isSound) return;
    throw error;
  }
  try {
    await verifier.run(found);
  } finally {
    await found.close();
  }
}

class Verifier {
  readonly counts: Counts = {
    stateEntries: 0,
    streams: 0,
    logGroups: 0,
    logBytes: 0,
    dataFiles: 0,
    extents: 0,
    records: 0,
  };
  private readonly problems: VerifyProblem[] = [];
  private problemCount = 0;

  /** Proves every entry of the state store, before anything is read through it. */
  state(state: BareState, format: StateFormat | undefined): void {
    try {
      for (const { key, problem } of provenEntries(state, format)) {
        this.counts.stateEntries++;
        if (problem !== undefined) this.problem("state", `${problem} ${entryName(key)}`);
      }
      const { stateEntries } = this.counts;
      const counted = state.bare.count();
      if (counted !== stateEntries)
        this.problem("state", `entries are missing found=${stateEntries} counted=${counted}`);
    } catch (error) {
      this.problem("state", `the state store cannot be read cause=${String(error)}`);
    }
  }

  async run(survey: Survey): Promise<void> {
    if (survey.damage !== undefined) this.problem("wal", survey.damage, survey.log.end.offset);
    for (const file of survey.files) {
      if (file.info === undefined) continue;
      const name = `segments/${dataFileName(file.fileId)}`;
      this.counts.dataFiles++;
      if (!file.isPresent) this.problem(name, "the file is missing");
      else if (file.footer === undefined)
        this.problem(name, "header, footer or trailer is damaged");
      else {
        if (file.info.deadBytes > file.info.bytes) this.problem(name, "more garbage than data");
        for (const extent of file.footer) await this.extent(survey, name, extent);
      }
    }
    const reader = new ExtentReader(survey.disk, "", survey.tables, 0, new LentBuffers(0));
    for (const file of survey.files) if (file.info !== undefined) reader.live.add(file.fileId);
    for (const [streamId, state] of survey.tables.allStreams()) {
      this.counts.streams++;
      this.stream(survey, reader, streamId, state);
    }
  }

  report(): VerifyReport {
    const { problems, problemCount } = this;
    return { isSound: problemCount === 0, problems, problemCount, ...this.counts };
  }

  /** The records of a batch are what its row says. */
  records(
    file: string,
    offset: number,
    bytes: Uint8Array,
    firstSeqNum: number,
    count: number,
  ): void {
    const misfit = misfitOfBatch(bytes, firstSeqNum, count);
    if (misfit !== undefined) return this.problem(file, misfit, offset);
    this.counts.records += count;
  }

  private async extent(survey: Survey, name: string, extent: Extent): Promise<void> {
    this.counts.extents++;
    const file = await survey.disk.open(`${survey.directory}/${name}`);
    const bytes = new Uint8Array(extent.length);
    try {
      await file.read(bytes, extent.offset);
    } finally {
      await file.close();
    }
    if (!isSoundExtent(extent, bytes))
      return this.problem(
        name,
        `the checksum of an extent differs stream=${extent.streamId}`,
        extent.offset,
      );
    const batches: StoredBatch[] = batchesOf(extent, bytes, 0);
    for (const batch of batches)
      this.records(name, extent.offset, batch.bytes, batch.firstSeqNum, batch.count);
    const state = survey.tables.stream(extent.streamId);
    if (state === undefined || extent.endSeqNum <= state.trimPoint) return;
    const known = survey.tables.get(extentKey(extent.streamId, extent.endSeqNum, extent.fileId));
    if (known === undefined || Buffer.compare(known, encodeExtent(extent)) !== 0)
      this.problem(name, `an extent is not in the state stream=${extent.streamId}`, extent.offset);
  }

  /** Every record from the trim point to the tail is somewhere, once. */
  private stream(survey: Survey, reader: ExtentReader, streamId: number, state: StreamState): void {
    let next = state.trimPoint;
    const cover = (first: number, end: number, where: string): void => {
      if (end <= next) return;
      if (first > next && next >= state.trimPoint)
        this.problem(where, `records are missing stream=${streamId} from=${next} to=${first}`);
      next = end;
    };
    for (const extent of reader.extentsFrom(streamId, next))
      cover(extent.firstSeqNum, extent.endSeqNum, `segments/${dataFileName(extent.fileId)}`);
    for (const rows of survey.log.index.values()) {
      if (rows.generation < survey.low.generation) continue;
      for (const row of rows.rowsOf(streamId)) {
        const first = rows.firstSeqNum(row);
        cover(first, first + countOf(rows.wordsOf(row), rows.baseOf(row)), "wal");
      }
    }
    if (next !== state.tail.seqNum)
      this.problem(
        "state",
        `a stream ends at seqNum=${next} tail=${state.tail.seqNum} stream=${streamId}`,
      );
  }

  private problem(file: string, what: string, offset?: number): void {
    this.problemCount++;
    if (this.problems.length < MAX_LISTED)
      this.problems.push(offset === undefined ? { file, what } : { file, what, offset });
  }
}
