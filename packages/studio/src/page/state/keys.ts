// Keys of the page. A screen adds its own while it is there; nothing is heard while somebody
// writes. The newest layer that knows a key gets it.

type Handlers = Readonly<Record<string, () => void>>;

const layers: Handlers[] = [];

/** @returns takes them away again */
export function onKey(handlers: Handlers): () => void {
  layers.push(handlers);
  return () => {
    layers.splice(layers.indexOf(handlers), 1);
  };
}

addEventListener("keydown", (event) => {
  const isPalette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
  if (!isPalette && (event.ctrlKey || event.metaKey || event.altKey)) return;
  const key = isPalette ? "Ctrl-K" : event.key;
  if (!isPalette && document.querySelector("dialog[open]") !== null) return;
  const target = event.target as HTMLElement;
  const isWriting = target.matches("input, textarea, select");
  if (isWriting && !isPalette) {
    if (key === "Escape") target.blur();
    return;
  }
  // Space presses what has the focus.
  if (key === " " && target.matches("button, a, summary")) return;
  const handler = layers.findLast((layer) => Object.hasOwn(layer, key))?.[key];
  if (handler === undefined) return;
  event.preventDefault();
  handler();
});
