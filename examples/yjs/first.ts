// Two documents in one stream, here in one program: what pages of two people are to each other.

import { S2, S2Environment } from "@s2kit/client";
import { createYjsProvider } from "@s2kit/yjs";
import { Doc } from "yjs";

const s2 = new S2({ accessToken: "any", ...S2Environment.parse() });
await s2.basins.ensure({ basin: "example-documents" });
const basin = s2.basin("example-documents");

const [yours, mine] = [new Doc(), new Doc()];
const stream = `notes/${Date.now()}`;
const providers = [yours, mine].map((doc) => createYjsProvider(doc, { basin, stream }));
yours.getText().insert(0, "both of you");
mine.getText().insert(0, "hello, ");
for (const provider of providers) await provider.close(); // what was edited is durable

const late = new Doc();
const provider = createYjsProvider(late, { basin, stream });
await new Promise((resolve) => provider.on("sync", resolve));
console.log(late.getText().toJSON());
provider.destroy();
await s2.close();
