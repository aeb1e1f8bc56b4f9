// `studio`: the window into streams, served from this machine for whatever server the connection
// names. The token is typed into the page: it is neither on the command line nor in an address.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { openBrowser } from "../serving/open-browser.js";
import { loadStudio, serveStudio } from "../serving/studio-server.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out, interrupt } = context;
  const { endpoints } = await context.place();
  const { account, basin } = endpoints;
  const studio = await loadStudio();
  const config = {
    endpoint: originOf(account),
    ...(basin === account ? {} : { basinEndpoint: basin }),
    version: "",
  };
  const server = await serveStudio(studio, config, input.need<number>("port"));
  const { url } = server;
  try {
    if (out.isJson) await out.json({ url, endpoint: account });
    out.say(
      `${out.talk.paint("s2kit studio", "bold")} for ${account} at ${out.talk.paint(url, "bold")}`,
    );
    out.say("  the page talks to that server itself; enter a token there if it asks for one");
    if (!input.is("no-open")) openBrowser(context, url);
    await new Promise<void>((resolve) => {
      if (interrupt.aborted) resolve();
      interrupt.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    await server.close();
  }
  return EXIT.ok;
}

/** Without the path of the API, which the client adds. */
function originOf(endpoint: string): string {
  return endpoint.replace(/\/v1\/?$/, "").replace(/\/$/, "");
}
