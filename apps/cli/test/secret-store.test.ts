// Acceptance row 13: stored tokens live in the secret store of the platform. The behaviours are shown
// with commands that stand in for `secret-tool` and `security`; where a real Secret Service can be
// started (secret-tool, gnome-keyring, dbus), the same is shown with it.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findSecretStore } from "../src/credentials/find-secret-store.js";
import type { SecretStore } from "../src/credentials/secret-store.js";
import { Cli, MAIN, type RunResult } from "./harness/cli.js";
import { StandInStores } from "./harness/stand-in-stores.js";

const TOKEN = "tok-Secret'\"\\$(x)~1";
// Windows has no such command: tokens need --insecure-storage there (docs/decisions/0041).
const canStandIn = process.platform !== "win32";
if (!canStandIn) console.log("no shebang scripts here: tests of secret stores do not run");

let cli: Cli;
let stores: StandInStores;

beforeEach(() => {
  cli = Cli.withoutServer();
  stores = new StandInStores(cli.path("bin"));
});

afterEach(async () => {
  await cli.close();
});

const env = (more: Record<string, string> = {}): Record<string, string> => ({
  PATH: stores.directory,
  S2_ENDPOINT: "http://127.0.0.1:1",
  ...more,
});

const auth = (verb: string, ...flags: string[]): Promise<RunResult> =>
  cli.run(["auth", "access-token", verb, ...flags], {
    env: env(),
    input: verb === "set" ? `${TOKEN}\n` : "",
  });

const status = (): Promise<RunResult> => cli.run(["auth", "status"], { env: env() });

const directory = (): string => join(cli.home, ".config", "s2");
const configText = (): string => readFileSync(join(directory(), "config.toml"), "utf8");
const tokenFiles = (): string[] =>
  readdirSync(directory()).filter((name) => name.startsWith("access-token-"));

describe.skipIf(!canStandIn)("through the command of the platform (needs shebang scripts)", () => {
  it("A13: keeps the token in the store, not in the configuration, no argument and no output", async () => {
    const saved = await auth("set", "--stdin");
    expect([saved.code, saved.stdout]).toEqual([0, ""]);
    expect(saved.stderr).toContain("✓ Access token saved");
    expect(stores.secrets.map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        version: 1,
        kind: "s2_access_token",
        credential_id: expect.any(String) as string,
        access_token: TOKEN,
      },
    ]);
    expect(tokenFiles()).toEqual([]);
    expect(configText()).toContain('credential_store = "keyring"');
    for (const text of [configText(), stores.calls, saved.stderr]) {
      expect(text).not.toContain("tok-Secret");
      expect(text).not.toContain(Buffer.from("tok-Secret").toString("hex"));
    }
    const used = await status();
    // Nothing listens at the endpoint: the token was found, sent, and named by its source alone.
    expect([used.code, used.stderr]).toEqual([1, expect.stringContaining("Could not verify")]);
    expect(used.stderr).not.toContain("tok-Secret");
  });

  it("A13: a new token replaces the old one in the store, remove leaves nothing behind", async () => {
    await auth("set", "--stdin");
    const again = await auth("set", "--stdin");
    expect(again.stderr).toContain("previous token was replaced");
    expect(stores.secrets).toHaveLength(1);
    expect((await auth("remove")).stderr).toContain("✓ Access token removed");
    expect(stores.secrets).toEqual([]);
    expect(configText()).not.toContain("credential_id");
    expect((await auth("remove")).stderr).toContain("No access token was stored");
  });

  it("A13: migrates a plain token into the store, and from a file into the store", async () => {
    mkdirSync(directory(), { recursive: true });
    writeFileSync(join(directory(), "config.toml"), 'access_token = "tok-plain"\nextra = 1\n');
    const migrated = await auth("migrate");
    expect([migrated.code, migrated.stderr]).toEqual([0, expect.stringContaining("migrated")]);
    expect(migrated.stderr).not.toContain("replaced");
    expect(stores.secrets.join("")).toContain("tok-plain");
    expect(configText()).not.toContain("tok-plain");
    expect(configText()).toContain("extra = 1");
    await auth("set", "--stdin", "--insecure-storage");
    expect([stores.secrets, tokenFiles().length]).toEqual([[], 1]);
    await auth("set", "--stdin");
    expect([stores.secrets.length, tokenFiles()]).toEqual([1, []]);
  });

  it("A13: never falls back to a file by itself", async () => {
    for (const mood of ["locked", "unreachable", "forgetful"] as const) {
      stores.be(mood);
      const refused = await auth("set", "--stdin");
      expect([refused.code !== 0, refused.stderr]).toEqual([
        true,
        expect.stringContaining("--insecure-storage"),
      ]);
      expect(refused.stderr).not.toContain("tok-Secret");
      expect(refused.stderr).not.toContain(Buffer.from("tok-Secret").toString("hex"));
    }
    expect(existsSync(directory())).toBe(false);
  });

  it("A13: says that the store is locked when the token is needed, and removes nothing then", async () => {
    await auth("set", "--stdin");
    const before = configText();
    stores.be("locked");
    const used = await cli.run(["ls"], { env: env() });
    expect([used.code, used.stdout]).toEqual([3, ""]);
    expect(used.stderr).toMatch(/is locked|exitCode=36/);
    expect(used.stderr).toContain("unlock");
    expect((await auth("remove")).code).toBe(3);
    expect(configText()).toBe(before);
    stores.be("fine");
    expect((await auth("remove")).code).toBe(0);
    expect(stores.secrets).toEqual([]);
  });

  it("A13: says that the token is gone when the store lost it", async () => {
    await auth("set", "--stdin");
    writeFileSync(join(stores.directory, "items.json"), "{}");
    const used = await cli.run(["ls"], { env: env() });
    expect([used.code, used.stderr]).toEqual([3, expect.stringContaining("has no such item")]);
    expect((await auth("remove")).code).toBe(0);
  });

  it("A13: without the command there is an error that names the ways out", async () => {
    const nothing = { PATH: cli.path("nowhere"), S2_ENDPOINT: "http://127.0.0.1:1" };
    const refused = await cli.run(["auth", "access-token", "set", "--stdin"], {
      env: nothing,
      input: TOKEN,
    });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("not on the PATH")]);
    expect(refused.stderr).toContain("--insecure-storage");
    expect(refused.stderr).toContain("S2_ACCESS_TOKEN");
    await auth("set", "--stdin");
    const used = await cli.run(["ls"], { env: nothing });
    expect([used.code, used.stderr]).toEqual([3, expect.stringContaining("not on the PATH")]);
    const removed = await cli.run(["auth", "access-token", "remove"], { env: nothing });
    expect([removed.code, removed.stderr]).toEqual([
      0,
      expect.stringContaining("may still be in the secret store"),
    ]);
  });

  it("A13: the field's other command leaves its lock file for good, and we do not wait for it", async () => {
    mkdirSync(directory(), { recursive: true });
    writeFileSync(join(directory(), "config.lock"), "");
    expect((await auth("set", "--stdin")).code).toBe(0);
  });
});

describe.skipIf(!canStandIn).each(["linux", "darwin"] as const)(
  "the store of %s (needs shebang scripts)",
  (platform) => {
    const open = async (patienceMs = 10_000): Promise<SecretStore> => {
      const found = await findSecretStore({ env: env(), platform, patienceMs });
      if (found.store === undefined) throw new Error(found.reason);
      return found.store;
    };

    it("puts, replaces, gives back and removes what no shell would leave alone", async () => {
      const store = await open();
      expect(await store.get("access-token:a")).toBeUndefined();
      await store.put("access-token:a", "first");
      await store.put("access-token:a", `{"x":"'\\"\\\\ $HOME \`id\` ; | ~"}`);
      await store.put("access-token:b", "other");
      expect(await store.get("access-token:a")).toBe(`{"x":"'\\"\\\\ $HOME \`id\` ; | ~"}`);
      expect([await store.remove("access-token:a"), await store.remove("access-token:a")]).toEqual([
        true,
        false,
      ]);
      expect(await store.get("access-token:b")).toBe("other");
    });

    it("tells a locked store from an item that is not there", async () => {
      const store = await open();
      await store.put("access-token:a", "first");
      stores.be("locked");
      await expect(store.get("access-token:a")).rejects.toThrow(/locked|exitCode=36/);
      await expect(store.remove("access-token:a")).rejects.toThrow(/locked|exitCode=36/);
      await expect(store.put("access-token:a", "quiet")).rejects.not.toThrow(/quiet/);
      stores.be("unreachable");
      await expect(store.get("access-token:a")).rejects.toThrow(/does not answer|exitCode=36/);
    });

    it("gives up on a command that does not end", async () => {
      stores.be("mute");
      const store = await open(300);
      await expect(store.get("access-token:a")).rejects.toThrow(/in time/);
    });
  },
);

it("A13: refuses a token that the keychain's command line could not hold", async () => {
  const found = await findSecretStore({ env: env(), platform: "darwin" });
  if (!canStandIn) return expect(found.store).toBeUndefined();
  await expect(found.store?.put("access-token:a", "x".repeat(2100))).rejects.toThrow("too long");
});

it("A13: there is none on Windows, which is said", async () => {
  const found = await findSecretStore({ env: env(), platform: "win32" });
  expect(found.store === undefined && found.reason).toContain("platform");
});

const hasKeyring = ((): boolean => {
  if (process.platform !== "linux") return false;
  try {
    for (const name of ["secret-tool", "gnome-keyring-daemon", "dbus-run-session", "dbus-send"])
      execFileSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
if (!hasKeyring)
  console.log("no secret-tool with gnome-keyring and dbus: the real Secret Service is not tested");

const LOCK = `dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null`;

const OWNED =
  "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner string:org.freedesktop.secrets";

describe.skipIf(!hasKeyring)(
  "with a real Secret Service (needs secret-tool, gnome-keyring-daemon and D-Bus)",
  () => {
    /** What a script prints in a session with a bus and an unlocked keyring, which end with it. */
    const inSession = (script: string): string => {
      const out = cli.path("shown.txt");
      const lines = `printf 'pass\\n' | gnome-keyring-daemon --unlock --components=secrets
for try in 1 2 3 4 5 6 7 8 9 10; do
  ${OWNED} && break
  sleep 0.2
done
{ ${script}
} >"${out}" 2>/dev/null`;
      spawnSync("dbus-run-session", ["--", "sh", "-c", lines], {
        env: {
          ...cli.env,
          S2_ENDPOINT: "http://127.0.0.1:1",
          TOKEN,
          S2KIT: `${process.execPath} ${MAIN}`,
        },
        stdio: "ignore",
        timeout: 30_000,
      });
      return readFileSync(out, "utf8");
    };

    it("A13: sets, finds, replaces, is locked, and removes", () => {
      const shown = inSession(`
printf %s "$TOKEN" | $S2KIT auth access-token set --stdin; echo "set $?"
secret-tool search --all service s2-cli | grep -c '^secret = '
printf other | $S2KIT auth access-token set --stdin; echo "set $?"
secret-tool search --all service s2-cli | grep -c '^secret = '
$S2KIT auth status 2>&1 | grep -c 'Could not verify'
${LOCK}
$S2KIT auth status 2>&1 | grep 'Error:'
$S2KIT auth access-token remove; echo "remove $?"`);
      expect(shown.trim().split("\n")).toEqual([
        "set 0",
        "1",
        "set 0",
        "1",
        "1",
        "Error: the secret service of this desktop is locked",
        "remove 3",
      ]);
      expect(configText()).toContain('credential_store = "keyring"');
    });

    it("A13: removes it for good", () => {
      const shown = inSession(`
printf %s "$TOKEN" | $S2KIT auth access-token set --stdin; echo "set $?"
$S2KIT auth access-token remove; echo "remove $?"
secret-tool search --all service s2-cli 2>&1 | grep -c 'label = '`);
      expect(shown.trim().split("\n")).toEqual(["set 0", "remove 0", "0"]);
      expect(configText()).not.toContain("credential_id");
    });

    it("A13: finds a token that the field's other command stored", () => {
      // Attributes, payload and configuration as recorded from its version 0.43.4.
      mkdirSync(directory(), { recursive: true });
      writeFileSync(
        join(directory(), "config.toml"),
        'auth_method = "access_token"\n\n[stored_access_token]\ncredential_id = "c1"\ncredential_store = "keyring"\n',
      );
      const payload =
        '{"version":1,"kind":"s2_access_token","credential_id":"c1","access_token":"tok-theirs"}';
      const shown = inSession(`
printf %s '${payload}' | secret-tool store --label=theirs service s2-cli username access-token:c1
$S2KIT auth status --json`);
      expect(JSON.parse(shown)).toMatchObject({
        token_source: "stored access token in the secret service of this desktop",
      });
    });
  },
);
