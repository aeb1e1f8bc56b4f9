// Known failures of a target, kept in files: `{"target": "…", "known": {"suite/case": "why"}}`. They do not
// hide anything: the report names them, and one that passes again is told.

export interface KnownFailures {
  /** Name and version of the server. */
  readonly target: string;
  /** Reasons by case id. */
  readonly known: Readonly<Record<string, string>>;
}

/** @throws {TypeError} that says what is wrong */
export function parseKnown(text: string): KnownFailures {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("known" in value) || !("target" in value))
    throw new TypeError('known failures are {"target": "…", "known": {"suite/case": "why"}}');
  const { target, known } = value;
  if (typeof target !== "string" || typeof known !== "object" || known === null)
    throw new TypeError('known failures are {"target": "…", "known": {"suite/case": "why"}}');
  const wrong = Object.entries(known).find(([, why]) => typeof why !== "string" || why === "");
  if (wrong !== undefined) throw new TypeError(`known failure without a reason: ${wrong[0]}`);
  return { target, known: known as Record<string, string> };
}
