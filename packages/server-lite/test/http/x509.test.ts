// The certificate we write, as others read it: the parser of Node (OpenSSL's), the `openssl` command where there is
// one, and a TLS client that trusts this certificate and nothing else.

import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, createServer, type PeerCertificate } from "node:tls";
import { expect, test } from "vitest";
import { makeSelfSigned, type SelfSignedSettings } from "../../src/http/x509.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const HOSTS = ["localhost", "127.0.0.1", "::1"];

function make(settings: Partial<SelfSignedSettings> = {}) {
  const now = Date.now();
  return makeSelfSigned({
    commonName: "localhost",
    hosts: HOSTS,
    notBeforeMs: now - DAY_MS,
    notAfterMs: now + DAY_MS,
    ...settings,
  });
}

test("it names its hosts, belongs to its key and is signed by it", () => {
  const hosts = [...HOSTS, "my-host.internal", "10.1.2.3", "2001:db8::ff:1", "::ffff:10.0.0.1"];
  const { cert, key } = make({ hosts });
  const read = new X509Certificate(cert);
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.subject).toBe("CN=localhost");
  expect(read.issuer).toBe(read.subject);
  expect(read.ca).toBe(false);
  expect(read.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  for (const name of ["localhost", "my-host.internal"]) expect(read.checkHost(name)).toBe(name);
  for (const address of ["127.0.0.1", "::1", "10.1.2.3", "2001:db8::ff:1", "::ffff:10.0.0.1"])
    expect(read.checkIP(address)).toBe(address);
  expect(read.checkHost("other.internal")).toBeUndefined();
  expect(read.checkIP("10.1.2.4")).toBeUndefined();
});

test.each([
  ["2026-03-01T12:34:56Z", "2049-12-31T23:59:59Z"],
  ["2049-12-31T23:59:58Z", "2050-01-01T00:00:00Z"],
  ["2050-06-07T08:09:10Z", "2104-02-29T00:00:01Z"],
])("its times are read as %s and %s", (from, to) => {
  const { cert } = make({ notBeforeMs: Date.parse(from), notAfterMs: Date.parse(to) });
  const read = new X509Certificate(cert);
  expect([read.validFromDate, read.validToDate].map((date) => date.getTime())).toEqual([
    Date.parse(from),
    Date.parse(to),
  ]);
});

test("no two have the same number, and none is negative", () => {
  const numbers = Array.from({ length: 64 }, () => new X509Certificate(make().cert).serialNumber);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) expect(number).toMatch(/^[0-9A-F]{1,32}$/);
});

test("lengths of one, two and three bytes are read back", () => {
  for (const count of [0, 1, 5, 300]) {
    const names = Array.from({ length: count }, (_, at) => `host-${at}.example`);
    const { cert } = make({ hosts: [...HOSTS, ...names] });
    const read = new X509Certificate(cert);
    for (const name of names) expect(read.checkHost(name)).toBe(name);
  }
});

test.each(["", "käse.example", "a b", "x".repeat(254)])("refuses to name %j", (host) => {
  expect(() => make({ hosts: [host] })).toThrow(RangeError);
});

test("a client that trusts only this certificate connects by name and by address", async () => {
  const { cert, key } = make();
  const server = createServer({ cert, key }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    for (const servername of ["localhost", "127.0.0.1"])
      expect((await peerOf({ port, host: "127.0.0.1", servername, ca: cert })).subject.CN).toBe(
        "localhost",
      );
    const stranger = { port, host: "127.0.0.1", servername: "other.example", ca: cert };
    await expect(peerOf(stranger)).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    await expect(peerOf({ port, host: "127.0.0.1", ca: make().cert })).rejects.toThrow();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

function peerOf({ servername, ...options }: ConnectionOptions): Promise<PeerCertificate> {
  // A server name is no address; the name that is checked may be.
  const named = servername === "127.0.0.1" || servername === undefined ? {} : { servername };
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, ...named }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test.skipIf(!hasOpenssl)(
  "the openssl command verifies it, as its own authority (needs openssl)",
  () => {
    const directory = mkdtempSync(join(tmpdir(), "s2kit-x509-"));
    try {
      const file = join(directory, "cert.pem");
      writeFileSync(file, make().cert);
      const args = ["verify", "-check_ss_sig", "-purpose", "sslserver"];
      const verified = spawnSync("openssl", [...args, "-CAfile", file, file], { encoding: "utf8" });
      expect(verified.stdout + verified.stderr).toBe(`${file}: OK\n`);
      const text = spawnSync("openssl", ["x509", "-in", file, "-noout", "-text"], {
        encoding: "utf8",
      }).stdout;
      expect(text).toContain("Signature Algorithm: ecdsa-with-SHA256");
      expect(text).toContain("Version: 3 (0x2)");
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature\s/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
);
