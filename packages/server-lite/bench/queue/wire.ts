// The few calls that the load makes, over plain HTTP/1.1: unary ones in protobuf, and S2S read sessions.
// Knows nothing of what is right.

import { Agent, type IncomingMessage, request } from "node:http";
import { createFrameDecoder } from "@s2kit/core";

export const BASIN = "queue-basin";

/** The connection ended, or the server is not there: it was killed. */
export class Gone extends Error {
  override readonly name = "Gone";
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export class Wire {
  private readonly port: number;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(port: number) {
    this.port = port;
  }

  call(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Uint8Array,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const gone = (error: Error): void => reject(new Gone(error.message, { cause: error }));
      this.send(method, path, headers, gone, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", gone);
        response.on("end", () => {
          if (!response.complete) return gone(new Error("cut"));
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
        });
      }).end(body);
    });
  }

  /** Hands each ReadBatch of a session over; ends when `take` answers false or the connection ends. */
  session(path: string, take: (message: Uint8Array) => boolean): Promise<"over" | "gone"> {
    return new Promise((resolve, reject) => {
      const gone = (): void => resolve("gone");
      const headers = { "content-type": "s2s/proto" };
      const sent = this.send("GET", path, headers, gone, (response) => {
        const decoder = createFrameDecoder();
        response.on("error", gone);
        response.on("end", gone);
        if (response.statusCode !== 200)
          return reject(new Error(`a session is refused status=${response.statusCode} ${path}`));
        response.on("data", (chunk: Buffer) => {
          try {
            decoder.push(chunk);
            for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
              if (frame.kind === "terminal") throw new Error(`a session fails: ${frame.json}`);
              if (take(frame.body)) continue;
              resolve("over");
              sent.destroy();
              return;
            }
          } catch (error) {
            reject(error);
            sent.destroy();
          }
        });
      });
      sent.end();
    });
  }

  close(): void {
    this.agent.destroy();
  }

  private send(
    method: string,
    path: string,
    headers: Record<string, string>,
    onError: (error: Error) => void,
    onResponse: (response: IncomingMessage) => void,
  ) {
    const options = {
      host: "127.0.0.1",
      port: this.port,
      method,
      path,
      agent: this.agent,
      headers: { "s2-basin": BASIN, ...headers },
    };
    const sent = request(options, onResponse);
    sent.on("error", onError);
    return sent;
  }
}
