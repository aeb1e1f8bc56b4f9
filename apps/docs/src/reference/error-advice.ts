// What each error code means to whoever meets it, and what to do: the words of the page on
// troubleshooting. Its facts (status, retry, side effects) come from the table of core. A code
// without words does not compile.

import type { ErrorCode } from "@s2kit/core";

/** Why it happens, and what helps. */
export type Advice = readonly [why: string, remedy: string];

/** Codes that a server answers with. */
export const SERVER_ADVICE: Readonly<
  Record<Exclude<ErrorCode, keyof typeof LOCAL_ADVICE>, Advice>
> = {
  APPEND_CONDITION_FAILED: [
    "`match_seq_num` or `fencing_token` did not hold: another writer was first, or your own lost acknowledgement was.",
    "Read what is there. `expectedSeqNum` or the token in force is in the error. After a retry look at `priorIndeterminate`.",
  ],
  RANGE_NOT_SATISFIABLE: [
    "The read starts at the tail or beyond it, and may not wait.",
    "Follow with `wait`, start with `clamp`, or begin at the tail that the error names.",
  ],
  access_token_not_found: [
    "No token has this id.",
    "List the tokens: `s2kit list-access-tokens`. Ids are not secrets; a secret cannot be looked up.",
  ],
  authn: [
    "No token was sent, or it is unknown, expired or revoked.",
    "Look with `s2kit auth status`. Issue a new one; open sessions end with their token.",
  ],
  bad_frame: [
    "An S2S frame is malformed, or longer than 2 MiB.",
    "Something between you and the server changes bodies, or the client is not one: check proxies.",
  ],
  bad_header: [
    "A header is missing or malformed: most often `s2-basin`, or the key of an encrypted stream.",
    "Name the basin by the header, the host or the path. Give the key when the stream has a cipher, and only then.",
  ],
  bad_json: [
    "The body is no JSON of the expected shape, has another content type, or is too large.",
    "The message names the place. Bodies of appends hold 8 MiB at most, others 128 KiB.",
  ],
  bad_path: [
    "A name in the path breaks a rule.",
    "Encode each name as one segment: `a/b` is `a%2Fb`. Basins have 8 to 48 characters of `a-z 0-9 -`.",
  ],
  bad_proto: [
    "The body is no protobuf message of the expected type, or larger than 2 MiB.",
    "Send JSON to see what the server understands; compare with the messages of the specification.",
  ],
  bad_query: [
    "A parameter of the query does not parse, or comes twice.",
    "The message names it. Numbers are whole and not negative.",
  ],
  basin_deletion_pending: [
    "The basin is being deleted; its name is free when that is done.",
    "Wait a few seconds and try again, or take another name.",
  ],
  basin_not_found: [
    "No basin of this name, seen from this token.",
    "`s2kit ls` shows what there is. Check that you talk to the server you mean: `s2kit auth status`.",
  ],
  content_too_large: [
    "The body is larger than this route takes.",
    "Send it in smaller pieces; exporters have a setting for the size of a batch.",
  ],
  client_hangup: [
    "The client left before the server answered; only logs tell it.",
    "Nothing, unless it is frequent: then timeouts of clients or proxies are too short.",
  ],
  decryption_failed: [
    "The key is not the one that these records were written with.",
    "Give the key of that time. The server keeps no key and cannot help.",
  ],
  hot_server: [
    "The server has no room for this request: too many bytes wait.",
    "Retry after the time that it says; clients do so by themselves. If it lasts, raise `maxHeldBytes` or slow down.",
  ],
  invalid: [
    "The request is well formed and breaks a rule: a limit, two starts, a configuration that contradicts itself.",
    "The message says which. Retrying unchanged cannot help.",
  ],
  method_not_allowed: [
    "The path exists, the method does not.",
    "The header `allow` lists the methods.",
  ],
  misdirected: [
    "Servers that share a store tell it each other: the part that was asked for is not there. No client is told.",
    "Nothing: the server that has the client looks for the owner again.",
  ],
  not_found: [
    "No route has this path.",
    "Routes begin with `/v1`; slashes in names are written `%2F`.",
  ],
  not_implemented: [
    "The server does not offer this.",
    "See its documentation; another carrier or format may do.",
  ],
  other: [
    "A failure that has no code of its own.",
    "The log of the server has it. Retry what may be repeated.",
  ],
  permission_denied: [
    "The token does not permit the operation, or not on this resource. Also: a web page of a foreign origin at a server without tokens.",
    "`s2kit list-access-tokens` shows scopes. For pages see the guide on browsers: `--cors-origin`.",
  ],
  quota_exhausted: [
    "A quota of the account is used up.",
    "Raise the quota, or delete what is no longer needed.",
  ],
  rate_limited: [
    "The limit per stream or per token is reached.",
    "Wait for `retry-after-ms`; sessions do so by themselves. Batch small records, or raise `limits`.",
  ],
  request_timeout: [
    "The body did not arrive in time.",
    "Check the network; send smaller batches, or raise `bodyTimeoutMs`.",
  ],
  resource_already_exists: [
    "The name is taken, with another configuration or another request token.",
    "Use `ensure` to bring it to a configuration, or take another name.",
  ],
  server_draining: [
    "The server is being stopped.",
    "Retry: clients reconnect by themselves, to the server that follows.",
  ],
  storage: [
    "The store failed: a full or broken disk, a missing or damaged file.",
    "Look into the log and at `/health`. Make room, start again, then `s2kit lite verify`.",
  ],
  stream_deletion_pending: [
    "The stream is being deleted; its name is free in about a second.",
    "Try again, or take another name.",
  ],
  stream_not_found: [
    "No stream of this name in this basin.",
    "Create it, or let appends do so: `create-stream-on-append` of the basin.",
  ],
  transaction_conflict: ["Two changes of the same resource met.", "Retry; nothing happened."],
  unavailable: [
    "The server cannot answer now: its store is out of reach, or not yet open.",
    "Retry. If it lasts, `/health` says why.",
  ],
  unsupported_media_type: [
    "The body has a content encoding that the server does not read.",
    "Send `gzip`, `zstd` or none.",
  ],
  upstream_timeout: [
    "Something behind the server did not answer in time.",
    "Retry what may be repeated; check the proxy or the bucket.",
  ],
};

/** Codes that arise in the client and never cross the wire. */
export const LOCAL_ADVICE: {
  readonly [Code in
    | "ABORTED"
    | "BAD_GATEWAY"
    | "CONNECTION_FAILED"
    | "CONNECTION_TIMEOUT"
    | "FRAME_SIZE"
    | "INTERNAL_ERROR"
    | "INVALID_ARGUMENT"
    | "NETWORK_ERROR"
    | "PROTOCOL_ERROR"
    | "SESSION_CLOSED"
    | "STREAM_CLOSED_PREMATURELY"
    | "TIMEOUT"
    | "UNSAFE_INTEGER"]: Advice;
} = {
  ABORTED: [
    "Your own signal aborted the call.",
    "Nothing. An append that was on its way may have taken effect.",
  ],
  BAD_GATEWAY: [
    "Something between client and server answered in its place, in its own words.",
    "Check the proxy: its address, its timeouts, whether it passes HTTP/2 or WebSockets.",
  ],
  CONNECTION_FAILED: [
    "No connection: a wrong address, a closed port, a certificate that is not trusted.",
    "`s2kit doctor` looks at each step and names the one that fails.",
  ],
  CONNECTION_TIMEOUT: [
    "The address does not answer.",
    "`s2kit doctor`; a firewall that drops packets looks like this.",
  ],
  FRAME_SIZE: [
    "A message is larger than a frame may be.",
    "Send smaller batches: 1000 records, 1 MiB.",
  ],
  INTERNAL_ERROR: ["A fault of s2kit.", "Please report it, with the stack: `--debug` shows it."],
  INVALID_ARGUMENT: [
    "What the call was given cannot be right: an unknown option, a bad name, a number out of range.",
    "The message names it, and the nearest option that exists.",
  ],
  NETWORK_ERROR: [
    "A connection broke in the middle.",
    "Sessions go on by themselves. For a single append: it may have taken effect, so guard it with `matchSeqNum`.",
  ],
  PROTOCOL_ERROR: [
    "The answer is not what an S2 server says.",
    "Check that the endpoint is an S2 server, and that nothing rewrites answers.",
  ],
  SESSION_CLOSED: [
    "The session, the client or the server was closed before.",
    "Open another one. Nothing that was acknowledged is lost.",
  ],
  STREAM_CLOSED_PREMATURELY: [
    "An answer ended before it was whole.",
    "Retried by itself where that is safe. If it is frequent, a proxy cuts long answers: raise its timeouts.",
  ],
  TIMEOUT: [
    "No answer within the time that the client allows.",
    "Raise `requestTimeoutMillis`, or find out what is slow. The call may have taken effect.",
  ],
  UNSAFE_INTEGER: [
    "A number in an answer is beyond 2^53 and cannot be told exactly.",
    "Use a stream whose positions and timestamps are smaller.",
  ],
};
