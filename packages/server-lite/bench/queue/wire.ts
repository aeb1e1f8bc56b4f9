// The few calls that the load makes, over plain HTTP/1.1: unary ones in protobuf, and S2S read sessions.
// Knows nothing of what is right.

import { Agent, request } from "node:http";
import { createFrameDecoder } from "@s2kit/core";
import { type Answer, type Line, openLine } from "./line.js";

export const BASIN = "queue-basin";

export class Wire {
  private readonly port: number;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  /** Connections on which nothing is asked at the moment. */
  private readonly idle: Line[] = [];

  constructor(port: number) {
    this.port = port;
  }

  async call(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body: Uint8Array = new Uint8Array(),
  ): Promise<Answer> {
    // The one that rests longest: none rests until the server closes it.
    const line = this.idle.shift() ?? (await openLine(this.port));
    const answer = await line.call(method, path, { "s2-basin": BASIN, ...headers }, body);
    this.idle.push(line);
    return answer;
  }

  /** Hands each ReadBatch of a session over; ends when `take` answers false or the connection ends. */
  session(path: string, take: (message: Uint8Array) => boolean): Promise<"over" | "gone"> {
    return new Promise((resolve, reject) => {
      const gone = (): void => resolve("gone");
      const options = {
        host: "127.0.0.1",
        port: this.port,
        path,
        agent: this.agent,
        headers: { "s2-basin": BASIN, "content-type": "s2s/proto" },
      };
      const sent = request(options, (response) => {
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
      sent.on("error", gone).end();
    });
  }

  close(): void {
    this.agent.destroy();
    for (const line of this.idle) line.close();
  }
}
