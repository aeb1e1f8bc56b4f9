// The acceptance list and the recorded bugs of the field's commands as a table: each clause names
// the test that shows it, and this suite fails when a named test is gone, when a clause has none, or
// when a test carries the number of a row that does not exist.

import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Clause {
  readonly says: string;
  /** Files and the beginnings of titles in them; or why there is none. */
  readonly shownBy: readonly (readonly [file: string, title: string])[] | string;
}

const ROWS: Readonly<Record<string, readonly Clause[]>> = {
  A1: [
    {
      says: "basins and streams listed in every form",
      shownBy: [["resources", "A1: lists basins and streams in every form"]],
    },
  ],
  A2: [
    {
      says: "basins created, shown, reconfigured and deleted, each kind of setting",
      shownBy: [["resources", "A2: creates, shows, reconfigures and deletes basins"]],
    },
  ],
  A3: [
    {
      says: "streams likewise; 14 days shown in the table",
      shownBy: [["resources", "A3: creates, shows, reconfigures and deletes streams"]],
    },
  ],
  A4: [
    {
      says: "missing resources fail (with 4 instead of 1)",
      shownBy: [["resources", "A4: says not found"]],
    },
  ],
  A5: [{ says: "check-tail, 0 @ 0 on a fresh stream", shownBy: [["records", "A5: checks"]] }],
  A6: [
    {
      says: "text from file and stdin, CRLF, empty lines",
      shownBy: [["records", "A6: round-trips text from stdin and file"]],
    },
    {
      says: "json with headers and timestamps",
      shownBy: [["records", "A6: keeps headers and timestamps in json"]],
    },
    {
      says: "json-base64 is lossless",
      shownBy: [["records", "A6: json-base64 gives back any records"]],
    },
    {
      says: "1 MiB to the byte; a longer line is an error",
      shownBy: [["records", "A6: takes a record of exactly 1 MiB metered"]],
    },
  ],
  A7: [
    { says: "tail -n 3 of 5", shownBy: [["records", "A7: tails the last records"]] },
    {
      says: "tail-offset, bytes, ago, timestamp, until",
      shownBy: [["records", "A7: starts and stops where it is told"]],
    },
    { says: "clamp, also on an empty stream", shownBy: [["records", "A7: fails beyond the tail"]] },
    {
      says: "an output file written twice",
      shownBy: [["records", "A7: replaces the output file"]],
    },
  ],
  A8: [{ says: "fence and trim, with tokens", shownBy: [["records", "A8: fences and trims"]] }],
  A9: [
    { says: "match-seq-num once", shownBy: [["records", "A9: matches the sequence number once"]] },
  ],
  A10: [
    {
      says: "diff of basins, streams, defaults: text, JSON, exit code",
      shownBy: [["declarative", "A10: compares basins, streams and defaults"]],
    },
    {
      says: "bare names refused before authentication",
      shownBy: [["declarative", "A10: refuses bare names"]],
    },
  ],
  A11: [
    {
      says: "apply twice, symbols of the dry run",
      shownBy: [["declarative", "A11: shows a plan, creates, then changes nothing"]],
    },
    { says: "the schema", shownBy: [["declarative", "A11: prints the schema"]] },
    { says: "all errors of a spec", shownBy: [["declarative", "A11: names every mistake"]] },
  ],
  A12: [
    {
      says: "1 s at 1 MiB/s verifies, prints what harnesses parse, stream gone",
      shownBy: [["bench", "A12: writes, reads live, catches up"]],
    },
    { says: "Ctrl-C", shownBy: [["bench", "A12: ends early on Ctrl-C"]] },
    {
      says: "verifies with another implementation's reader",
      shownBy: [["bench", "A12: writes what another implementation"]],
    },
  ],
  A13: [
    {
      says: "the environment overrides what is stored",
      shownBy: [["auth", "A13: the environment goes before"]],
    },
    {
      says: "no token in configuration or output; modes 0600 and 0700",
      shownBy: [
        ["auth", "A13: with --insecure-storage"],
        ["secret-store", "A13: keeps the token in the store"],
      ],
    },
    {
      says: "migrate",
      shownBy: [
        ["auth", "A13: migrates a plain token"],
        ["secret-store", "A13: migrates a plain token into the store"],
      ],
    },
    { says: "remove", shownBy: [["secret-store", "A13: a new token replaces the old one"]] },
    { says: "rules of --stdin", shownBy: [["auth", "A13: asks only on a terminal"]] },
  ],
  A14: [
    {
      says: "malformed, mismatched, only one set: refused",
      shownBy: [["auth", "A14: refuses the endpoints"]],
    },
    {
      says: "the source of a wrong one is named",
      shownBy: [["auth", "A14: says where a wrong endpoint came from"]],
    },
  ],
  A15: [
    {
      says: "the table of URIs",
      shownBy: [
        ["values/uri", "names a basin"],
        ["values/uri", "takes everything after the first slash"],
        ["values/uri", "takes the rest of a listing URI as a prefix"],
        ["values/uri", "as a stream with a usage error"],
        ["values/uri", "as a basin with a usage error"],
      ],
    },
    {
      says: "unknown commands and arguments end with 2",
      shownBy: [["arguments", "A15: refuses %j with exit code 2"]],
    },
  ],
  A16: [
    { says: "health, metrics, drain", shownBy: [["lite", "A16: serves from memory"]] },
    { says: "the init file", shownBy: [["lite", "A16: applies its init file"]] },
    {
      says: "self-signed TLS, S2_SSL_NO_VERIFY=1",
      shownBy: [["lite", "A16: speaks TLS with a certificate of its own"]],
    },
    { says: "hint lines that work", shownBy: [["lite", "A16: prints lines to paste that work"]] },
    {
      says: "storage, authentication, origins, limits, remote machines, port",
      shownBy: [
        ["lite", "A16: keeps data in a directory"],
        ["lite", "A16: checks tokens with --auth"],
        ["lite", "A16: answers browsers of this machine"],
        ["lite", "A16: limits readers of a stream"],
        ["lite", "A16: refuses other machines"],
        ["lite", "A16: says what to do when the port is taken"],
      ],
    },
  ],
  B: [
    {
      says: "stdout is data for every command, JSON a line with --json",
      shownBy: [
        ["purity", "B: %s keeps stdout to data"],
        ["purity", "every command has its case"],
      ],
    },
  ],
  C: [
    {
      says: "terminals and pipes, for each stream; NO_COLOR",
      shownBy: [
        ["terminal", "C: terminal=%s env=%j --color %s gives %s"],
        ["terminal", "C: no escape code in a pipe"],
        ["terminal", "C: decides about colours for each stream by itself"],
      ],
    },
  ],
  D: [
    { says: "memory of tail -f stays flat", shownBy: [["memory", "D: follows 600 000 records"]] },
    {
      says: "append of a file larger than its heap",
      shownBy: [["memory", "D: appends and reads back a file"]],
    },
    {
      says: "start-up",
      shownBy: [["arguments", "loads little before it knows the command"]],
    },
  ],
};

/** Numbers of section 15. A text is the reason why there is no test here. */
const PAST_BUGS: readonly Clause["shownBy"][] = [
  [["records", "A7: replaces the output file"]],
  [["records", "A6: reports the ranges of many batches in order"]],
  [["record-format/formats", "text and binary keep command records out of the data"]],
  [["memory", "D: appends and reads back a file"]],
  [["records", "A6: round-trips text from stdin and file"]],
  [["records", "A7: starts and stops where it is told"]],
  [
    ["records", "A8: fences and trims"],
    ["records", "A9: matches the sequence number once"],
  ],
  [["records", "A6: json-base64 gives back any records"]],
  [["records", "A6: reports the ranges of many batches in order"]],
  [["records", "A8: fences and trims"]],
  [["records", "A6: appends to a stream that the first append creates"]],
  [["records", "A7: fails beyond the tail"]],
  [["records", "A6: round-trips text from stdin and file"]],
  [["past-bugs", "ends at Ctrl-C also while it waits for the catch-up read"]],
  [["terminal", "C: says after a while that a read waits at the tail"]],
  [["auth", "A13: the environment goes before"]],
  [
    ["auth", "A13: the environment goes before"],
    ["past-bugs", "an authentication failure is an error"],
  ],
  [["auth", "A13: never overwrites a configuration"]],
  [["auth", "A14: says where a wrong endpoint came from"]],
  [
    ["auth", "A13: with --insecure-storage"],
    ["auth", "A13: writes no secret through a symbolic link"],
  ],
  [["secret-store", "A13: migrates a plain token into the store"]],
  "one path for all but Windows: configDirectory knows no macOS",
  [["past-bugs", "an authentication failure is an error"]],
  [["past-bugs", "a reconfiguration without stream flags"]],
  [["resources", "A2: creates, shows, reconfigures and deletes basins"]],
  [["values/duration", "prints exact and long forms"]],
  [
    ["past-bugs", "an empty delete_on_empty"],
    ["declarative", "A11: names every mistake"],
  ],
  [["auth", "A13: issues tokens that can do what they name"]],
  [["past-bugs", "shows what is being deleted in lists"]],
  [["purity", "B: %s keeps stdout to data"]],
  [["lite", "A16: speaks TLS with a certificate of its own"]],
  [["past-bugs", "knows whether %s is this machine"]],
  [["auth", "A14: refuses the endpoints"]],
  "there is no full-screen interface: raw mode is the prompt library's, and restored by it",
  "there is no full-screen interface",
  "there is no full-screen interface; --unset goes back to the inherited value (A2)",
  "there is no full-screen interface",
  "there is no full-screen interface",
  [["bench", "finds a lost, a doubled, a swapped and a changed record"]],
  [["past-bugs", "ends at Ctrl-C also while it waits for the catch-up read"]],
  "there never was a ping here: bench measures throughput and latency",
  [["terminal", "C: draws live figures of the benchmark"]],
  [["past-bugs", "tells mean and standard deviation"]],
  [["lite", "A16: prints lines to paste that work"]],
  [["arguments", "A15: refuses %j with exit code 2"]],
  [["auth", "A13: issues tokens that can do what they name"]],
  [["lite", "A16: answers browsers of this machine"]],
  "durability is the server's: its storage compliance suite and crash histories",
  [["lite", "A16: prints lines to paste that work"]],
  "headers of answers are the server's: its tests of SSE and sessions",
];

const sources = new Map(
  globSync("**/*.test.ts", { cwd: import.meta.dirname }).map((file) => [
    file.replaceAll("\\", "/").replace(/\.test\.ts$/, ""),
    readFileSync(`${import.meta.dirname}/${file}`, "utf8"),
  ]),
);

function missing(shownBy: Clause["shownBy"]): string[] {
  if (typeof shownBy === "string") return shownBy === "" ? ["no reason"] : [];
  if (shownBy.length === 0) return ["no test"];
  return shownBy
    .filter(([file, title]) => sources.get(file)?.includes(title) !== true)
    .map(([file, title]) => `${file}: ${title}`);
}

describe.each(Object.entries(ROWS))("row %s", (_row, clauses) => {
  it.each(clauses.map((clause) => [clause.says, clause.shownBy] as const))(
    "%s",
    (_says, shownBy) => {
      expect(missing(shownBy)).toEqual([]);
    },
  );
});

it("has every row of the list, and no test names another", () => {
  const rows = [...Array.from({ length: 16 }, (_, i) => `A${i + 1}`), "B", "C", "D"];
  expect(Object.keys(ROWS)).toEqual(rows);
  const named = [...sources.values()].flatMap((text) =>
    [...text.matchAll(/[(\s]"([ABCD]\d*): /g)].map(([, row]) => row),
  );
  expect([...new Set(named)].filter((row) => row === undefined || !rows.includes(row))).toEqual([]);
});

it.each(PAST_BUGS.map((shownBy, i) => [i + 1, shownBy] as const))("past bug %d", (_, shownBy) => {
  expect(missing(shownBy)).toEqual([]);
});

it("has every recorded bug", () => {
  expect(PAST_BUGS).toHaveLength(50);
});
