// HTTP as bytes on a fresh connection, for what no client library would send.

import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; the last line of a name wins. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly text: string;
}

/** Sends a request line and headers with `connection: close`, and reads to the end. */
export function rawRequest(
  port: number,
  line: string,
  headers: readonly string[] = ["host: localhost"],
  body = "",
): Promise<RawAnswer> {
  const head = [line, "connection: close", ...headers, "", ""].join("\r\n");
  return rawBytes(port, head + body);
}

export function rawBytes(port: number, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"));
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(parse(text)));
  });
}

function parse(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [status = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(status.split(" ")[1] ?? 0), headers, body: text.slice(end + 4), text };
}
