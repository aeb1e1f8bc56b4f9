// The four requests about one basin, for the cases that make many of them.
// Called by the cases about basins; what they answer is looked at there.

import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";

export function post(
  context: Context,
  basin: string,
  config?: unknown,
  token?: string,
): Promise<Answer> {
  return context.call("POST", "/v1/basins", {
    json: { basin, ...(config === undefined ? {} : { config }) },
    headers: token === undefined ? {} : { "s2-request-token": token },
  });
}

export const put = (context: Context, basin: string, json?: unknown): Promise<Answer> =>
  context.call("PUT", `/v1/basins/${basin}`, json === undefined ? {} : { json });

export const get = (context: Context, basin: string): Promise<Answer> =>
  context.call("GET", `/v1/basins/${basin}`);

export const patch = (context: Context, basin: string, json: unknown): Promise<Answer> =>
  context.call("PATCH", `/v1/basins/${basin}`, { json });
