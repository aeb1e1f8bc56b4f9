// All suites, in the order of the report.
// A suite that is not here does not run. One of several subjects collects its cases from the
// files beside it, which say so: files are split, ids of cases stay.

import type { Suite } from "../case.js";
import { SCOPES } from "./access/scopes.js";
import { TOKEN_ENDS } from "./access/token-ends.js";
import { TOKENS } from "./access/tokens.js";
import { BASINS } from "./control/basins.js";
import { BROWSERS } from "./control/browsers.js";
import { DELETION } from "./control/deletion.js";
import { HOSTS } from "./control/hosts.js";
import { JSON_SUITE } from "./control/json.js";
import { LISTS } from "./control/lists.js";
import { LOCATIONS } from "./control/locations.js";
import { NAMES } from "./control/names.js";
import { PATH_BASINS } from "./control/path-basins.js";
import { ROUTES_SUITE } from "./control/routes.js";
import { SHARED_RULES } from "./control/shared-rules.js";
import { STREAMS } from "./control/streams.js";
import { METRICS } from "./metrics/metrics.js";
import { OTLP } from "./otlp/otlp.js";
import { GUARANTEES } from "./random/guarantees.js";
import { RANDOM } from "./random/random.js";
import { APPEND } from "./records/append.js";
import { COMMANDS } from "./records/commands.js";
import { CREATION } from "./records/creation.js";
import { ENCRYPTION } from "./records/encryption.js";
import { FORMATS } from "./records/formats.js";
import { LIMITS } from "./records/limits.js";
import { RATE_LIMITS } from "./records/rate-limits.js";
import { READ } from "./records/read.js";
import { TIMESTAMPS } from "./records/timestamps.js";
import { WAITING } from "./records/waiting.js";
import { APPEND_SESSION } from "./sessions/append-session.js";
import { CARRIERS_SUITE } from "./sessions/carriers.js";
import { DRAINING } from "./sessions/draining.js";
import { EVENT_SOURCE } from "./sessions/event-source.js";
import { HTTP2_OPERATIONS } from "./sessions/http2-operations.js";
import { READ_SESSION } from "./sessions/read-session.js";
import { SSE } from "./sessions/sse.js";
import { WEBSOCKET } from "./sessions/websocket.js";

export const SUITES: readonly Suite[] = [
  ROUTES_SUITE,
  PATH_BASINS,
  SHARED_RULES,
  CARRIERS_SUITE,
  HTTP2_OPERATIONS,
  JSON_SUITE,
  HOSTS,
  NAMES,
  LISTS,
  BASINS,
  STREAMS,
  DELETION,
  TOKENS,
  SCOPES,
  TOKEN_ENDS,
  METRICS,
  LOCATIONS,
  BROWSERS,
  APPEND,
  LIMITS,
  RATE_LIMITS,
  COMMANDS,
  TIMESTAMPS,
  FORMATS,
  CREATION,
  ENCRYPTION,
  READ,
  WAITING,
  OTLP,
  SSE,
  EVENT_SOURCE,
  APPEND_SESSION,
  READ_SESSION,
  WEBSOCKET,
  GUARANTEES,
  RANDOM,
  DRAINING,
];
