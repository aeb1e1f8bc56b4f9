// The page of react.test.ts: a turn and a text, each in a component, within React's strict mode. Bundled by the test, and
// shown in the README.

// #region hooks
import { useMessage } from "@s2kit/resumable/anthropic/react";
import { useText } from "@s2kit/resumable/context/react";

function Turn({ chat, from }: { readonly chat: string; readonly from?: number }) {
  const { text, state } = useMessage({ url: `/chats/${chat}`, from });
  return <p id="turn" data-state={state} children={text} />;
}

function Text({ id }: { readonly id: string | undefined }) {
  const { text, state } = useText(id === undefined ? null : { url: `/texts/${id}` });
  return <p id="text" data-state={state} children={text} />;
}

// #endregion

import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

function Page() {
  const [id, setId] = useState<string | undefined>("one");
  return (
    <StrictMode>
      <Turn chat="turn" />
      <Text id={id} />
      {["one", "two", undefined].map((next) => (
        <button key={next ?? "none"} id={`show-${next}`} onClick={() => setId(next)} />
      ))}
    </StrictMode>
  );
}

createRoot(document.body).render(<Page />);
