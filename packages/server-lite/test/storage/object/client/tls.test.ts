import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, it } from "vitest";
import { makeSelfSigned } from "../../../../src/http/x509.js";
import { bytesOf, openHarness, textOf } from "./bucket-harness.js";

it("a bucket over TLS leaves the payload open, and believes no certificate that nobody vouches for", async () => {
  const { cert, key } = makeSelfSigned({
    commonName: "double",
    hosts: ["127.0.0.1"],
    notBeforeMs: Date.now() - 60_000,
    notAfterMs: Date.now() + 3_600_000,
  });
  await using harness = await openHarness({ double: { tls: { cert, key } } });
  const { store, double } = harness;
  await expect(store.putIfAbsent("k", [bytesOf("a")])).rejects.toMatchObject({
    failure: "unknown",
    message: expect.stringContaining("self-signed certificate"),
  });
  expect(double.seen).toEqual([]);
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, cert]);
  try {
    await using trusted = await openHarness({ double: { tls: { cert, key } } });
    expect(await trusted.store.putIfAbsent("k", [bytesOf("a"), bytesOf("b")])).toEqual({
      kind: "stored",
    });
    expect(await trusted.store.putIfAbsent("k", [])).toEqual({ kind: "exists" });
    expect(textOf(await trusted.store.get("k"))).toBe("ab");
    await trusted.store.delete(["k", "l"]);
    expect(trusted.double.objects.size).toBe(0);
  } finally {
    setDefaultCACertificates(before);
  }
});
