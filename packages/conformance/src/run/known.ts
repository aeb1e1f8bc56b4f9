// Known failures of a target, kept in files: `{"target": "…", "known": {"suite/case": "why"}}`.
// They do not hide anything: the report names them, and one that passes again is told.

/** Cases that a server is known to fail, each with its reason; read by {@link parseKnown}. */
export interface KnownFailures {
  /** Name and version of the server. */
  readonly target: string;
  /** Reasons by case id. */
  readonly known: Readonly<Record<string, string>>;
  /** Reasons by case id of what fails at times: a pass is no news. */
  readonly sometimes?: Readonly<Record<string, string>> | undefined;
}

const FORM =
  'known failures are {"target": "…", "known": {"suite/case": "why"}, "sometimes": {…}?}';

/** @throws {TypeError} that says what is wrong */
export function parseKnown(text: string): KnownFailures {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("known" in value) || !("target" in value))
    throw new TypeError(FORM);
  const { target } = value;
  if (typeof target !== "string") throw new TypeError(FORM);
  const sometimes = "sometimes" in value ? reasonsOf(value.sometimes) : undefined;
  return { target, known: reasonsOf(value.known), sometimes };
}

function reasonsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) throw new TypeError(FORM);
  const wrong = Object.entries(value).find(([, why]) => typeof why !== "string" || why === "");
  if (wrong !== undefined) throw new TypeError(`known failure without a reason: ${wrong[0]}`);
  return value as Record<string, string>;
}
