// Client of catch-up reads: takes one HTTP/2 response as fast as it comes and counts its bytes. The
// same for the server and the reference: it looks into nothing.

import { connect } from "node:http2";
import { HEADER_BASIN, MEDIA_S2S } from "@s2kit/core";

export interface DownloadSettings {
  readonly url: string;
  readonly path: string;
  readonly basin: string;
  /** Reads end after so many bytes; a session that follows would never end. */
  readonly bytes: number;
}

export interface Download {
  readonly bytes: number;
  readonly seconds: number;
}

export interface DownloadRole {
  run(): Promise<Download>;
  close(): Promise<void>;
}

export async function open({ url, path, basin, bytes }: DownloadSettings): Promise<DownloadRole> {
  const session = connect(url, {
    maxSessionMemory: 128,
    settings: { initialWindowSize: 8 * 1024 * 1024, maxFrameSize: 1024 * 1024 },
  });
  await new Promise((resolve, reject) => {
    session.once("remoteSettings", resolve);
    session.on("error", reject);
  });
  session.setLocalWindowSize(64 * 1024 * 1024);
  return {
    run: () =>
      new Promise((resolve, reject) => {
        const startedAt = performance.now();
        let received = 0;
        const stream = session.request({
          ":path": path,
          [HEADER_BASIN]: basin,
          "content-type": MEDIA_S2S,
        });
        stream.on("error", reject);
        stream.on("response", (headers) => {
          if (headers[":status"] !== 200)
            reject(new Error(`a read was refused status=${headers[":status"]}`));
        });
        stream.on("data", (chunk: Buffer) => {
          received += chunk.length;
        });
        stream.on("end", () => {
          const seconds = (performance.now() - startedAt) / 1000;
          if (received < bytes) reject(new Error(`a read ended early bytes=${received}`));
          else resolve({ bytes: received, seconds });
        });
      }),
    async close() {
      session.close();
    },
  };
}
