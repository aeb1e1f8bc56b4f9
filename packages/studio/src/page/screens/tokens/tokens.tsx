// The access tokens of the account: who may do what, a new one from a matrix of operations, shown
// once; revoke. Lists them as the API does; the secrets are not there to be shown.

import { useSignal } from "@preact/signals";
import { curl, flags, program, shellWord, text } from "../../format/copy-as.js";
import { printable } from "../../format/text.js";
import { isoLike } from "../../format/times.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { Dialog, TypedConfirmation } from "../../parts/dialog.js";
import { Listing } from "../../parts/listing.js";
import { Failed, failureIn } from "../../parts/notices.js";
import type { Failure } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { common, config, endpoint } from "../../state/connection.js";
import { isTokenDialogOpen, say } from "../../state/dialogs.js";
import { usePages } from "../../state/pages.js";
import { NewToken } from "./new-token.js";
import { operationWords, setWords } from "./scope.js";
import { type Token, TokenTable } from "./token-table.js";

export function Tokens() {
  const isMaking = useSignal(false);
  const shown = useSignal<Token | undefined>(undefined);
  const revoking = useSignal<Token | undefined>(undefined);
  const pages = usePages(
    async (cursor) => {
      const { accessTokens, hasMore } = await call("listTokens", { ...cursor, limit: 200 });
      return { items: accessTokens, hasMore };
    },
    ({ id }) => id,
    [],
  );
  const { failure, revoke } = useRevocation(pages.reload);
  return (
    <main class="screen full" id="main">
      <div class="bar">
        <h1>Access tokens</h1>
        <span class="spacer" />
        <button type="button" class="quiet" onClick={() => (isTokenDialogOpen.value = true)}>
          The token of this page…
        </button>
        <button type="button" class="primary" onClick={() => (isMaking.value = true)}>
          Issue a token
        </button>
      </div>
      {config.value.auth === false && (
        <p class="note">
          This server asks for no token: whoever reaches it may do everything. Start it with{" "}
          <code class="name">--auth</code> to make tokens count.
        </p>
      )}
      {failure !== undefined && <Failed failure={failure} />}
      <Listing
        pages={pages}
        what="tokens"
        none="No tokens issued"
        hint={
          <p>
            A token carries what it may do: issue one for each program, with no more than it needs.
          </p>
        }
      >
        <TokenTable
          tokens={pages.items}
          more={pages.hasMore ? pages.more : undefined}
          onShow={(token) => (shown.value = token)}
          onRevoke={(token) => (revoking.value = token)}
        />
      </Listing>
      {isMaking.value && (
        <NewToken onClose={() => (isMaking.value = false)} onMade={pages.reload} />
      )}
      {shown.value !== undefined && (
        <Powers token={shown.value} onClose={() => (shown.value = undefined)} />
      )}
      {revoking.value !== undefined && (
        <Revoke
          token={revoking.value}
          onConfirm={(id) => {
            revoking.value = undefined;
            void revoke(id);
          }}
          onClose={() => (revoking.value = undefined)}
        />
      )}
    </main>
  );
}

function useRevocation(onDone: () => void) {
  const failure = useSignal<Failure | undefined>(undefined);
  return {
    failure: failure.value,
    revoke: async (id: string): Promise<void> => {
      failure.value = undefined;
      try {
        await call("revokeToken", id);
        say(`${printable(id)} is revoked`);
        onDone();
      } catch (error) {
        failure.value = failureIn(error);
      }
    },
  };
}

function Powers({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const { id, scope, expiresAt, autoPrefixStreams } = token;
  return (
    <Dialog title={`What ${printable(id)} may do`} onClose={onClose}>
      <dl class="pairs">
        <div>
          <dt>Basins</dt>
          <dd>{printable(setWords(scope.basins))}</dd>
        </div>
        <div>
          <dt>Streams</dt>
          <dd>
            {printable(setWords(scope.streams))}
            {autoPrefixStreams && ", a prefix that the token adds by itself and does not see"}
          </dd>
        </div>
        <div>
          <dt>Access tokens</dt>
          <dd>{printable(setWords(scope.accessTokens))}</dd>
        </div>
        <div>
          <dt>Until</dt>
          <dd>
            {expiresAt === undefined ? "for ever" : `${isoLike(expiresAt.getTime(), true)} UTC`}
          </dd>
        </div>
      </dl>
      <h3>Operations</h3>
      <ul class="chips">
        {operationWords(scope).map((word) => (
          <li key={word}>{word}</li>
        ))}
      </ul>
    </Dialog>
  );
}

function Revoke({
  token: { id },
  onConfirm,
  onClose,
}: {
  readonly token: Token;
  readonly onConfirm: (id: string) => void;
  readonly onClose: () => void;
}) {
  return (
    <TypedConfirmation
      title="Revoke token"
      name={id}
      action="Revoke it for good"
      onConfirm={() => onConfirm(id)}
      onClose={onClose}
    >
      <p>Whoever uses it is refused from then on; sessions that run with it end.</p>
      <p class="actions start">
        <CopyAsButton
          make={() => ({
            title: "revoke this token",
            cli: `s2kit revoke-access-token ${shellWord(id)}${flags({})}`,
            curl: curl({
              ...common(),
              method: "DELETE",
              path: `/access-tokens/${encodeURIComponent(id)}`,
            }),
            ts: program(
              endpoint(),
              common().hasToken,
              `await s2.accessTokens.revoke({ id: ${text(id)} });`,
            ),
          })}
        />
      </p>
    </TypedConfirmation>
  );
}
