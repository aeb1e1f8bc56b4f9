// What operators look at and fall back on: figures of the metrics page, backups and their way back.

const FIGURES_TEST = "packages/server-lite/test/telemetry/figures.test.ts";
const BACKUP = "packages/server-lite/src/storage/disk/backup";
const BACKUP_TEST = "packages/server-lite/test/storage/backup/backup.test.ts";
const LOAD_TEST = "packages/server-lite/test/storage/backup/backup-load.test.ts";

/** @type {import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "O1-route",
    fault: "requests of the API are counted as others",
    file: "packages/server-lite/src/exchange/router.ts",
    change: [["  visit.route = entered.route;\n", ""]],
    test: FIGURES_TEST,
    name: "are counted by route and status",
  },
  {
    id: "O2-code",
    fault: "failures of requests are not counted",
    file: "packages/server-lite/src/telemetry/request-telemetry.ts",
    change: [["    if (code !== undefined) this.failed(code);\n", ""]],
    test: FIGURES_TEST,
    name: "that fail are counted by code",
  },
  {
    id: "O3-session-end",
    fault: "a session that is over is counted as open",
    file: "packages/server-lite/src/session/sessions.ts",
    change: [["      counted.open -= size - this.open.size;\n", ""]],
    test: FIGURES_TEST,
    name: "are counted by what they do",
  },
  {
    id: "O4-session-failure",
    fault: "what an append session tells its client is not counted",
    file: "packages/server-lite/src/session/append-session.ts",
    change: [["      this.components.onFailed(closing.failure);\n", ""]],
    test: FIGURES_TEST,
    name: "that tell their client a failure",
  },
  {
    id: "O5-upgrade",
    fault: "a WebSocket stays counted as HTTP/1.1 too",
    file: "packages/server-lite/src/telemetry/connection-counts.ts",
    change: [
      [
        "    if (before !== undefined) this.add(before, -1);\n    else connection",
        "    if (before === undefined) connection",
      ],
    ],
    test: FIGURES_TEST,
    name: "are counted by what they do",
  },
  {
    id: "O6-write-time",
    fault: "writes to the log are not told",
    file: "packages/server-lite/src/open-storage.ts",
    change: [
      [
        "    onWritten: ({ tookMs, bytes, commits }) => telemetry?.wrote(tookMs, bytes, commits),\n",
        "",
      ],
    ],
    test: FIGURES_TEST,
    name: "tells of its writes",
  },
  {
    id: "O7-pin-data",
    fault: "data files of a snapshot may be removed while they are copied",
    file: "packages/server-lite/src/storage/disk/upkeep/orphan-files.ts",
    change: [
      [
        "    const due = this.ids.filter((fileId) => !this.pins.has(fileId));",
        "    const due = [...this.ids];",
      ],
    ],
    test: BACKUP_TEST,
    name: "keeps what it named",
  },
  {
    id: "O8-pin-log",
    fault: "segments of a snapshot may be used again while they are copied",
    file: `${BACKUP}/snapshot.ts`,
    change: [
      ["  for (const segment of segments) segment.pins++;\n", ""],
      [
        "    for (const segment of segments.splice(0)) segment.pins--;\n",
        "    segments.splice(0);\n",
      ],
    ],
    test: BACKUP_TEST,
    name: "keeps what it named",
  },
  {
    id: "O9-unpin",
    fault: "pins outlive the copy",
    file: `${BACKUP}/snapshot-desk.ts`,
    change: [["    this.pins?.release();\n", ""]],
    test: BACKUP_TEST,
    name: "keeps what it named",
  },
  {
    id: "O10-server-ended",
    fault: "a backup counts though the server ended while it was copied",
    file: `${BACKUP}/take-backup.ts`,
    change: [
      ["    await source.finish();\n", "    await source.finish().catch(() => undefined);\n"],
    ],
    test: LOAD_TEST,
    name: "is none when the server ends",
  },
  {
    id: "O11-digest",
    fault: "a restore believes files that differ from the list",
    file: `${BACKUP}/restore-backup.ts`,
    change: [
      [
        "  if (found.bytes !== bytes || found.sha256 !== sha256)\n    throw storageError(\n      `the backup is damaged: use another backup file=${path}",
        "  if (found.bytes !== bytes)\n    throw storageError(\n      `the backup is damaged: use another backup file=${path}",
      ],
    ],
    test: BACKUP_TEST,
    name: "is refused when a bit of segments differs",
  },
  {
    id: "O12-mark",
    fault: "a server starts on a directory that is half restored",
    file: "packages/server-lite/src/storage/disk/engine/open-disk-storage.ts",
    change: [["    await requireRestored(disk, directory);\n", ""]],
    test: LOAD_TEST,
    name: "leaves no backup but files",
  },
  {
    id: "O13-damage",
    fault: "damage of a data file is copied",
    file: `${BACKUP}/data-copies.ts`,
    change: [
      ["        if (!isSoundExtent(extent, bytes)) throw damaged(path, extent.offset);\n", ""],
    ],
    test: BACKUP_TEST,
    name: "finds damage of a data file",
  },
  {
    id: "O14-alone",
    fault: "the state is read while checkpoints of the background write to it",
    file: "packages/server-lite/src/storage/disk/upkeep/maintenance.ts",
    change: [
      [
        "      while (this.running !== undefined) await this.running;\n      if (this.state",
        "      if (this.state",
      ],
    ],
    test: BACKUP_TEST,
    name: "waits for the background",
  },
  {
    id: "O15-cut",
    fault: "the log of a snapshot ends where the checkpoint before it did",
    file: `${BACKUP}/plan.ts`,
    change: [
      [
        "  return generation === end.generation ? end.offset : fileBytes;",
        "  return generation === end.generation ? 0 : fileBytes;",
      ],
    ],
    test: BACKUP_TEST,
    name: "brings back all that a store holds",
  },
];
