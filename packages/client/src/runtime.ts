// What a runtime brings: Node, or everything else. Each face of the package has one; the client
// asks it once. Spec: sdk#which-carrier.

import type { FrameCodec } from "@s2kit/core";
import type { AccountManagers } from "./account/managers.js";
import type { Settings } from "./input/options.js";
import type { ClientContext, SessionTransports } from "./request/client-context.js";
import type { Reading } from "./session/read/reading-shape.js";

export interface Runtime extends SessionTransports {
  /** How the client calls itself; undefined where the platform refuses the header. */
  readonly userAgent: string | undefined;
  /** Compression, where the platform has it. @throws {S2Error} when it lacks the algorithm */
  codec(settings: Settings): FrameCodec | undefined;
  /** Access tokens, locations and metrics, at once or when they are first used. */
  accountManagers(context: ClientContext): AccountManagers;
  /** Sessions that read, at once or when the first is asked for. */
  reading(): Reading | Promise<Reading>;
}
