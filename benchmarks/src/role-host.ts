// Entry of a role's process: opens the role that the parent named and carries its calls out. Exits
// cleanly when the parent goes, so that profiles are written and nothing is left behind.

interface Opened {
  close?(): Promise<void>;
  [method: string]: ((argument: never) => Promise<unknown>) | undefined;
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly argument: never;
}

const [, , name, settings] = process.argv;
const { open } = (await import(`./roles/${name}.ts`)) as {
  readonly open: (settings: object) => Promise<Opened>;
};

try {
  const role = await open(JSON.parse(settings ?? "{}") as object);
  process.on("message", ({ id, method, argument }: Call) => {
    Promise.resolve(role[method]?.(argument)).then(
      (value) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    );
  });
  process.once("disconnect", () => {
    // A role that cannot close in time must not outlive the run.
    setTimeout(() => process.exit(1), 5000).unref();
    void Promise.resolve(role.close?.()).finally(() => process.exit(0));
  });
  process.send?.({ id: 0 });
} catch (error) {
  process.send?.({ id: 0, error: String(error) });
  process.disconnect();
}
