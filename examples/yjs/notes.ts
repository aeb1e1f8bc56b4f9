// Notes that several people keep, each with a copy of their own that works without a network:
//
//   node notes.ts COPY add "buy milk"          into the copy, and into the stream when there is a server
//   node notes.ts COPY show                    all notes, of everybody
//   node notes.ts COPY add "…" --offline       into the copy alone: the next run sends it

import { readFile, writeFile } from "node:fs/promises";
import { S2, S2Environment } from "@s2kit/client";
import { createYjsProvider } from "@s2kit/yjs";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";

const [copy = "notes.bin", verb = "show", note, mode] = process.argv.slice(2);

// #region notes
const doc = new Doc();
const kept = await readFile(copy).catch(() => undefined);
if (kept !== undefined) applyUpdate(doc, kept);
const notes = doc.getArray<string>("notes");
if (verb === "add" && note !== undefined) notes.push([note]);
await writeFile(copy, encodeStateAsUpdate(doc)); // ours, whatever happens to the network

if (mode !== "--offline") {
  const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
  await s2.basins.ensure({ basin: "example-documents" });
  const basin = s2.basin("example-documents");
  const provider = createYjsProvider(doc, { basin, stream: "notes/shared", awareness: null });
  await new Promise((resolve) => provider.on("sync", resolve)); // we have theirs
  await provider.close(); // they have ours
  await writeFile(copy, encodeStateAsUpdate(doc));
  await s2.close();
}
// #endregion
for (const each of notes) console.log(`- ${each}`);
