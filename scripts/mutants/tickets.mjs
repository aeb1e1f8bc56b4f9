// Planted faults in what lets in event streams without headers: read tickets, and parameters in place of headers.
// See ../mutants.mjs.

const ACCESS = "packages/server-lite/src/backend/access";
const tickets = "packages/server-lite/test/routes/read-tickets.test.ts";
const query = "packages/server-lite/test/routes/event-source.test.ts";
const secrets = "tests/security/test/secrets/server.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "21.5-any-stream",
    fault: "a ticket opens every stream of its basin",
    file: `${ACCESS}/read-tickets.ts`,
    change: [["streams: { exact: stream }", "streams: { prefix: stream.slice(0, 0) }"]],
    test: tickets,
    name: "opens nothing else",
  },
  {
    id: "21.5-outlives-token",
    fault: "a ticket lives longer than its token",
    file: `${ACCESS}/read-tickets.ts`,
    change: [["Math.min(wantedMs, parentMs)", "Math.max(wantedMs, parentMs)"]],
    test: tickets,
    name: "never later than that of its token",
  },
  {
    id: "21.5-one-millisecond-more",
    fault: "a ticket opens its stream in the millisecond in which it ends",
    file: `${ACCESS}/read-tickets.ts`,
    change: [["expiresMs <= this.components.now()", "expiresMs < this.components.now()"]],
    test: tickets,
    name: "its very millisecond",
  },
  {
    id: "21.5-not-of-the-token",
    fault: "what a ticket opened is not tied to its token",
    file: `${ACCESS}/read-tickets.ts`,
    change: [["tokenId: parent.tokenId,", "tokenId: undefined,"]],
    test: tickets,
    name: "comes at once when its token is revoked",
  },
  {
    id: "21.5-root-never-ends",
    fault: "what a ticket of the root token opened never ends",
    file: "packages/server-lite/src/session/token-sessions.ts",
    change: [["tokenId === ROOT && expiresNanos === undefined", "tokenId === ROOT"]],
    test: tickets,
    name: "its very millisecond",
  },
  {
    id: "21.5-whole-name",
    fault: "a ticket forgets the prefix of its token",
    file: `${ACCESS}/read-tickets.ts`,
    change: [["streamPrefix: parent.streamPrefix,", 'streamPrefix: "",']],
    test: tickets,
    name: "calls the stream what its token calls it",
  },
  {
    id: "21.5-unsealed",
    fault: "a ticket that was changed is opened all the same",
    file: `${ACCESS}/ticket-seal.ts`,
    change: [["decipher.update(coded), decipher.final()", "decipher.update(coded)"]],
    test: tickets,
    name: "once a letter of it is changed",
  },
  {
    id: "21.5-readable-ticket",
    fault: "a ticket can be read by who has it",
    file: `${ACCESS}/ticket-seal.ts`,
    change: [
      ["return TICKET_PREFIX + sealed", "return TICKET_PREFIX + Buffer.concat([sealed, basin])"],
    ],
    test: tickets,
    name: "tells nothing of the token",
  },
  {
    id: "21.5-one-key-for-all",
    fault: "another root token leaves old tickets alive",
    file: `${ACCESS}/ticket-seal.ts`,
    change: [['createHmac("sha256", rootHash)', 'createHmac("sha256", "key")']],
    test: tickets,
    name: "is not a restart",
  },
  {
    id: "21.5-every-read",
    fault: "a ticket lets in reads of every format",
    file: "packages/server-lite/src/exchange/event-source.ts",
    change: [
      [
        'if (!query.has("ticket") || !isEventSource(route, exchange)) return undefined;',
        'if (!query.has("ticket") || route !== "read") return undefined;',
      ],
    ],
    test: tickets,
    name: "opens nothing else",
  },
  {
    id: "21.5-two-tickets",
    fault: "of two tickets the first is taken",
    file: "packages/server-lite/src/exchange/event-source.ts",
    change: [["if (others.length === 0) return ticket;", "if (others.length >= 0) return ticket;"]],
    test: tickets,
    name: "once a letter of it is changed",
  },
  {
    id: "21.5-older-id",
    fault: "the id in the URL goes before that of the browser",
    file: "packages/server-lite/src/exchange/event-source.ts",
    change: [
      [
        "if (!query.has(param) || exchange.header(header) !== undefined) return read(exchange);",
        "if (!query.has(param)) return read(exchange);",
      ],
    ],
    test: query,
    name: "takes the newer id",
  },
  {
    id: "21.5-told-of-a-value",
    fault: "a refusal repeats the value that is wrong, which may be a secret",
    file: "packages/server-lite/src/exchange/event-source.ts",
    change: [
      ["query parameter \\`${param}\\`: ${why}", "query parameter \\`${param}\\`: ${value} ${why}"],
    ],
    test: secrets,
    name: "a server",
  },
];
