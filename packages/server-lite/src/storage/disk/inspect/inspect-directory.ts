// `inspect`: says what is in a data directory, without changing it: format, log segments and
// groups, data files and their share of garbage, checkpoint, counts. Also of one that a server
// uses: then the end of the log is of the moment.

import type { LogCursor, ScannedGroup } from "../../log/log-cursor.js";
import { SPACE_META } from "../../log/state-keys.js";
import type { StateTables } from "../../log/state-tables.js";
import { endOfPrefix, keyAfter } from "../../meta-key.js";
import { dataFileName } from "../data/data-file.js";
import { nameOf } from "../log/log-segment.js";
import { readWhole } from "../medium/disk.js";
import { type DirectoryOptions, surveyDirectory } from "./survey.js";

export interface InspectedSegment {
  readonly file: string;
  readonly fileBytes: number;
  readonly state: "active" | "sealed" | "rewritten" | "free";
  readonly groups: number;
  readonly usedBytes: number;
  readonly appends: number;
  readonly streams: number;
  readonly firstSequence: number | undefined;
  readonly lastSequence: number | undefined;
}

export interface InspectedDataFile {
  readonly file: string;
  readonly state: "in use" | "leftover" | "damaged" | "missing";
  readonly bytes: number;
  readonly deadBytes: number;
  readonly extents: number;
}

/** What lies in a data directory. */
export interface DirectoryInspection {
  readonly directory: string;
  readonly formatVersion: number;
  /** While an upgrade is not finished: the format that the directory had. */
  readonly upgradedFrom: number | undefined;
  /** What the LOCK file says; undefined when there is none. */
  readonly lock: string | undefined;
  readonly log: {
    readonly end: LogCursor;
    /** What follows the last group. */
    readonly endedBy: string;
    readonly damage: string | undefined;
    readonly segments: readonly InspectedSegment[];
  };
  readonly checkpoint: { readonly replay: LogCursor; readonly low: LogCursor };
  readonly dataFiles: readonly InspectedDataFile[];
  readonly streams: number;
  readonly records: number;
  readonly metadataEntries: number;
}

/** @throws {S2Error} `storage` when the directory is no store, or too new to be read */
export async function inspectDirectory(options: DirectoryOptions): Promise<DirectoryInspection> {
  const groups = new Map<number, { count: number; bytes: number; first: number; last: number }>();
  const onGroup = ({ header, next, offset }: ScannedGroup): void => {
    const known = groups.get(header.generation);
    groups.set(header.generation, {
      count: (known?.count ?? 0) + 1,
      bytes: (known?.bytes ?? 0) + next.offset - offset,
      first: known?.first ?? header.sequence,
      last: header.sequence,
    });
  };
  const survey = await surveyDirectory(options, { onGroup });
  try {
    const { disk, directory, log, low, tables } = survey;
    const segments: InspectedSegment[] = [];
    for (const [generation, segment] of [...survey.segments].sort(([a], [b]) => a - b)) {
      const rows = log.index.get(generation);
      const seen = groups.get(generation);
      const isFree = rows === undefined;
      const isRewritten = generation < low.generation;
      const isActive = generation === log.end.generation;
      segments.push({
        file: `wal/${nameOf(generation)}`,
        fileBytes: await segment.file.size(),
        state: isFree ? "free" : isActive ? "active" : isRewritten ? "rewritten" : "sealed",
        groups: seen?.count ?? 0,
        usedBytes: seen?.bytes ?? 0,
        appends: rows?.count ?? 0,
        streams: rows?.streamCount ?? 0,
        firstSequence: seen?.first,
        lastSequence: seen?.last,
      });
    }
    let streams = 0;
    let records = 0;
    for (const [, state] of tables.allStreams()) {
      streams++;
      records += state.tail.seqNum - state.trimPoint;
    }
    const hasLock = (await disk.list(directory)).includes("LOCK");
    return {
      directory,
      formatVersion: survey.format.version,
      upgradedFrom: survey.format.upgradedFrom,
      lock: hasLock
        ? Buffer.from(await readWhole(disk, `${directory}/LOCK`)).toString("utf8")
        : undefined,
      log: { end: log.end, endedBy: log.misfit, damage: survey.damage, segments },
      checkpoint: { replay: survey.checkpoint.replay, low },
      dataFiles: survey.files.map(({ fileId, info, footer, isPresent }) => ({
        file: `segments/${dataFileName(fileId)}`,
        state: !isPresent
          ? "missing"
          : info === undefined
            ? "leftover"
            : footer === undefined
              ? "damaged"
              : "in use",
        bytes: info?.bytes ?? 0,
        deadBytes: info?.deadBytes ?? 0,
        extents: info?.extents ?? footer?.length ?? 0,
      })),
      streams,
      records,
      metadataEntries: countMeta(tables),
    };
  } finally {
    await survey.close();
  }
}

function countMeta(tables: StateTables): number {
  const pageSize = 1000;
  let count = 0;
  for (let start = SPACE_META; ; ) {
    const page = tables.scan(start, endOfPrefix(SPACE_META), pageSize);
    count += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return count;
    start = keyAfter(last[0]);
  }
}
