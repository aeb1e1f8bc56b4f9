// Followers at the tail: how live batches are pushed to them, framed once, and counted.

const server = "packages/server-lite/src";
const carried = "packages/server-lite/test/session/shared-output.test.ts";
const told = "packages/server-lite/test/backend/followers.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "20.4-crowd-in-one-turn",
    fault: "a crowd of followers holds up the loop",
    file: `${server}/backend/append/followers.ts`,
    change: [["told < TOLD_PER_TURN", "told < 1e9"]],
    test: told,
  },
  {
    id: "20.4-told-at-once",
    fault: "followers are served before the ack of the batch leaves",
    file: `${server}/backend/append/followers.ts`,
    change: [["    queueMicrotask(this.tellSome);\n", "    this.tellSome();\n"]],
    test: told,
    name: "nobody is told in the turn",
  },
  {
    id: "20.4-told-after-close",
    fault: "a follower that left is told of a batch",
    file: `${server}/backend/append/followers.ts`,
    change: [['if (this.state.kind !== "closed") this.onChange();', "this.onChange();"]],
    test: told,
    name: "closes before its turn",
  },
  {
    id: "13-ended-drops",
    fault: "a follower whose stream ended loses what waited for it",
    file: `${server}/backend/append/followers.ts`,
    change: [['if (state.kind !== "ended") this.release();', "this.release();"]],
    test: told,
    name: "takes what waited for it",
  },
  {
    id: "20.4-chunk-of-first-part",
    fault: "a chunk of several parts has the length of the first",
    file: `${server}/http/http1-exchange.ts`,
    change: [
      ["for (const part of parts) length += part.length;", "length = parts[0]?.length ?? 0;"],
    ],
    test: carried,
    name: "began at different times",
  },
  {
    id: "20.4-chunks-for-http-1.0",
    fault: "a client that knows no chunks gets them",
    file: `${server}/http/http1-exchange.ts`,
    change: [["|| !response.chunkedEncoding ", ""]],
    test: carried,
    name: "began at different times",
  },
  {
    id: "20.4-message-length",
    fault: "the length of a middle-sized WebSocket message lacks its upper byte",
    file: `${server}/http/websocket/websocket-message.ts`,
    change: [["length >>> 8,", "0,"]],
    test: carried,
    name: "each as one message",
  },
  {
    id: "20.4-kept-uncounted",
    fault: "what a socket keeps of a shared chunk counts as having left",
    file: `${server}/http/prompt-write.ts`,
    change: [["  return socket.writableLength === 0;\n}", "  return true;\n}"]],
    test: "packages/server-lite/test/http/prompt-write.test.ts",
    name: "does not take stays",
  },
  {
    id: "20.4-kept-for-ever",
    fault: "what a socket kept of a shared chunk stays counted",
    file: `${server}/http/prompt-write.ts`,
    change: [["socket.write(NO_BYTES, onLeft);", "socket.write(NO_BYTES);"]],
    test: carried,
    name: "counts until it does",
  },
];
