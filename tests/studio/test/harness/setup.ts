// Runs before each file: modules of the harness are loaded once a worker, so that hooks of theirs would count
// in the first file alone.

import { afterEach } from "vitest";
import { closeAll } from "./server.js";

afterEach(closeAll);
