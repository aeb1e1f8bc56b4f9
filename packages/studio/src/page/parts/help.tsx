// The keys, in one dialog.
// Opened by `?` and by the palette.

import { isHelpOpen } from "../state/dialogs.js";
import { Dialog } from "./dialog.js";

const KEYS = [
  ["j  k", "next and previous row; arrows and pages too"],
  ["g  G", "first and last row"],
  ["Enter", "open the row"],
  ["Esc", "back: out of the dialog, the field, the record, the stream"],
  ["/", "search or filter"],
  ["Space", "pause and go on, while following"],
  ["Ctrl-K", "go to a basin, a stream, an action"],
  ["?", "this"],
] as const;

export function Help() {
  if (!isHelpOpen.value) return null;
  return (
    <Dialog title="Keys" onClose={() => (isHelpOpen.value = false)}>
      <dl class="pairs keys">
        {KEYS.map(([keys, words]) => (
          <div key={keys}>
            <dt>
              {keys.split("  ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
