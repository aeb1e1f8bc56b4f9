// Faults of the shard and of what it stores: a failure nobody hears of, and values that are not looked at.

const SERVER = "packages/server-lite";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "13.2-failure-untold",
    fault: "a shard that failed tells nobody",
    file: `${SERVER}/src/backend/shard.ts`,
    change: [["      listener(now.reason);\n", ""]],
    test: `${SERVER}/test/backend/shard.test.ts`,
    name: "tells once that it failed",
  },
  {
    id: "13.2-other-failure",
    fault: "the latch of an engine tells the last failure and not the first",
    file: `${SERVER}/src/storage/disk/engine/failure-latch.ts`,
    change: [["    if (this.reason !== undefined) return;\n", ""]],
    test: `${SERVER}/test/storage/engine/failure-latch.test.ts`,
    name: "keeps the first cause",
  },
  {
    id: "13.4-cast",
    fault: "values of the metadata are taken for what they should be",
    file: `${SERVER}/src/backend/catalog/catalog.ts`,
    change: [
      [
        "return kind.decode(JSON.parse(decodeUtf8Lossy(value)));",
        "return JSON.parse(decodeUtf8Lossy(value)) as Value;",
      ],
    ],
    test: `${SERVER}/test/backend/catalog/keys.test.ts`,
    name: "a value that is not understood",
  },
  {
    id: "13.4-prefix",
    fault: "keys of one kind lie among those of another",
    file: `${SERVER}/src/backend/catalog/keys/empty-mark.ts`,
    change: [['const PREFIX = "e/";', 'const PREFIX = "d/e/";']],
    test: `${SERVER}/test/backend/catalog/keys.test.ts`,
    name: "have prefixes of which none begins another",
  },
  {
    id: "13.4-dropped-field",
    fault: "the appointment of a stream is lost when its record is read",
    file: `${SERVER}/src/backend/catalog/keys/stream.ts`,
    change: [["      dueSecs: optional(number)(fields.dueSecs),\n", ""]],
    test: `${SERVER}/test/backend/catalog/keys.test.ts`,
    name: "s/: what is written is read back",
  },
  {
    id: "A7-opening-unleased",
    fault: "a streamer is forgotten while a read of its stream is being opened",
    file: "packages/server-lite/src/backend/records.ts",
    change: [
      [
        "const lease = streamer.lease();\n    try {\n      return await this.openReader(",
        "const lease = { [Symbol.dispose]: () => undefined };\n    try {\n      return await this.openReader(",
      ],
    ],
    test: "packages/server-lite/test/backend/append/opening.test.ts",
  },
];
