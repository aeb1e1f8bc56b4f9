// Planted faults of peers that vanish, and of sessions that outlive them: see ../mutants.mjs.

const HTTP = "packages/server-lite/src/http";
const SESSION = "packages/server-lite/src/session";
const TEST = "packages/server-lite/test";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "B8-cut-passes-as-whole",
    fault: "the end that HTTP/2 makes of a reset is taken for the end of the body",
    file: `${HTTP}/node-exchange.ts`,
    change: [
      [
        '    source.once("aborted", () => {\n      this.body.cut();',
        '    source.once("aborted", () => {',
      ],
      ["(this.isBodyWhole ? body.end() : body.cut())", "body.end()"],
    ],
    test: `${TEST}/vanish/vanish.test.ts`,
    name: "an upload that was cut gets its line in the log",
  },
  {
    id: "B8-reader-forgotten",
    fault: "the reader of a body is dropped when the response is finished, whoever finished it",
    file: "packages/server-lite/src/exchange/body-flow.ts",
    change: [
      [
        "    if (sink !== undefined) tell(sink, outcome);",
        '    if (outcome === "whole") sink?.end();',
      ],
    ],
    test: `${TEST}/vanish/vanish.test.ts`,
    name: "an upload that was cut gets its line in the log",
  },
  {
    id: "B8-left-behind-the-end",
    fault: "a session goes on when its client left behind the end of its body",
    file: "packages/server-lite/src/routes/append.ts",
    change: [["  exchange.onClose(() => session.fail(clientHangup()));\n", ""]],
    test: `${TEST}/session/append-wait.test.ts`,
    name: "never happened",
  },
  {
    id: "B8-lease-kept",
    fault: "a session that is over keeps its streamer",
    file: "packages/server-lite/src/routes/append.ts",
    change: [["      leave();\n      lease[Symbol.dispose]();", "      leave();"]],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "ends its append session",
  },
  {
    id: "B8-single-append-unsettled",
    fault: "a single append whose client left while it waited is never settled",
    file: "packages/server-lite/src/backend/append/append-intake.ts",
    change: [
      [
        '  reply.failed(new S2Error({ code: "client_hangup", message: "client went away" }));\n',
        "",
      ],
    ],
    test: `${TEST}/session/append-wait.test.ts`,
    name: "gets its log line",
  },
  {
    id: "B8-tls-without-goodbye",
    fault: "a peer that left TLS without a goodbye keeps its socket",
    file: `${HTTP}/http2-life.ts`,
    change: [["  session.destroy();\n  socket.destroy();", "  session.destroy();"]],
    test: `${TEST}/vanish/vanish.test.ts`,
    name: "HTTP/2 in TLS > a single append that ends by reset",
  },
  {
    id: "B8-silent-preface",
    fault: "a connection that begins HTTP/2 and falls silent has the time of an idle one",
    file: `${HTTP}/http2-door.ts`,
    change: [["    destroyWhenSilent(pump, this.headersTimeoutMs);\n", ""]],
    test: `${TEST}/vanish/sockets.test.ts`,
    name: "half a preface",
  },
  {
    id: "B8-second-response",
    fault: "a malformed chunk is answered in the middle of a response",
    file: `${HTTP}/http1-server.ts`,
    change: [
      [
        "if (response?.headersSent === true && !response.writableFinished) socket.destroy();\n    else ",
        "",
      ],
    ],
    test: `${TEST}/vanish/vanish.test.ts`,
    name: "into the middle of a response",
  },
  {
    id: "B8-no-keep-alive",
    fault: "a machine that fell silent is never asked whether it is there",
    file: `${HTTP}/listener.ts`,
    change: [["keepAlive: true", "keepAlive: false"]],
    test: `${TEST}/vanish/sockets.test.ts`,
    name: "keep-alive",
  },
  {
    id: "B16-cancel-unseen",
    fault: "a cancelled response within the process leaves its session open",
    file: `${HTTP}/web-handler.ts`,
    change: [["cancel: (reason) => this.close(reason),", "cancel: () => undefined,"]],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "ends its append session",
  },
  {
    id: "B16-aborted-before",
    fault: "a request within the process that was aborted before takes effect",
    file: "packages/server-lite/src/server.ts",
    change: [["    request.signal.throwIfAborted();\n", ""]],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "before the server is open",
  },
  {
    id: "B16-aborted-while-opening",
    fault: "a request within the process that was aborted while the server opened takes effect",
    file: `${HTTP}/web-handler.ts`,
    change: [
      [
        "    if (request.signal.aborted) reject(request.signal.reason as Error);\n    else onExchange",
        "    onExchange",
      ],
    ],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "before the server is open",
  },
  {
    id: "B8-unanswered-pings",
    fault: "an HTTP/2 session whose peer answers nothing stays while it has streams",
    file: `${HTTP}/http2-life.ts`,
    change: [
      [
        "    if (unanswered >= MAX_UNANSWERED_PINGS) {",
        "    if ((false as boolean) && unanswered >= MAX_UNANSWERED_PINGS) {",
      ],
    ],
    test: `${TEST}/vanish/sockets.test.ts`,
    name: "answers nothing",
  },
  {
    id: "B16-poll-unsettled",
    fault: "an aborted call within the process never settles",
    file: `${HTTP}/web-handler.ts`,
    change: [["    else this.head.reject(reason);\n", ""]],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "a long poll",
  },
  {
    id: "B16-sse-reader-hangs",
    fault: "whoever reads an aborted response within the process hangs",
    file: `${HTTP}/web-handler.ts`,
    change: [
      [
        "    if (this.hasResponded) this.output?.error(reason);\n    else ",
        "    if (!this.hasResponded) ",
      ],
    ],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "an SSE body",
  },
  {
    id: "B16-pulled-to-its-end",
    fault: "a body within the process is pulled to its end after it was refused",
    file: `${HTTP}/web-handler.ts`,
    change: [
      [
        "    const next = await input?.read();\n    if (this.isGone) return false;",
        "    const next = await input?.read();",
      ],
      ["    if (this.isGone) return false;\n    const next", "    const next"],
      ["    this.dropInput(reason);\n", ""],
    ],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "a body above the bound",
  },
  {
    id: "B16-close-leaves-calls",
    fault: "closing a server leaves calls within the process open",
    file: "packages/server-lite/src/exchange/exchanges.ts",
    change: [["for (const exchange of this.open.members()) exchange.abort();", ""]],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "closing the server",
  },
  {
    id: "B17-refused-upgrade-stays",
    fault: "a refused upgrade holds its socket for as long as its peer likes",
    file: `${HTTP}/last-words.ts`,
    change: [["clock.setTimer(() => socket.destroy(),", "clock.setTimer(() => undefined,"]],
    test: `${TEST}/vanish/sockets.test.ts`,
    name: "stays silent",
  },
  {
    id: "B17-refused-upgrade-unread",
    fault: "the end of a peer whose upgrade was refused is never read",
    file: `${HTTP}/last-words.ts`,
    change: [["  socket.resume();\n", ""]],
    test: `${TEST}/vanish/sockets.test.ts`,
    name: "closed at once",
  },
  {
    id: "B17-session-refused-stays",
    fault: "a WebSocket without a token or a mode stays half a minute",
    file: `${HTTP}/websocket/websocket-exchange.ts`,
    change: [['    if (answer.kind === "error") this.limit(connection);\n', ""]],
    test: `${TEST}/vanish/sockets.test.ts`,
    name: "as a session without a mode",
  },
  {
    id: "B17-silent-handshake-stays",
    fault: "a silent TLS handshake is reported, and stays",
    file: `${HTTP}/listener.ts`,
    change: [["(_, socket) => socket.destroy()", "() => undefined"]],
    test: `${TEST}/vanish/sockets.test.ts`,
    name: "silence where TLS is spoken",
  },
  {
    id: "B20-settled-twice",
    fault: "a refused input that had waited is counted out twice",
    file: `${SESSION}/append-session.ts`,
    change: [
      [
        "      if (!isAccepted) this.stage.close(undefined);",
        "      if (!isAccepted && this.gone.signal.aborted) this.settleInput(message.length);\n      if (!isAccepted) this.stage.close(undefined);",
      ],
    ],
    test: `${TEST}/session/append-wait.test.ts`,
    name: "is settled once",
  },
  {
    id: "M6-session-after-refusal",
    fault: "a session goes on after a refused append",
    file: `${SESSION}/append-session.ts`,
    change: [
      ["      if (!isAccepted) this.stage.close(undefined);", "      void isAccepted;"],
      ["    this.stage.close(error);\n    this.finish();", "    this.finish();"],
    ],
    test: "packages/conformance/test/servers/memory.test.ts",
    name: " > append-session/after-failure-h2$",
    build: ["packages/server-lite"],
  },
  {
    id: "M7-token-ended-while-opening",
    fault: "sessions are added without the end-of-token check",
    file: `${SESSION}/token-sessions.ts`,
    change: [["if (this.tokens.hasEnded(access))", "if (false as boolean)"]],
    test: `${TEST}/session/append-wait.test.ts`,
    name: "while it is being opened",
  },
  {
    id: "M13-closed-input-keeps-bytes",
    fault: "closed input never gives its bytes back",
    file: `${SESSION}/frame-inbox.ts`,
    change: [
      [
        "    this.chunks.clear();\n    this.decoder = createFrameDecoder();\n    this.room.close();\n",
        "",
      ],
    ],
    test: `${TEST}/vanish/vanish.test.ts`,
    name: "over HTTP/1.1 > an append session that ends by fin",
  },
  {
    id: "D1-websocket-never-full",
    fault: "the writer of a WebSocket is never told that it is full",
    file: `${HTTP}/websocket/websocket-output.ts`,
    change: [
      [
        "    return connection.bufferedAmount < MAX_BUFFERED_BYTES && !this.held.isFull;",
        "    return true;",
      ],
    ],
    test: `${TEST}/http/websocket.test.ts`,
    name: "a writer waits",
  },
  {
    id: "D2-websocket-keeps-messages",
    fault: "the bytes of a WebSocket message are not given back with it",
    file: `${HTTP}/websocket/upgrade.ts`,
    change: [['    connection.on("message", () => gathered.give());\n', ""]],
    test: `${TEST}/http/websocket.test.ts`,
    name: "is given back with each message",
  },
  {
    id: "D3-in-process-never-full",
    fault: "the writer of a response within the process is never told that it is full",
    file: `${HTTP}/web-handler.ts`,
    change: [["    return (this.output.desiredSize ?? 0) > 0;", "    return true;"]],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "a writer waits",
  },
  {
    id: "D4-in-process-abort-unseen",
    fault: "a call within the process ignores its signal",
    file: `${HTTP}/web-handler.ts`,
    change: [['    request.signal.addEventListener("abort", this.onAbort, { once: true });\n', ""]],
    test: `${TEST}/http/web-handler.test.ts`,
    name: "a long poll",
  },
  {
    id: "D15-idle-http2-stays",
    fault: "an idle HTTP/2 session is asked to leave, and never made to",
    file: `${HTTP}/http2-life.ts`,
    change: [
      [
        "timer = clock.setTimer(() => destroySession(pump), LAST_WORDS_MS,",
        "timer = clock.setTimer(() => undefined, LAST_WORDS_MS,",
      ],
    ],
    test: `${TEST}/hostile/slow.test.ts`,
    name: "stop in the middle of their headers",
  },
  {
    id: "13-destroyed-stream",
    fault: "an answer to a stream that was destroyed a moment ago ends the process",
    file: "packages/server-lite/src/http/http2-exchange.ts",
    change: [["return !this.isGone && !this.stream.destroyed;", "return !this.isGone;"]],
    test: "packages/server-lite/test/http/destroyed-stream.test.ts",
  },
  {
    id: "B8-unanswerable",
    fault: "a request that cannot even be refused ends the server",
    file: "packages/server-lite/src/server.ts",
    change: [
      [
        '      this.components.logger.error({ err: error }, "request could not be answered");\n      exchange.abort();',
        "      throw error;",
      ],
    ],
    test: `${TEST}/http/unanswerable.test.ts`,
  },
];
