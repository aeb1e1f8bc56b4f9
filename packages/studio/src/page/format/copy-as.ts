// What an action is outside of this page: the same as a command line, as curl and as TypeScript.
// Pure text; names are quoted so that pasting them runs nothing. Tokens and keys are never in it,
// only the names of their variables.

export interface CopyAs {
  readonly title: string;
  readonly cli: string;
  readonly curl: string;
  readonly ts: string;
}

/** One word for a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  if (/^[\w./:@%+,=-]+$/.test(text)) return text;
  if (!/\p{Cc}/u.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = text.replace(/[\\']|\p{Cc}/gu, (char) => {
    if (/[\\']/.test(char)) return `\\${char}`;
    // As bytes: what a shell makes of \u depends on its locale.
    const bytes = [...new TextEncoder().encode(char)];
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  });
  return `$'${escaped}'`;
}

export function uri(basin: string, stream = ""): string {
  return shellWord(`s2://${basin}${stream === "" ? "" : `/${stream}`}`);
}

/** Options that have a value, in the order given. */
export function flags(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== "" && value !== false)
    .map(([name, value]) =>
      value === true ? ` --${name}` : ` --${name} ${shellWord(String(value))}`,
    )
    .join("");
}

export interface CurlRequest {
  readonly endpoint: string;
  readonly hasToken: boolean;
  readonly method?: string;
  /** Below `/v1`. */
  readonly path: string;
  readonly basin?: string;
  /** The stream is encrypted: its key goes along. */
  readonly isKeyed?: boolean;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
  /** The JSON comes from a command before it. */
  readonly isPiped?: boolean;
  readonly accept?: string;
}

export function curl(request: CurlRequest): string {
  const { endpoint, hasToken, method = "GET", path, basin, json, accept } = request;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined && value !== "") query.set(name, String(value));
  const search = query.size === 0 ? "" : `?${query.toString()}`;
  const parts = [`curl ${shellWord(`${endpoint}/v1${path}${search}`)}`];
  if (method !== "GET") parts.push(`-X ${method}`);
  if (hasToken) parts.push(`-H "authorization: Bearer $S2_ACCESS_TOKEN"`);
  if (basin !== undefined) parts.push(`-H ${shellWord(`s2-basin: ${basin}`)}`);
  if (request.isKeyed === true) parts.push(`-H "s2-encryption-key: $S2_ENCRYPTION_KEY"`);
  if (accept !== undefined) parts.push(`-N -H ${shellWord(`accept: ${accept}`)}`);
  const data = request.isPiped === true ? "@-" : JSON.stringify(json);
  if (data !== undefined)
    parts.push(`-H 'content-type: application/json'`, `--data-binary ${shellWord(data)}`);
  return parts.join(" \\\n  ");
}

/** A program around the lines of an action. */
export function program(endpoint: string, hasToken: boolean, lines: string): string {
  const token = hasToken ? "process.env.S2_ACCESS_TOKEN" : `"ignored"`;
  const names = ["AppendInput", "AppendRecord", "S2"].filter(
    (name) => name === "S2" || lines.includes(name),
  );
  return `import { ${names.join(", ")} } from "@s2kit/client";

const s2 = new S2({
  accessToken: ${token},
  endpoints: { account: ${text(endpoint)}, basin: ${text(endpoint)} },
});
${lines}
await s2.close();`;
}

/** The option that hands in the key of an encrypted stream. */
export function keyFlag(isKeyed: boolean): string {
  return isKeyed ? ` --encryption-key "$S2_ENCRYPTION_KEY"` : "";
}

/** A stream in a program. */
export function streamHandle(basin: string, stream: string, isKeyed: boolean): string {
  const key = isKeyed ? ", { encryptionKey: process.env.S2_ENCRYPTION_KEY }" : "";
  return `s2.basin(${text(basin)}).stream(${text(stream)}${key})`;
}

/** A literal of JavaScript. */
export function text(value: unknown): string {
  return JSON.stringify(value);
}

export function streamPath(stream: string, rest = ""): string {
  return `/streams/${encodeURIComponent(stream)}${rest}`;
}
