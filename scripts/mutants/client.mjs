// Planted faults of the client: see ../mutants.mjs. Those of the producer are in producer.mjs.

const client = "packages/client";

const deadlines = (name) => ({ test: `${client}/test/deadlines.test.ts`, name });
const order = (name) => ({ test: `${client}/test/session/read-session-order.test.ts`, name });
const frames = (name) => ({ test: `${client}/test/session/frame-reader.test.ts`, name });
const exchanges = (name) => ({ test: `${client}/test/node/http2-exchange.test.ts`, name });
const appends = (name) => ({ test: `${client}/test/session/append-session.test.ts`, name });
const unread = (name) => ({ test: `${client}/test/session/unread-acks.test.ts`, name });
const ends = (name) => ({ test: `${client}/test/session/clean-end.test.ts`, name });
const recovers = (name) => ({ test: `${client}/test/retry/recovery.test.ts`, name });
const watches = (name) => ({ test: `${client}/test/node/peer-watch.test.ts`, name });

const recovery = `${client}/src/retry/recovery.ts`;
const cleanEnd = `${client}/src/session/read/clean-end.ts`;
const adviceGate = `${client}/src/retry/advice-gate.ts`;
const unacked = `${client}/src/session/append/unacked-batches.ts`;
const appendCore = `${client}/src/session/append/append-session-core.ts`;

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "C1-resend-order",
    fault: "what is resent goes behind what is new",
    file: unacked,
    change: [
      ["const later = this.#waiting;\n    this.#waiting = this.#sent;\n", ""],
      ["for (const batch of later) this.#waiting", "for (const batch of this.#sent) this.#waiting"],
    ],
    test: `${client}/test/session/append-session-model.test.ts`,
  },
  {
    id: "C2-retry-with-effects",
    fault: "noSideEffects retries although the failed try may have had effects",
    file: `${client}/src/retry/policy.ts`,
    change: [
      ['return policy === "all" || error.hasNoSideEffects || !mayHaveEffects;', "return true;"],
    ],
    test: `${client}/test/session/append-session-model.test.ts`,
    name: "writes nothing twice",
  },
  {
    id: "C3-standing-ack",
    fault: "an acknowledgement that does not advance is accepted",
    file: unacked,
    change: [["ack.end.seqNum <= this.#lastAck.end.seqNum", "ack.end.seqNum < 0"]],
    ...appends("acknowledgement for nothing"),
  },
  {
    id: "12.9-token-hangs",
    fault: "neither timeout nor signal reaches a token provider",
    file: `${client}/src/request/unary.ts`,
    change: [["return await untilAborted(signal, sent);", "return await sent;"]],
    ...deadlines("is given up with each try"),
  },
  {
    id: "12.9-token-stuck",
    fault: "a provider that hung once is never asked again",
    file: `${client}/src/request/unary.ts`,
    change: [["if (!hasToken) this.#requests.giveUpToken();", ""]],
    ...deadlines("works again as soon as it answers"),
  },
  {
    id: "12.9-late-token",
    fault: "a token that comes too late replaces a newer one",
    file: `${client}/src/request/token-source.ts`,
    change: [["(this.#current ??= fresh)", "(this.#current = fresh)"]],
    ...deadlines("works again as soon as it answers"),
  },
  {
    id: "12.9-session-opens",
    fault: "an append session waits for its token for ever",
    file: `${client}/src/session/append/append-link.ts`,
    change: [
      [
        'this.#listener.onFailure(timeoutError("opening an append session", openTimeoutMillis));',
        "",
      ],
    ],
    ...deadlines("nor a session from its deadline"),
  },
  {
    id: "12.10-close-calls",
    fault: "closing a client leaves its calls and their retries running",
    file: `${client}/src/request/client-context.ts`,
    change: [["this.unary.close();", ""]],
    ...deadlines("stops unary calls"),
  },
  {
    id: "12.10-close-sessions",
    fault: "closing a client leaves sessions that wait between two connections",
    file: `${client}/src/request/client-context.ts`,
    change: [
      ['for (const session of this.sessions) void session.cancel(closedError("client"));', ""],
    ],
    ...deadlines("ends sessions over s2s"),
  },
  {
    id: "12.11-probe-signal",
    fault: "the probe for HTTP/2 minds no signal",
    file: `${client}/src/stream-sessions.ts`,
    change: [["signal?.aborted === true ? undefined : signal,", "undefined,"]],
    ...deadlines("is left when the signal fires"),
  },
  {
    id: "12.11-probe-timeout",
    fault: "the probe for HTTP/2 minds no request timeout",
    file: `${client}/src/node/http2-pool.ts`,
    change: [["setTimer(() => resolve(true), timeoutMillis)", "setTimer(() => {}, timeoutMillis)"]],
    ...deadlines("does not outlast the request timeout"),
  },
  {
    id: "12.12-concurrent-next",
    fault: "concurrent calls of next get the same record",
    file: `${client}/src/session/read/read-session.ts`,
    change: [["last === undefined ? step() : last.then(step, step)", "step()"]],
    ...order("each get the next record"),
  },
  {
    id: "12.13-cancelled-body",
    fault: "submit throws what a cancelled body throws",
    file: `${client}/src/transport/upload.ts`,
    change: [
      ["or the lack of one does.\n        controller = undefined;", "or the lack of one does."],
    ],
    ...deadlines("may cancel the body"),
  },
  {
    id: "12.13-carrier",
    fault: "a carrier that does not exist fails only when it is used",
    file: `${client}/src/input/options.ts`,
    change: [
      [
        'return oneOf("transport", transport, ["auto", "fetch", "s2s", "ws"]);',
        "return transport;",
      ],
    ],
    ...deadlines("is refused"),
  },
  {
    id: "12.14-moving-tail",
    fault: "readToTail goes on when its first batch is past its end",
    file: `${client}/src/session/read/read-session-core.ts`,
    change: [
      [
        "const last = received.records.at(-1);\n    // As received",
        "const last = batch.records.at(-1);\n    // As received",
      ],
    ],
    ...order("ends at its tail though"),
  },
  {
    id: "18.6-every-end",
    fault: "a read believes every proper end of its answer",
    file: `${client}/src/session/read/read-session-core.ts`,
    change: [['result.value === "said"', "true"]],
    ...ends("is told as lost"),
  },
  {
    id: "18.6-any-wait",
    fault: "a wait that has not passed counts as passed",
    file: cleanEnd,
    change: [
      [
        "return quietMillis >= waitMillis - Math.min(WAIT_SLACK_MILLIS, waitMillis / 2);",
        "return quietMillis >= 0;",
      ],
    ],
    ...ends("a wait that has passed"),
  },
  {
    id: "18.6-tail-assumed",
    fault: "a read to the tail ends where its answer stops, tail or not",
    file: cleanEnd,
    change: [['isAtOrBehind(nextSeqNum, tailSeqNum) ? "explained" : "ask"', '"explained"']],
    ...ends("asks once in JSON"),
  },
  {
    id: "18.6-bound-assumed",
    fault: "a bound of bytes or time is taken for met without a look at the next record",
    file: cleanEnd,
    change: [['return isBehindUntil || isTooLarge ? "explained" : "cut";', 'return "explained";']],
    ...ends("asks for the record"),
  },
  {
    id: "18.6-resumed-416",
    fault: "a read that was cut right at its tail fails when it goes on",
    file: `${client}/src/session/read/read-session-core.ts`,
    change: [["result.ok || this.#progress.isEndedBy(result.error)", "result.ok"]],
    ...ends("the 416 of its own place"),
  },
  {
    id: "18.6-empty-answer",
    fault: "an empty answer to the question for the next record passes for the tail",
    file: `${client}/src/session/session-opener.ts`,
    change: [['return err(prematureEnd("reply to a read"));', "return ok(undefined);"]],
    ...ends("believes no empty answer"),
  },
  {
    id: "18.6-wait-for-ever",
    fault: "heartbeats begin the wait of a read anew after each reconnect",
    file: `${client}/src/session/read/read-progress.ts`,
    change: [
      ["this.#waitingSince === undefined ? tail !== undefined : isDelivery", "tail !== undefined"],
    ],
    test: `${client}/test/session/read-session.test.ts`,
    name: "heartbeats do not begin it anew",
  },
  {
    id: "18.7-no-http2",
    fault: "a server that speaks HTTP/1.1 alone is reported as a broken connection",
    file: `${client}/src/node/http2-connection.ts`,
    change: [
      ["if (this.#isSpeaking || !refusesHttp2(caught)) return undefined;", "return undefined;"],
    ],
    test: `${client}/test/node/http2.test.ts`,
    name: "falls back to plain requests",
  },
  {
    id: "18.8-unknown-option",
    fault: "options that do not exist are left out without a word",
    file: "packages/core/src/known-options.ts",
    change: [["if (known.includes(name)) continue;", "continue;"]],
    test: "packages/core/test/known-options.test.ts",
    name: "names what does not exist",
  },
  {
    id: "12.14-heartbeat-start",
    fault: "a heartbeat before the first record moves a start that was named",
    file: `${client}/src/session/read/read-progress.ts`,
    change: [["clamp === true ? Math.min(from.seqNum, tail) : undefined", "tail"]],
    ...order("leaves the start"),
  },
  {
    id: "12.14-heartbeat-offset",
    fault: "a heartbeat before the first record skips the records before the tail",
    file: `${client}/src/session/read/read-progress.ts`,
    change: [["Math.max(tail - from.tailOffset, 0)", "tail"]],
    ...order("leaves the start"),
  },
  {
    id: "12.14-second-heartbeat",
    fault: "a second heartbeat skips what came since the first",
    file: `${client}/src/session/read/read-progress.ts`,
    change: [["this.#nextSeqNum ??= this.#anchorAt", "this.#nextSeqNum = this.#anchorAt"]],
    ...order("a heartbeat before the first record"),
  },
  {
    id: "12.14-inflate-unbounded",
    fault: "chunks behind a message that is decompressed are held without a bound",
    file: `${client}/src/session/frame-reader.ts`,
    change: [["this.#source.pause();", ""]],
    ...frames("holds the peer up"),
  },
  {
    id: "12.14-inflate-stuck",
    fault: "a peer that was held up for decompression is never let go",
    file: `${client}/src/session/frame-reader.ts`,
    change: [["this.#source.resume();", ""]],
    ...frames("a compressed read session"),
  },
  {
    id: "12.14-inflate-unheld",
    fault: "a carrier that cannot be held up fills the memory",
    file: `${client}/src/session/frame-reader.ts`,
    change: [["this.#waitingBytes > MAX_UNHELD_BYTES", "this.#waitingBytes < 0"]],
    ...frames("breaks with a carrier"),
  },
  {
    id: "12.14-ping-unsent",
    fault: "a ping that could not be sent is the last one of its connection",
    file: `${client}/src/node/peer-watch.ts`,
    change: [["if (!isSent) this.#settle();", "if (!isSent) timer.cancel();"]],
    ...exchanges("asks again when a ping"),
  },
  {
    id: "12.I-abort-paused",
    fault: "an exchange that is aborted while paused keeps its place on the connection",
    file: `${client}/src/node/http2-transport.ts`,
    change: [["for ever.\n    stream?.resume();", "for ever."]],
    ...exchanges("aborted while it is paused"),
  },
  {
    id: "12.I-abort-dialling",
    fault: "an exchange that is aborted while dialled keeps its place on the connection",
    file: `${client}/src/node/http2-transport.ts`,
    change: [["if (this.#isDone) {\n        acquired.value.release();", "if (this.#isDone) {"]],
    ...exchanges("aborted while it is dialled"),
  },
  {
    id: "12.I-gather-view",
    fault: "a message is a view of the buffer that gathers the next one",
    file: `${client}/src/session/frame-reader.ts`,
    change: [["? body : body.slice();", "? body : body;"]],
    ...frames("hands out messages"),
  },
  {
    id: "12.I-websocket-close",
    fault: "any closing code of a WebSocket is a clean end",
    file: `${client}/src/transport/websocket.ts`,
    change: [["this.#isOpen && code === CLOSE_NORMAL", "this.#isOpen && code >= 0"]],
    ...exchanges("that is closed with"),
  },
  {
    id: "B9-session-acks",
    fault: "acknowledgements behind an unread stream of a session grow without end",
    file: `${client}/src/session/append/append-session.ts`,
    change: [["return (this.#ackController?.desiredSize ?? 1) > 0;", "return true;"]],
    ...unread("are as many as stated"),
  },
  {
    id: "B9-session-close",
    fault: "the room of acknowledgements that nobody read stays taken after a close",
    file: appendCore,
    change: [
      ['closedError("append session"));\n    this.giveRoom();', 'closedError("append session"));'],
    ],
    ...unread("take no room in a session"),
  },
  {
    id: "B9-open-listener",
    fault: "a call leaves its listener on the signal of the caller",
    file: `${client}/src/request/running-calls.ts`,
    change: [['      signal?.removeEventListener("abort", onAbort);\n', ""]],
    test: `${client}/test/request/unary.test.ts`,
    name: "surfaces the last error",
  },
  {
    id: "B9-open-timer",
    fault: "a call leaves its timer behind",
    file: `${client}/src/request/unary.ts`,
    change: [["timer.cancel();", "void timer;"]],
    test: `${client}/test/request/unary.test.ts`,
    name: "surfaces the last error",
  },
  {
    id: "B9-open-bytes",
    fault: "a session that fails keeps the bytes of what it rejected",
    file: unacked,
    change: [["ticket.reject(error);\n        onEach(ticket.bytes);", "ticket.reject(error);"]],
    ...appends("ends at once on abort"),
  },
  {
    id: "13.W3-last-attempt",
    fault: "one try more than is allowed",
    file: recovery,
    change: [[">= this.#settings.maxAttempts", "> this.#settings.maxAttempts"]],
    ...recovers("gives up with the last attempt"),
  },
  {
    id: "13.W3-restart-charged",
    fault: "an announced restart takes an attempt",
    file: recovery,
    change: [["if (isPlanned) this.#restarts++;", "if (isPlanned && this.#restarts < 0) return;"]],
    ...recovers("takes no attempt for announced restarts"),
  },
  {
    id: "13.W3-restart-told",
    fault: "onRetry counts announced restarts as failures",
    file: recovery,
    change: [["attempt: this.#failures, delayMillis", "attempt: waits, delayMillis"]],
    test: `${client}/test/session/append-session.test.ts`,
    name: "without spending an attempt",
  },
  {
    id: "13.W3-restart-waits",
    fault: "restarts do not lengthen the wait",
    file: recovery,
    change: [["this.#failures + this.#restarts;", "this.#failures;"]],
    ...recovers("waits longer"),
  },
  {
    id: "13.W3-mend-loop",
    fault: "a provider that keeps giving bad tokens is asked without end",
    file: recovery,
    change: [["this.#isMendable = false;", ""]],
    ...recovers("mends no second token"),
  },
  {
    id: "13.W3-mend-once",
    fault: "a session replaces one token in its life",
    file: recovery,
    change: [["this.#isMendable = true;\n  }", "}"]],
    ...recovers("mends again after a success"),
  },
  {
    id: "13.W3-success-ignored",
    fault: "failures are counted over successes",
    file: recovery,
    change: [["this.#failures = 0;", ""]],
    ...recovers("counts anew after a success"),
  },
  {
    id: "13.W3-doubt-settled",
    fault: "a doubt that was settled is noted on later errors",
    file: recovery,
    change: [["this.#indeterminate = undefined;", ""]],
    ...recovers("remembers no failure that was settled"),
  },
  {
    id: "13.W3-doubt-of-nothing",
    fault: "a try that could change nothing leaves a doubt",
    file: recovery,
    change: [["if (mayHaveEffects && !error", "if (!error"]],
    ...recovers("remembers no failure that could"),
  },
  {
    id: "13.W3-advice-shut",
    fault: "advice that comes without end is never followed again",
    file: adviceGate,
    change: [
      [
        "return false;\n    this.#lastAt = now;\n    return true;",
        "{\n      this.#lastAt = now;\n      return false;\n    }\n    this.#lastAt = now;\n    return true;",
      ],
    ],
    ...recovers("is not kept shut"),
  },
  {
    id: "13.W3-advice-followed",
    fault: "every advice is followed",
    file: adviceGate,
    change: [["this.#lastAt = now;", ""]],
    ...recovers("at most once a minute"),
  },
  {
    id: "13.W4-watch-twice",
    fault: "a connection is watched by more timers with each stream",
    file: `${client}/src/node/peer-watch.ts`,
    change: [['if (this.#state.kind !== "resting") return;', ""]],
    ...watches("with one timer at a time"),
  },
  {
    id: "13.W4-watch-ended",
    fault: "a connection that closed leaves its ping behind",
    file: `${client}/src/node/peer-watch.ts`,
    change: [[' || this.#state.kind === "asking") this.#state.timer', ") this.#state.timer"]],
    ...watches("ends for good after 30000"),
  },
  {
    id: "13.W4-watch-unused",
    fault: "an idle connection pings on",
    file: `${client}/src/node/peer-watch.ts`,
    change: [["if (this.#connection.isInUse()) this.watch();", "this.watch();"]],
    ...watches("that nobody waits for"),
  },
  {
    id: "13.W4-idle-timer",
    fault: "a connection that is used again is closed by the timer of its last rest",
    file: `${client}/src/node/http2-connection.ts`,
    change: [['if (this.#state.kind === "idle") this.#state.timer.cancel();', ""]],
    test: `${client}/test/node/http2.test.ts`,
    name: "stay when they are used again",
  },
  {
    id: "13.S-unseen-room",
    fault: "a buffer that batches without visible records had filled stays full for ever",
    file: `${client}/src/session/read/delivery-buffer.ts`,
    change: [["as Delivery);\n    this.#lookForRoom();", "as Delivery);"]],
    test: `${client}/test/session/delivery-buffer.test.ts`,
    name: "for nobody to take",
  },
  {
    id: "18.17-late-copies-client",
    fault: "each file that a page loads late has the client's code once more",
    file: `${client}/tsup.config.ts`,
    change: [["splitting: true", "splitting: false"]],
    build: [client],
    test: "tests/sdk/test/bundles.test.ts",
    name: "loads account, reading and WebSocket late",
  },
  {
    id: "18.17-late-copies-core",
    fault: "files that a page loads late bring a second S2Error along",
    file: `${client}/tsup.config.ts`,
    change: [
      ["export default defineConfig([", "const built = ["],
      ["entry: { ...faces, ...late }", "external: lateFiles, entry: faces"],
      [
        "]);",
        '];\nexport default [...built, { ...shared, entry: late, format: "esm", noExternal: ["@s2kit/core"] }];',
      ],
    ],
    build: [client],
    test: "tests/sdk/test/bundles.test.ts",
    name: "loads account, reading and WebSocket late",
  },
];
