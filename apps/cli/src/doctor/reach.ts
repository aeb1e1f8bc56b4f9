// Whether an address has a host that is known, a port that answers, a certificate that is believed,
// and which versions of HTTP it speaks. Connections of its own, so that each step is told apart.
// Spec: cli#doctor.

import { lookup } from "node:dns/promises";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { S2Error } from "@s2kit/core";
import { type HintConnection, hintFor } from "../frame/error-report.js";
import { systemErrorText } from "../values/system-error.js";
import type { Finding } from "./finding.js";

/** So long a step may take, ms. */
const PATIENCE_MS = 5000;
const DAY_MS = 86_400_000;
/** A certificate that ends sooner is told. */
const CERTIFICATE_DAYS = 14;

export interface Reach {
  readonly url: URL;
  readonly connection: HintConnection;
  readonly skipTlsVerification: boolean;
  /** Milliseconds since the epoch; certificates go by it. */
  readonly now: number;
}

/** The name, then the port with what is spoken there; nothing after the first that fails. */
export async function* reachFindings(reach: Reach, label = ""): AsyncGenerator<Finding> {
  const address = await addressFinding(reach, `${label}address`);
  yield address;
  if (address.state !== "fail") yield await portFinding(reach, `${label}connection`);
}

async function addressFinding({ url, connection }: Reach, check: string): Promise<Finding> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  try {
    const found = await within(lookup(host, { all: true }), "the name service does not answer");
    const addresses = [...new Set(found.map(({ address }) => address))].join(", ");
    const text = addresses === host ? url.origin : `${url.origin} is at ${addresses}`;
    return { check, state: "ok", text };
  } catch (error) {
    return failed(check, `${url.origin}: ${textOf(error)}`, error, connection);
  }
}

async function portFinding(reach: Reach, check: string): Promise<Finding> {
  const { url, connection } = reach;
  try {
    return url.protocol === "https:" ? await tlsFinding(reach, check) : await clear(url, check);
  } catch (error) {
    return failed(check, textOf(error), error, connection);
  }
}

async function tlsFinding(reach: Reach, check: string): Promise<Finding> {
  const { url, skipTlsVerification, now } = reach;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = connectTls({
    ...portOf(url, 443),
    // Names alone may be told to the other side, addresses may not.
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    ALPNProtocols: ["h2", "http/1.1"],
    rejectUnauthorized: !skipTlsVerification,
  });
  try {
    await connected(socket, "secureConnect");
    const version = (socket.getProtocol() ?? "TLS").replace("v", " ");
    const http = socket.alpnProtocol === "h2" ? "HTTP/2 and HTTP/1.1" : "HTTP/1.1 only";
    return certified(socket, { check, text: `${version}, ${http}`, now });
  } finally {
    socket.destroy();
  }
}

function certified(
  socket: TLSSocket,
  { check, text, now }: { readonly check: string; readonly text: string; readonly now: number },
): Finding {
  const until = Date.parse(socket.getPeerCertificate().valid_to);
  if (!socket.authorized)
    return {
      check,
      state: "warn",
      text: `${text}; the certificate is not verified`,
      next: "leave --insecure and S2_SSL_NO_VERIFY out where the certificate should be believed",
    };
  if (Number.isNaN(until)) return { check, state: "ok", text };
  const day = new Date(until).toISOString().slice(0, 10);
  const isNear = until - now < CERTIFICATE_DAYS * DAY_MS;
  return {
    check,
    state: isNear ? "warn" : "ok",
    text: `${text}; certificate until ${day}`,
    next: isNear ? "its owner must renew the certificate soon" : undefined,
  };
}

async function clear(url: URL, check: string): Promise<Finding> {
  const socket = connectTcp(portOf(url, 80));
  try {
    await connected(socket, "connect");
  } finally {
    socket.destroy();
  }
  const http = (await speaksHttp2(url)) ? "HTTP/2 and HTTP/1.1" : "HTTP/1.1 only";
  return { check, state: "ok", text: `${http}, without TLS` };
}

/** In the clear nothing is agreed on before: whoever speaks HTTP/2 answers with its settings. */
async function speaksHttp2(url: URL): Promise<boolean> {
  const session = connectHttp2(url.origin);
  try {
    const settings = new Promise<boolean>((resolve) => {
      session.once("remoteSettings", () => resolve(true));
      session.on("error", () => resolve(false));
      session.once("close", () => resolve(false));
    });
    return await within(settings, "no settings");
  } catch {
    return false;
  } finally {
    session.destroy();
  }
}

function portOf(url: URL, usual: number): { host: string; port: number } {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: url.port === "" ? usual : Number(url.port) };
}

async function connected(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("the other side ended the connection")));
  });
  await within(done, "no answer came in time");
}

async function within<T>(what: Promise<T>, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} (${PATIENCE_MS} ms)`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([what, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is said of a failure of the network, and its next step as every command names it. */
export function failed(
  check: string,
  text: string,
  cause: unknown,
  connection: HintConnection,
): Finding {
  const error = new S2Error({ code: "CONNECTION_FAILED", message: text, cause });
  return { check, state: "fail", text, next: hintFor(error, connection) };
}

/** The sentence of the innermost cause that has one. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  if (inner instanceof Error) return textOf(inner);
  return (
    systemErrorText(error) ??
    /:SSL routines:[^:]*:([^:]+)/.exec(error.message)?.[1] ??
    error.message
  );
}
