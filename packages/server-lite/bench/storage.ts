// Benchmarks of the storage layer alone: `pnpm bench:storage [section...]`. Sections: bulk, small,
// single, read, cold, recover, trim, million, soak (S2KIT_SOAK_SECONDS, default 20). Figures are medians
// of five where a run is short; the machine should have nothing else to do.

import { cold, million, read, recover } from "./read-sections.js";
import { machine } from "./storage-harness.js";
import { bulk, single, small, soak, trim } from "./write-sections.js";

const sections: Record<string, () => Promise<void>> = {
  bulk,
  small,
  single,
  read,
  cold,
  recover,
  trim,
  million,
  soak,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in sections));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown section: ${unknown.join(", ")}; there are ${Object.keys(sections).join(", ")}\n`,
  );
  process.exit(2);
}
machine();
for (const [name, run] of Object.entries(sections))
  if (wanted.length === 0 || wanted.includes(name)) await run();
