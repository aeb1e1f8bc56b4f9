import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import {
  CredentialKeeper,
  renewalNeed,
} from "../../../../src/storage/object/client/credentials/credential-keeper.js";
import {
  type Credentials,
  CredentialsError,
  createCredentials,
} from "../../../../src/storage/object/client/credentials/credentials.js";

const MINUTE = 60_000;

function keeper() {
  const clock = createSimulatedClock();
  const source = {
    loads: 0,
    /** How long what is loaded holds. */
    holdsMs: undefined as number | undefined,
    failure: undefined as Error | undefined,
    /** What is waited for before a load ends. */
    gate: Promise.resolve(),
    name: "nowhere",
    async load(): Promise<Credentials | undefined> {
      source.loads++;
      const accessKeyId = `AK${source.loads}`;
      await source.gate;
      if (source.failure !== undefined) throw source.failure;
      const expiresAtMs = source.holdsMs === undefined ? undefined : clock.now() + source.holdsMs;
      return createCredentials({ accessKeyId, secretAccessKey: "s", expiresAtMs });
    },
  };
  const kept = new CredentialKeeper(source, clock);
  const current = async (): Promise<string> => (await kept.current()).accessKeyId;
  return { clock, source, kept, current };
}

describe("the need for a renewal", () => {
  it.each([
    [undefined, "none"],
    [10 * MINUTE + 1, "none"],
    [10 * MINUTE, "beside"],
    [MINUTE + 1, "beside"],
    [MINUTE, "first"],
    [-1, "first"],
  ] as const)("with %s ms left is: %s", (leftMs, need) => {
    expect(renewalNeed(leftMs === undefined ? undefined : 1e12 + leftMs, 1e12)).toBe(need);
  });
});

describe("the credentials in force", () => {
  it("are looked for once, however many ask at once, and kept", async () => {
    const { source, current, clock } = keeper();
    expect(await Promise.all([current(), current(), current()])).toEqual(["AK1", "AK1", "AK1"]);
    await clock.advanceAsync(24 * 60 * MINUTE);
    expect(await current()).toBe("AK1");
    expect(source.loads).toBe(1);
  });

  it("are renewed beside the requests while they hold for long", async () => {
    const { source, current, clock } = keeper();
    source.holdsMs = 60 * MINUTE;
    await current();
    await clock.advanceAsync(51 * MINUTE);
    let open = (): void => undefined;
    source.gate = new Promise((resolve) => (open = resolve));
    expect(await current()).toBe("AK1");
    expect(await current()).toBe("AK1");
    expect(source.loads).toBe(2);
    open();
    await clock.advanceAsync(0);
    expect(await current()).toBe("AK2");
    expect(source.loads).toBe(2);
  });

  it("are waited for when they hold no longer", async () => {
    const { source, current, clock } = keeper();
    source.holdsMs = 60 * MINUTE;
    await current();
    await clock.advanceAsync(59.5 * MINUTE);
    expect(await current()).toBe("AK2");
  });

  it("stay in force when a renewal fails, which is not repeated at every request", async () => {
    const { source, current, clock } = keeper();
    source.holdsMs = 60 * MINUTE;
    await current();
    await clock.advanceAsync(59.5 * MINUTE);
    source.failure = new CredentialsError("not now");
    expect(await current()).toBe("AK1");
    expect(await current()).toBe("AK1");
    expect(source.loads).toBe(2);
    source.failure = undefined;
    await clock.advanceAsync(5000);
    expect(await current()).toBe("AK3");
  });

  it("are looked for anew when the store refused them", async () => {
    const { source, current, kept, clock } = keeper();
    const first = await kept.current();
    await clock.advanceAsync(5000);
    kept.refused(first);
    expect(await current()).toBe("AK2");
    // An answer to the old ones that comes late changes nothing.
    kept.refused(first);
    await clock.advanceAsync(5000);
    expect(await current()).toBe("AK2");
    expect(source.loads).toBe(2);
  });

  it("are not looked for at every request while there are none", async () => {
    const { source, current, clock } = keeper();
    source.failure = new CredentialsError("not yet");
    await expect(current()).rejects.toThrow("not yet");
    await expect(current()).rejects.toThrow("not yet");
    expect(source.loads).toBe(1);
    await clock.advanceAsync(5000);
    source.failure = undefined;
    expect(await current()).toBe("AK2");
  });

  it("are missed with a word on where they were looked for", async () => {
    const { clock } = keeper();
    const empty = new CredentialKeeper(
      { name: "looked for in a, b", load: async () => undefined },
      clock,
    );
    await expect(empty.current()).rejects.toThrow("there are no credentials: looked for in a, b");
  });
});
