// A hook in a module that files share is there for the first file of a worker alone, where files are
// not isolated. What this file registers is there for each.

import { afterEach } from "vitest";
import { closeApis } from "./anthropic-api.js";
import { closeSites } from "./site.js";
import { closeAll } from "./world.js";

afterEach(closeAll);
afterEach(closeApis);
afterEach(closeSites);
