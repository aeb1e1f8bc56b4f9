// The page on troubleshooting by error code: every code of the table of core, with its facts from
// there and its words from error-advice.ts. Kept in docs/, where forges show it too; a test holds
// the two alike.

import type { ErrorCode } from "@s2kit/core";
import { hasNoSideEffects, isRetryable, statusOf } from "@s2kit/core";
import { LOCAL_ADVICE, SERVER_ADVICE } from "./error-advice.ts";

/** Where the page is kept, from the root of the repository. */
export const ERRORS_SOURCE = "docs/troubleshooting.md";

const HEAD = `# Troubleshooting by error code

<!-- made by \`pnpm docs:errors\` from the table of codes and apps/docs/src/reference/error-advice.ts -->

Every failure has a code: \`error.code\` in programs, \`code\` in the JSON of an answer, in brackets in messages of the command.
Codes are stable, messages are not. *Retry*: the same request may succeed later without a change; clients do that by
themselves. *Safe*: nothing happened, so that even an append without a guard may be repeated.

Before you look further: \`s2kit doctor\` looks at what is between you and the server, step by step, and says the next one.`;

/** The page, as Markdown. */
export function errorsPage(): string {
  return [
    HEAD,
    "",
    "## Answers of a server",
    "",
    ...sections(SERVER_ADVICE),
    "## Failures of a client",
    "",
    "They never cross the wire, and have no status.",
    "",
    ...sections(LOCAL_ADVICE),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function sections(advice: object): string[] {
  return Object.entries(advice as Record<ErrorCode, readonly [string, string]>).flatMap(
    ([code, [why, remedy]]) => [
      `### ${code}`,
      "",
      factsOf(code as ErrorCode),
      "",
      why,
      "",
      `**What to do.** ${remedy}`,
      "",
    ],
  );
}

function factsOf(code: ErrorCode): string {
  const status = statusOf(code);
  const facts = [
    ...(status === 0 ? [] : [`status ${status}`]),
    `retry: ${isRetryable(code) ? "yes" : "no"}`,
    `safe: ${hasNoSideEffects(code) ? "yes" : "no"}`,
  ];
  return `*${facts.join(" · ")}*`;
}
