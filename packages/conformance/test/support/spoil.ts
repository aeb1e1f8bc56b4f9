// Ways to spoil an answer: a header less, JSON with a change, frames that are other frames.
// The faults beside this file are made of them.

import type { Fault } from "./doctor.js";

export const isAppend = (method: string, path: string): boolean =>
  method === "POST" && path.endsWith("/records");
export const isRead = (method: string, path: string): boolean =>
  method === "GET" && /\/records(\?|$)/.test(path);

export const without =
  (name: string): Fault["head"] =>
  (head) => {
    delete head.headers[name];
  };

/** Rewrites JSON; what is none stays. */
function json(change: (value: Record<string, never>) => unknown): (text: string) => string {
  return (text) => {
    if (!text.startsWith("{")) return text;
    const value = JSON.parse(Buffer.from(text, "latin1").toString("utf8")) as Record<string, never>;
    return Buffer.from(JSON.stringify(change(value) ?? value)).toString("latin1");
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of any shape are spoiled
export const edit = (change: (value: any) => void): ((text: string) => string) =>
  json((value) => {
    change(value);
    return value;
  });

/** Changes the first frame that fits; frames of the tests come one a chunk. */
export const frames =
  (change: (frame: Buffer) => Buffer): Fault["chunk"] =>
  (chunk) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      const end = at + 3 + chunk.readUIntBE(at, 3);
      parts.push(change(chunk.subarray(at, end)));
      at = end;
    }
    return Buffer.concat(parts);
  };
