// The first screen: is the server well, what goes through it, and what to do when nothing is there
// yet. Asks the API for a few basins.

import { program } from "../../format/copy-as.js";
import { printable } from "../../format/text.js";
import { Snippet } from "../../parts/copy-dialog.js";
import { Failed, Loading } from "../../parts/notices.js";
import { Ago } from "../../parts/when.js";
import { call } from "../../state/bridge.js";
import { config, endpoint } from "../../state/connection.js";
import { useLoaded } from "../../state/loaded.js";
import { hrefOf } from "../../state/route.js";
import { Facts } from "./facts.js";
import { FirstSteps } from "./first-steps.js";
import { Rates } from "./rates.js";

export function Overview() {
  const basins = useLoaded(() => call("listBasins", { limit: 6 }), []);
  const isEmpty = basins.value?.basins.length === 0;
  return (
    <main class="screen overview" id="main">
      <h1>Overview</h1>
      <Facts />
      {isEmpty && <FirstSteps onMade={basins.reload} />}
      <Rates />
      {!isEmpty && (
        <section class="cards two">
          <section class="card">
            <h2>Basins</h2>
            {basins.failure !== undefined && (
              <Failed failure={basins.failure} retry={basins.reload} />
            )}
            {basins.value === undefined && basins.isLoading && <Loading what="basins" />}
            <ul class="links">
              {basins.value?.basins.map(({ name, createdAt, deletedAt }) => (
                <li key={name}>
                  <a href={hrefOf({ screen: "basin", basin: name, tab: "streams" })}>
                    {printable(name)}
                  </a>
                  <span class="muted">
                    {deletedAt === undefined ? (
                      <>
                        made <Ago ms={createdAt.getTime()} />
                      </>
                    ) : (
                      "being deleted"
                    )}
                  </span>
                </li>
              ))}
            </ul>
            <p>
              <a href={hrefOf({ screen: "basins" })}>All basins</a>
            </p>
          </section>
          <section class="card">
            <h2>Use it from elsewhere</h2>
            <Paste />
          </section>
        </section>
      )}
    </main>
  );
}

function Paste() {
  const url = endpoint();
  const hasToken = config.value.auth === true;
  return (
    <>
      <Snippet
        label="Shell"
        text={`export S2_ENDPOINT=${url}\n${hasToken ? "export S2_ACCESS_TOKEN=…\n" : ""}s2kit ls`}
      />
      <Snippet
        label="TypeScript"
        text={program(
          url,
          hasToken,
          `for await (const { name } of s2.basins.listAll()) console.log(name);`,
        )}
      />
    </>
  );
}
