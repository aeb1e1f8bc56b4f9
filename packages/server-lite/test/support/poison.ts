// Every buffer that is returned is written over, in all tests: a view that is looked at too late shows
// what no record holds.

import { POISON } from "../../src/lending/lent-buffers.js";

(globalThis as { [POISON]?: boolean })[POISON] = true;
