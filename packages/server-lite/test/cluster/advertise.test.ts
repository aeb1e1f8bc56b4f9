// Where a server of a cluster says that others reach it: they send their secret and tokens of clients
// there.

import { expect, it } from "vitest";
import { type ClusterSettings, checkStorage } from "../../src/storage-settings.js";

const SECRET = "a-secret-of-the-cluster";

function check(host: string, cluster: Partial<ClusterSettings>): () => void {
  const storage = { kind: "bucket", bucket: "b", cluster: { secret: SECRET, ...cluster } } as const;
  return () => checkStorage(storage, host);
}

it("is an address of one machine", () => {
  const refused = /: set advertise to|: advertise one/;
  for (const host of ["0.0.0.0", "::", "0", "::ffff:0.0.0.0", "0::0"]) {
    expect(check(host, {})).toThrow(refused);
    expect(check("127.0.0.1", { host })).toThrow(refused);
    expect(check(host, { advertise: "http://10.0.0.7:8081" })).not.toThrow();
    expect(check(host, { host: "10.0.0.7" })).not.toThrow();
  }
  expect(check("127.0.0.1", { advertise: "http://0.0.0.0:8081" })).toThrow(refused);
  expect(check("127.0.0.1", { advertise: "http://[::]:8081" })).toThrow(refused);
  for (const host of ["127.0.0.1", "::1", "localhost", "node-1"])
    expect(check(host, {})).not.toThrow();
});
