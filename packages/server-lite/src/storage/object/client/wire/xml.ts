// Reads the small XML documents of S3 and STS: elements and text. Strict, because a document that
// is not understood must not be taken for an empty one: no DTD, no entities but the five of XML
// and numbers, nothing unclosed. Attributes and name spaces are skipped. Pure.

/** An element: its text without that of its children, and its children in order. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Deeper than any answer of S3: only what is hostile or broken reaches it. */
const MAX_DEPTH = 16;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

/** A declaration, a comment, a section, or a tag with what is in it. */
const MARKUP =
  /<\?[^>]*\?>|<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(\/?)>/y;

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** @returns the root element, or undefined when this is no such document */
export function parseXml(document: string): XmlElement | undefined {
  const top: OpenElement = { name: "", text: "", children: [] };
  const open: OpenElement[] = [top];
  let position = document.startsWith("\uFEFF") ? 1 : 0;
  while (position < document.length) {
    const here = open.at(-1) as OpenElement;
    const next = document.indexOf("<", position);
    const text = decodeText(document.slice(position, next < 0 ? document.length : next));
    if (text === undefined) return undefined;
    here.text += text;
    if (next < 0) break;
    MARKUP.lastIndex = next;
    const markup = MARKUP.exec(document);
    if (markup === null || !take(markup, open)) return undefined;
    position = MARKUP.lastIndex;
  }
  const [root] = top.children;
  const isWhole = open.length === 1 && top.children.length === 1 && top.text.trim() === "";
  return isWhole ? root : undefined;
}

/** Applies one piece of markup to the elements that are open; false when it does not fit. */
function take(markup: RegExpExecArray, open: OpenElement[]): boolean {
  const [, section, end, fullName, , selfClosing] = markup;
  const here = open.at(-1) as OpenElement;
  if (section !== undefined) here.text += section;
  if (fullName === undefined) return true;
  const name = fullName.slice(fullName.indexOf(":") + 1);
  if (end === "/") {
    if (open.length === 1 || here.name !== name) return false;
    open.pop();
    (open.at(-1) as OpenElement).children.push(here);
    return true;
  }
  const element: OpenElement = { name, text: "", children: [] };
  if (selfClosing === "/") here.children.push(element);
  else open.push(element);
  return open.length <= MAX_DEPTH;
}

function decodeText(text: string): string | undefined {
  if (!text.includes("&")) return text;
  let isKnown = true;
  const decoded = text.replace(/&([^;&]*)(;?)/g, (_, entity: string, end: string) => {
    const character = end === ";" ? decodeEntity(entity) : undefined;
    isKnown &&= character !== undefined;
    return character ?? "";
  });
  return isKnown ? decoded : undefined;
}

function decodeEntity(entity: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(entity) ?? [];
  if (hex === undefined && decimal === undefined) return ENTITIES[entity];
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isScalar = point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff);
  return isScalar ? String.fromCodePoint(point) : undefined;
}

/** The first child of this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of the first child of this name. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\r": "&#13;",
};

/** Text as the content of an element. It must hold nothing that XML cannot say at all. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] as string);
}
