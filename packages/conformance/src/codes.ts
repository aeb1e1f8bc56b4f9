// The table of error codes, written down anew from the specification, and which of them a client
// outside cannot provoke, with the reason. Spec: control-plane#error-codes.

export interface CodeRule {
  readonly status: number;
  /** Why no request from outside brings it about for sure; undefined: a case must. */
  readonly unreachable?: string;
}

export const CODES: Readonly<Record<string, CodeRule>> = {
  access_token_not_found: { status: 404 },
  authn: { status: 401 },
  bad_frame: { status: 400 },
  bad_header: { status: 400 },
  bad_json: { status: 400 },
  bad_path: { status: 400 },
  bad_proto: { status: 400 },
  bad_query: { status: 400 },
  basin_deletion_pending: { status: 409 },
  basin_not_found: { status: 404 },
  client_hangup: { status: 499, unreachable: "it goes to a client that has left" },
  decryption_failed: { status: 400 },
  hot_server: { status: 502, unreachable: "needs a server that is overloaded" },
  invalid: { status: 422 },
  not_implemented: { status: 501, unreachable: "only for what a server leaves out" },
  other: { status: 500, unreachable: "needs a fault of the server" },
  permission_denied: { status: 403 },
  quota_exhausted: { status: 403, unreachable: "needs an account with a quota that is used up" },
  rate_limited: {
    status: 429,
    unreachable: "needs limits that are set: the suite rate-limits reaches them",
  },
  request_timeout: {
    status: 408,
    unreachable: "how long a server waits for a body is its own matter",
  },
  resource_already_exists: { status: 409 },
  server_draining: {
    status: 503,
    unreachable: "no request makes a server stop: the suite draining does",
  },
  storage: { status: 500, unreachable: "needs a medium that fails" },
  stream_deletion_pending: { status: 409 },
  stream_not_found: { status: 404 },
  transaction_conflict: { status: 409, unreachable: "needs a conflict inside the server" },
  unavailable: { status: 503, unreachable: "needs a server that cannot reach its storage" },
  upstream_timeout: { status: 504, unreachable: "needs a server that cannot reach its storage" },
};

/** Codes beside the public table, for what has no route. Spec: control-plane#routes. */
export const ROUTE_CODES: Readonly<Record<string, number>> = {
  not_found: 404,
  method_not_allowed: 405,
  content_too_large: 413,
  unsupported_media_type: 415,
};
