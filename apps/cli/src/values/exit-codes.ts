// The exit codes that scripts may rely on, with their meanings. Documented in README.md; a test
// compares both. Spec: cli#streams-and-exit-codes.

export const EXIT: {
  readonly ok: 0;
  readonly failed: 1;
  readonly usage: 2;
  readonly auth: 3;
  readonly notFound: 4;
  readonly conflict: 5;
  readonly range: 6;
  readonly rate: 7;
  readonly unavailable: 8;
  readonly verification: 9;
  readonly interrupted: 130;
} = {
  ok: 0,
  failed: 1,
  usage: 2,
  auth: 3,
  notFound: 4,
  conflict: 5,
  range: 6,
  rate: 7,
  unavailable: 8,
  verification: 9,
  interrupted: 130,
};

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in the words of the README. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, "success"],
  [EXIT.failed, "any other failure; differences found by `diff --exit-code`"],
  [EXIT.usage, "wrong arguments, or a connection that is only half configured"],
  [EXIT.auth, "not authenticated, or not permitted"],
  [EXIT.notFound, "no such basin, stream or access token"],
  [EXIT.conflict, "already exists, being deleted, or an append condition failed"],
  [EXIT.range, "the read starts beyond the tail"],
  [EXIT.rate, "rate limit or quota"],
  [EXIT.unavailable, "server unreachable, unavailable or too slow"],
  [EXIT.verification, "verification failed: bytes differ"],
  [EXIT.interrupted, "interrupted by Ctrl-C or SIGTERM, after draining"],
];
