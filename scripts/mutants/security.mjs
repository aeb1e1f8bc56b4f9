// Planted faults of authorization, of readers of foreign bytes, and of what keeps secrets. See
// ../mutants.mjs.

const ACCESS = "packages/server-lite/src/backend/access";
const SCOPES_TEST = "tests/security/test/matrix/scopes.test.ts";
const STATES_TEST = "tests/security/test/matrix/token-states.test.ts";
const MOMENTS_TEST = "tests/security/test/matrix/moments.test.ts";
const ISSUING_TEST = "tests/security/test/matrix/issuing.test.ts";
const CORPUS_TEST = "tests/security/test/fuzz/corpus.test.ts";
const SERVER_SECRETS_TEST = "tests/security/test/secrets/server.test.ts";
const CLIENT_SECRETS_TEST = "tests/security/test/secrets/client.test.ts";
const COMMAND_SECRETS_TEST = "tests/security/test/secrets/command.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "14.6-basin-of-streams",
    fault: "the basin of a stream route is not looked up in the scope",
    file: `${ACCESS}/authorize.ts`,
    change: [['if (level === "basin") {', 'if (level === "account") {']],
    test: SCOPES_TEST,
    name: "basins: another prefix may",
  },
  {
    id: "14.6-basin-in-body",
    fault: "the basin that a body names is not looked up in the scope",
    file: "packages/server-lite/src/routes/basins.ts",
    change: [['      requireResource(request.access, "basin", basin);\n', ""]],
    test: SCOPES_TEST,
    name: "basins: exactly it may",
  },
  {
    id: "14.6-list-of-all",
    fault: "a list shows what the scope does not name",
    file: "packages/server-lite/src/routes/basins.ts",
    change: [
      [
        "listWithin(access.scope.basins, range, (visible) => basins.list(visible))",
        "listWithin(access.scope.basins, range, () => basins.list(range))",
      ],
    ],
    test: SCOPES_TEST,
    name: "is not listed over h2",
  },
  {
    id: "14.6-write-reads",
    fault: "who may change streams may read their configuration",
    file: "packages/core/src/account/access.ts",
    change: [
      [
        'return ["stream.read", "basin.read"];',
        'return ["stream.read", "basin.read", "basin.write"];',
      ],
    ],
    test: SCOPES_TEST,
    name: "group basin.write may",
  },
  {
    id: "14.6-prefix-anywhere",
    fault: "a prefix counts wherever it stands in a name",
    file: "packages/core/src/account/resource-set.ts",
    change: [["return name.startsWith(set.prefix);", "return name.includes(set.prefix.slice(1));"]],
    test: SCOPES_TEST,
    name: "streams: another prefix may",
  },
  {
    id: "14.6-trim-by-append",
    fault: "who may append may also trim and fence",
    file: `${ACCESS}/authorize.ts`,
    change: [["if (!operations.has(command.kind)) throw operationDenied(command.kind);", ";"]],
    test: SCOPES_TEST,
    name: "only append may",
  },
  {
    id: "14.6-last-moment",
    fault: "a token is in force at the very instant at which it expires",
    file: `${ACCESS}/token-rules.ts`,
    change: [["nanos <= BigInt(nowMs) * 1_000_000n", "nanos < BigInt(nowMs) * 1_000_000n"]],
    test: STATES_TEST,
    name: "expired opens no route",
  },
  {
    id: "14.6-any-scheme",
    fault: "a token counts under any scheme",
    file: `${ACCESS}/access-tokens.ts`,
    change: [["/^bearer +(\\S+)$/i", "/^\\w+ +(\\S+)$/i"]],
    test: STATES_TEST,
    name: "of another scheme opens no route",
  },
  {
    id: "14.6-prefix-in-message",
    fault: "a message has the name of a stream as the account knows it",
    file: "packages/server-lite/src/routes/streams.ts",
    change: [["{ basin, stream, shownAs: name }", "{ basin, stream }"]],
    test: SCOPES_TEST,
    name: "is in no answer over h2",
  },
  {
    id: "14.6-late-body",
    fault: "a body that came late is not held to its token",
    file: "packages/server-lite/src/exchange/request.ts",
    change: [["  confirmAccess();\n", ""]],
    test: MOMENTS_TEST,
    name: "create-stream",
  },
  {
    id: "14.6-streams-of-child",
    fault: "a child may name streams that its issuer may not",
    file: "packages/core/src/account/access.ts",
    change: [
      [
        `  if (!isResourceSubset(scope.streams, parent.streams)) return "streams exceed the issuer's";\n`,
        "",
      ],
    ],
    test: ISSUING_TEST,
    name: "streams null hands on",
  },
  {
    id: "14.6-prefix-of-issuer",
    fault: "the streams of a child are not put behind the prefix of its issuer",
    file: `${ACCESS}/access-tokens.ts`,
    change: [["const request = withinIssuerPrefix(asked, issuer);", "const request = asked;"]],
    test: ISSUING_TEST,
    name: "streams behind an automatic prefix",
  },
  {
    id: "14.6-zero-length",
    fault: "a frame without a flag byte is read on",
    file: "packages/core/src/s2s/frame-decoder.ts",
    change: [['  if (length === 0) throw badFrame("frame has no flag byte length=0");\n', ""]],
    test: CORPUS_TEST,
    name: "the entry frames",
  },
  {
    id: "14.6-bomb",
    fault: "a compressed body may become as large as it likes",
    file: "packages/server-lite/src/session/frame-codec.ts",
    change: [["const options = { maxOutputLength: maxBytes };", "const options = {};"]],
    test: CORPUS_TEST,
    name: "the entry compressed",
  },
  {
    id: "14.6-digit-last",
    fault: "numbers just below 2^53 in an append are rounded",
    file: "packages/core/src/json/json-values.ts",
    change: [
      ["value * 10 + ((bytes[at] as number) - 0x30)", "value * 10 + (bytes[at] as number) - 0x30"],
    ],
    test: CORPUS_TEST,
    name: "the entry append-json",
  },
  {
    id: "14.6-last-fault",
    fault: "of two faults in a header the last one is told",
    file: "packages/core/src/json/record-decoder.ts",
    change: [["        fault ??= found;\n", "        fault = found ?? fault;\n"]],
    test: CORPUS_TEST,
    name: "the entry append-json",
  },
  {
    id: "14.6-switch-believed",
    fault: "a switch in the log is believed by its checksum",
    file: "packages/server-lite/src/storage/log/segment-switch.ts",
    change: [
      ["if (isSwitch(change)) return change;", "if (change !== 0) return change as SegmentSwitch;"],
    ],
    test: CORPUS_TEST,
    name: "the entry log",
  },
  {
    id: "14.6-checkpoint-believed",
    fault: "a checkpoint of another shape is believed by its seal",
    file: "packages/server-lite/src/storage/log/checkpoint.ts",
    change: [
      [
        "  if (isCheckpoint(value)) return value;\n",
        "  if (value !== 0) return value as Checkpoint;\n",
      ],
    ],
    test: CORPUS_TEST,
    name: "the entry state",
  },
  {
    id: "14.6-short-stream-entry",
    fault: "an entry of a stream is read beyond its end",
    file: "packages/server-lite/src/storage/log/state-keys.ts",
    change: [["if (bytes.length < STREAM_FIXED_BYTES)", "if (bytes.length < 0)"]],
    test: CORPUS_TEST,
    name: "the entry state",
  },
  {
    id: "14.6-endless-process-id",
    fault: "any number in a lock is the id of a process",
    file: "packages/server-lite/src/storage/disk/medium/lock-record.ts",
    change: [
      [
        "return Number.isSafeInteger(value) && (value as number) >= 0;",
        'return typeof value === "number";',
      ],
    ],
    test: CORPUS_TEST,
    name: "the entry directory-files",
  },
  {
    id: "14.6-file-above",
    fault: "a file of an exported basin may be what is above it",
    file: "apps/cli/src/transfer/basin-manifest.ts",
    change: [[" && !/^\\.{0,2}$/.test(file)", ""]],
    test: CORPUS_TEST,
    name: "the entry transfer-files",
  },
  {
    id: "14.6-server-shows-itself",
    fault: "an inspected server shows its settings",
    file: "packages/server-lite/src/server.ts",
    change: [["return showsStatusOnly(new Server(", "return (new Server("]],
    test: SERVER_SECRETS_TEST,
    name: "a server",
  },
  {
    id: "14.6-query-in-log",
    fault: "the log has the query of a request",
    file: "packages/server-lite/src/exchange/router.ts",
    change: [
      ["      path: exchange.path,\n", "      path: `${exchange.path}?${exchange.query}`,\n"],
    ],
    test: SERVER_SECRETS_TEST,
    name: "a server",
  },
  {
    id: "14.6-secret-beside-its-hash",
    fault: "a token is kept beside its hash",
    file: `${ACCESS}/access-tokens.ts`,
    change: [
      [
        "      issuedMs: this.components.now(),\n",
        "      issuedMs: this.components.now(),\n      ...{ note: secret },\n",
      ],
    ],
    test: SERVER_SECRETS_TEST,
    name: "a server",
  },
  {
    id: "14.6-quoted-header",
    fault: "a header of the caller that is none reaches the platform, which quotes it",
    file: "packages/client/src/input/options.ts",
    change: [["if (!/^[\\t\\x20-\\x7e\\x80-\\xff]*$/.test(value))", "if (value === undefined)"]],
    test: CLIENT_SECRETS_TEST,
    name: "header that is none",
  },
  {
    id: "14.6-password-of-endpoint",
    fault: "an endpoint may hold a password, and is printed",
    file: "apps/cli/src/files/config-file.ts",
    change: [['url.username !== "" || url.password !== "" || ', ""]],
    test: COMMAND_SECRETS_TEST,
    name: "prints no password of an endpoint",
    build: ["apps/cli"],
  },
  {
    id: "14.6-misspelt-flag",
    fault: "the value of a misspelt flag is printed",
    file: "apps/cli/src/frame/parse.ts",
    change: [["    .replace(/(--?[^\\s'=]+)=[^']*(?=')/, \"$1\")\n", ""]],
    test: COMMAND_SECRETS_TEST,
    name: "a wrong flag",
    build: ["apps/cli"],
  },
  {
    id: "14.6-argument-too-many",
    fault: "an argument that is not expected is printed",
    file: "apps/cli/src/frame/parse.ts",
    change: [['    .replace(/( but got \\d+): .*/s, "$1")', ""]],
    test: COMMAND_SECRETS_TEST,
    name: "a token where none is taken",
    build: ["apps/cli"],
  },
];
