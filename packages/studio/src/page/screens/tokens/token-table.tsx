// The tokens as a table; where there is no room for columns, each token is a list of what it has.
// Drawn by the screen of tokens, which knows what its buttons do.

import type { ComponentChildren } from "preact";
import { printable } from "../../format/text.js";
import { Until } from "../../parts/when.js";
import type { call } from "../../state/bridge.js";
import { operationWords, setWords } from "./scope.js";

export type Token = Awaited<ReturnType<typeof call<"listTokens">>>["accessTokens"][number];

const COLUMNS = ["Id", "Basins", "Streams", "Operations", "Expires"];

export function TokenTable({
  tokens,
  more,
  onShow,
  onRevoke,
}: {
  readonly tokens: readonly Token[];
  readonly more: (() => void) | undefined;
  readonly onShow: (token: Token) => void;
  readonly onRevoke: (token: Token) => void;
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Tokens">
      <table class="list">
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <Row key={token.id} token={token}>
              <button type="button" class="quiet" onClick={() => onShow(token)}>
                What may it do?
              </button>
              <button type="button" class="quiet danger" onClick={() => onRevoke(token)}>
                Revoke…
              </button>
            </Row>
          ))}
        </tbody>
      </table>
      {more !== undefined && (
        <p class="actions start">
          <button type="button" onClick={more}>
            More
          </button>
        </p>
      )}
    </div>
  );
}

function Row({
  token: { id, scope, autoPrefixStreams, expiresAt },
  children,
}: {
  readonly token: Token;
  /** What can be done with it. */
  readonly children: ComponentChildren;
}) {
  return (
    <tr>
      <th scope="row" class="name">
        {printable(id)}
      </th>
      <td data-label="Basins">{printable(setWords(scope.basins))}</td>
      <td data-label="Streams">
        {printable(setWords(scope.streams))}
        {autoPrefixStreams && <span class="badge">prefix added</span>}
      </td>
      <td data-label="Operations" class="ops">
        {operationWords(scope).join(", ")}
      </td>
      <td data-label="Expires" class="num">
        {expiresAt === undefined ? (
          <span class="muted">never</span>
        ) : (
          <Until ms={expiresAt.getTime()} />
        )}
      </td>
      <td class="right actions">{children}</td>
    </tr>
  );
}
