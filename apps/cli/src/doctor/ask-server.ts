// What a server says to whoever asks it as a client does: its health, its time, whether it takes
// the token and what that may list. Nothing is changed. Spec: cli#doctor.

import type { S2 } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import type { Connection } from "../frame/connection.js";
import { type HintConnection, hintFor } from "../frame/error-report.js";
import { clockFinding } from "./clock-difference.js";
import type { Finding } from "./finding.js";
import { failed, textOf } from "./reach.js";

/** So long the answer of a probe may take, ms. */
const PATIENCE_MS = 5000;
/** So much of what an unhealthy server says is shown. */
const MAX_REASON = 100;

/** @param base - address of the API, which ends in its version */
export async function* healthFindings(
  base: string,
  connection: HintConnection,
): AsyncGenerator<Finding> {
  const url = `${base.replace(/\/v1$/, "")}/health`;
  const sentAt = Date.now();
  let answer: Response;
  let reason: string;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    answer = await fetch(url, { signal, redirect: "manual" });
    reason = answer.status === 503 ? await answer.text() : "";
    await answer.body?.cancel().catch(() => undefined);
  } catch (error) {
    yield failed("health", `no answer to a call: ${textOf(error)}`, error, connection);
    return;
  }
  yield healthFinding(answer.status, reason);
  yield clockFinding({ sentAt, answeredAt: Date.now(), date: answer.headers.get("date") });
}

function healthFinding(status: number, reason: string): Finding {
  const check = "health";
  if (status === 200) return { check, state: "ok", text: "/health says OK" };
  if (status !== 503)
    return { check, state: "ok", text: `this server has no /health for all (${status})` };
  const [line = ""] = reason.replace(/[^\x20-\x7e\n]/g, "").split("\n");
  return {
    check,
    state: "fail",
    text: `/health says 503: ${line.slice(0, MAX_REASON)}`,
    next: "the server takes no requests now; its log says more",
  };
}

export async function tokenFinding(client: S2, connection: Connection): Promise<Finding> {
  const check = "token";
  const basins = await failureOf(client.basins.list({ limit: 1 }));
  const { hasNoToken, tokenSource } = connection;
  if (basins !== undefined && basins.code !== "permission_denied") {
    const text =
      basins.code !== "authn"
        ? `could not be tried: ${basins.rawMessage}`
        : hasNoToken
          ? "none was given, and this server asks for one"
          : `refused: ${tokenSource}`;
    return { check, state: "fail", text, next: hintFor(basins, connection) };
  }
  if (hasNoToken && basins === undefined)
    return { check, state: "ok", text: "none was given, and this server asks for none" };
  const tokens = await failureOf(client.accessTokens.list({ limit: 1 }));
  const may = (failure: S2Error | undefined): string => (failure === undefined ? "may" : "may not");
  return {
    check,
    state: "ok",
    text: `taken: ${tokenSource}; ${may(basins)} list basins, ${may(tokens)} list tokens`,
  };
}

export async function failureOf(call: Promise<unknown>): Promise<S2Error | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return S2Error.from(error);
  }
}
