// A small JSON client for the HTTP/1.1 side; free of the test runner, for tools too.

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
  readonly json: any;
}

export interface CallOptions {
  readonly basin?: string;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
}

export async function call(
  base: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.basin !== undefined) headers["s2-basin"] = options.basin;
  if (options.json !== undefined) headers["content-type"] ??= "application/json";
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}
