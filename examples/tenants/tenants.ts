// Tenants share a basin and never meet: each has a token whose streams all begin with its name, and works with names
// without it. Needs a server with authentication; S2_ACCESS_TOKEN is a token that may issue others.

import { S2, S2Environment, S2Error } from "@s2kit/client";

const settings = S2Environment.parse();
const s2 = new S2({ accessToken: "any", ...settings });
await s2.basins.ensure({ basin: "example-tenants", config: { createStreamOnAppend: true } });

// #region issue
/** A token for all that is below the tenant's name, and for nothing else. */
async function tokenFor(tenant: string): Promise<string> {
  const { accessToken } = await s2.accessTokens.issue({
    id: `tenants/${tenant}/${crypto.randomUUID()}`,
    scope: {
      basins: { exact: "example-tenants" },
      streams: { prefix: `${tenant}/` },
      opGroups: { stream: { read: true, write: true }, basin: { read: true } },
    },
    autoPrefixStreams: true,
    expiresAt: Date.now() + 24 * 60 * 60 * 1000,
  });
  return accessToken;
}
// #endregion

// #region use
async function ordersOf(tenant: string): Promise<void> {
  const own = new S2({ ...settings, accessToken: await tokenFor(tenant) });
  const orders = own.basin("example-tenants").stream("orders"); // stored as `${tenant}/orders`
  await orders.append([{ body: `an order of ${tenant}` }]);
  const { records } = await orders.read({ start: { from: { seqNum: 0 } } });
  console.log(
    tenant,
    records.map(({ body }) => body),
  );
  for await (const { name } of own.basin("example-tenants").streams.listAll())
    console.log(tenant, "sees", name);
  await own.basins.create({ basin: "none-of-theirs" }).catch((error: unknown) => {
    if (!(error instanceof S2Error)) throw error;
    console.log(tenant, "creates a basin:", error.code);
  });
  await own.close();
}
// #endregion

await ordersOf("acme");
await ordersOf("globex");
await s2.close();
