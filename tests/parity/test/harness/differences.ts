// Where the two commands or the two servers differ on purpose. A case that meets one of these asks
// for it by name and demands exactly the value of its cell; what is not listed must be the same.
// Each has its reason, and stands in the README (a test compares the two).

interface Difference {
  /** Which half of the cell decides. */
  readonly of: "cli" | "server";
  readonly reason: string;
  readonly official: unknown;
  readonly ours: unknown;
}

export const DIFFERENCES = {
  "exit code: not found": {
    of: "cli",
    reason: "finer, documented exit codes; the official command knows 1 and 2",
    official: 1,
    ours: 4,
  },
  "exit code: already exists": {
    of: "cli",
    reason: "finer, documented exit codes",
    official: 1,
    ours: 5,
  },
  "exit code: condition failed": {
    of: "cli",
    reason: "finer, documented exit codes",
    official: 1,
    ours: 5,
  },
  "exit code: beyond the tail": {
    of: "cli",
    reason: "finer, documented exit codes",
    official: 1,
    ours: 6,
  },
  "exit code: not authenticated": {
    of: "cli",
    reason: "finer, documented exit codes",
    official: 1,
    ours: 3,
  },
  "exit code: wrong value": {
    of: "cli",
    reason: "ours finds wrong values, specs and settings before any call: they are usage errors",
    official: 1,
    ours: 2,
  },
  "exit code: interrupted": {
    of: "cli",
    reason: "a script must be able to tell an interruption from success",
    official: 0,
    ours: 130,
  },
  "number of Ctrl-C": {
    of: "cli",
    reason:
      "the official command loses one that comes while it writes, and waits for the end of an open stdin",
    official: "until it ends",
    ours: "one",
  },
  "exit code: closed pipe": {
    of: "cli",
    reason: "a reader of the output that stops is no error",
    official: 1,
    ours: 0,
  },
  "clamped start at the tail": {
    of: "cli",
    reason:
      "both servers answer 416 there, clamped or not; for a bounded read or tail ours takes it as no records, exit 0",
    official: 1,
    ours: 0,
  },
  "unknown keys of JSON records": {
    of: "cli",
    reason: "ours refuses them, or a line of another shape would silently become an empty record",
    official: "ignored",
    ours: "refused",
  },
  "prefix given twice": {
    of: "cli",
    reason: "in the URI and as a flag: the official command drops the flag silently",
    official: "uri wins",
    ours: "usage error",
  },
  "position of a command record": {
    of: "cli",
    reason: "ours says where the command itself is, beside the tail",
    official: "",
    ours: String.raw` // at: \d+ @ \d+`,
  },
  "layout of configuration tables": {
    of: "cli",
    reason: "one row a field, under the names of the HTTP API; --json for scripts",
    official: "nested",
    ours: "flat",
  },
  "last line of apply": {
    of: "cli",
    reason: "ours counts what it did",
    official: /^✓ Done$/m,
    ours: /^✓ Done: \d+ resources? created, \d+ updated, \d+ unchanged$/m,
  },
  "plan of a storage class that nobody tells": {
    of: "cli",
    reason:
      "the official command marks what the spec leaves out of each resource; ours compares with what the resource has, and marks what it has not",
    official: "resolved at apply",
    ours: "marked",
  },
  "errors of a spec": {
    of: "cli",
    reason: "ours names all of them at once; the official command stops at the first shape error",
    official: "first",
    ours: "all",
  },
  "S2_SSL_NO_VERIFY=1": {
    of: "cli",
    reason: "the official server prints that line as a hint and the official command refuses it",
    official: "refused",
    ours: "accepted",
  },
  "only one endpoint set": {
    of: "cli",
    reason:
      "ours refuses; the official command warns and calls the cloud, so the case is not run with it",
    official: "calls the cloud",
    ours: "refused",
  },
  "local endpoint without a token": {
    of: "cli",
    reason: "a server on this machine may check none: ours asks it, the official command refuses",
    official: "refused",
    ours: "works",
  },
  "token in config set": {
    of: "cli",
    reason:
      "both warn; the official command puts it into the keychain of the system, which tests do not have",
    official: 1,
    ours: 0,
  },
  "records before a line that fails": {
    of: "cli",
    reason:
      "the official command may drop the batch that waits when a later line is no record; ours appends it first",
    official: "in doubt",
    ours: "kept",
  },
  "exit code: init file that is not there": {
    of: "server",
    reason: "ours counts it as wrong arguments",
    official: 1,
    ours: 2,
  },
  "purge of a deleted basin with records": {
    of: "server",
    reason: "the official lite leaves it, marked as deleting, to a slow background tick",
    official: "later",
    ours: "soon",
  },
  "basin location": {
    of: "server",
    reason: "the official lite knows no locations",
    official: "",
    ours: " (local)",
  },
  "access tokens, locations and metrics": {
    of: "server",
    reason: "the official lite answers 501 to all of them",
    official: "not implemented",
    ours: "work",
  },
  authentication: {
    of: "server",
    reason: "the official lite checks no token; ours does with --auth",
    official: "none",
    ours: "--auth",
  },
  "storage of lite without a flag": {
    of: "server",
    reason: "ours is durable unless --in-memory is given; the official lite forgets",
    official: "memory",
    ours: "disk",
  },
  "address of lite without a flag": {
    of: "server",
    reason: "ours serves this machine only unless told otherwise",
    official: "0.0.0.0",
    ours: "127.0.0.1",
  },
  "metrics page": {
    of: "server",
    reason:
      "the official lite shows its append histograms after the first append only; ours from the start",
    official: "after an append",
    ours: "at once",
  },
  "browser origins of lite": {
    of: "server",
    reason:
      "no token is asked for: ours lets in pages of this machine and of --cors-origin, the official lite those of anyone",
    official: "all",
    ours: "this machine",
  },
} as const satisfies Readonly<Record<string, Difference>>;

export type DifferenceName = keyof typeof DIFFERENCES;
