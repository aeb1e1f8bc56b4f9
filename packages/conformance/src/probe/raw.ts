// Bytes on a fresh connection, for what no client library would send: the answer is whatever comes
// until the server closes, or until enough came.

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Target, within } from "./target.js";

export interface RawAnswer {
  readonly status: number;
  /** The last line of a name wins. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of a chunked body still with its chunk heads. */
  readonly body: string;
  readonly text: string;
}

export function openSocket(target: Target, protocols?: readonly string[]): Socket {
  const { hostname: host, port } = target;
  const socket = target.isTls
    ? connectTls({
        host,
        port,
        rejectUnauthorized: target.verifiesTls,
        ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }),
        ...(protocols === undefined ? {} : { ALPNProtocols: [...protocols] }),
      })
    : connectTcp({ host, port });
  socket.setNoDelay(true);
  return socket;
}

export interface RawOptions {
  /** Sent one after the other, each in a packet of its own. */
  readonly parts: readonly (string | Uint8Array)[];
  /** Ends the wait; without it the server must close. */
  readonly isEnough?: (text: string) => boolean;
}

export function rawExchange(target: Target, { parts, isEnough }: RawOptions): Promise<RawAnswer> {
  const socket = openSocket(target);
  const answer = new Promise<RawAnswer>((resolve) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (isEnough?.(text) === true) socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(parseRaw(text)));
    const send = (index: number): void => {
      const part = parts[index];
      if (part === undefined || socket.destroyed) return;
      const bytes = typeof part === "string" ? Buffer.from(part, "latin1") : part;
      socket.write(bytes, () => setImmediate(() => send(index + 1)));
    };
    socket.once(target.isTls ? "secureConnect" : "connect", () => send(0));
  });
  return within(target, answer, "bytes on a socket").finally(() => socket.destroy());
}

/** One request with `connection: close`. */
export function rawRequest(
  target: Target,
  line: string,
  headers: readonly string[],
  body: string | Uint8Array = "",
): Promise<RawAnswer> {
  const head = [line, "connection: close", ...headers, "", ""].join("\r\n");
  return rawExchange(target, { parts: [head, body] });
}

export function parseRaw(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, Math.max(end, 0)).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(" ")[1] ?? 0), headers, body: text.slice(end + 4), text };
}
