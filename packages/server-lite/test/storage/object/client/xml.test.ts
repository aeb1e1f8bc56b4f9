import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  childOf,
  escapeXml,
  parseXml,
  textOf,
} from "../../../../src/storage/object/client/wire/xml.js";

describe("the XML of a store", () => {
  it("is elements and text, without attributes and name spaces", () => {
    const root = parseXml(
      `<?xml version="1.0" encoding="UTF-8"?>\n<!-- said > by -->\n<s3:A xmlns="http://x/" b='<>"'>\n <B>one</B><B>two</B><C/><D><E>1 &lt; 2 &amp;&#x41;&#66;</E></D><F><![CDATA[<&>]]></F></s3:A>`.replace(
        `b='<>"'`,
        `b='"'`,
      ),
    );
    expect(root?.name).toBe("A");
    expect(textOf(root, "B")).toBe("one");
    expect(root?.children.map(({ name }) => name)).toEqual(["B", "B", "C", "D", "F"]);
    expect(textOf(childOf(root, "D"), "E")).toBe("1 < 2 &AB");
    expect(textOf(root, "C")).toBe("");
    expect(textOf(root, "F")).toBe("<&>");
  });

  it.each([
    ["nothing", ""],
    ["a page of a proxy", "<!DOCTYPE html><html></html>"],
    ["an entity of its own", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`],
    ["an unknown entity", "<a>&nbsp;</a>"],
    ["a bare ampersand", "<a>b & c</a>"],
    ["a surrogate by number", "<a>&#xD800;</a>"],
    ["a cut inside a tag", "<a><b>c</b"],
    ["a cut between tags", "<a><b>c</b>"],
    ["a cut behind the root", "<a/><b>"],
    ["crossed tags", "<a><b></a></b>"],
    ["an end without a start", "</a>"],
    ["two roots", "<a/><b/>"],
    ["text beside the root", "<a/>b"],
    ["what is too deep", "<a>".repeat(20) + "</a>".repeat(20)],
  ])("is refused as a whole when it is %s", (_, text) => {
    expect(parseXml(text)).toBeUndefined();
  });

  it("gives back any text that was escaped into it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        expect(textOf(parseXml(`<a><b>${escapeXml(text)}</b></a>`), "b")).toBe(text);
      }),
    );
  });

  it("never throws, nor takes long, whatever comes", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "</",
      "/>",
      "a",
      "b",
      "&amp;",
      "&",
      "<!--",
      "-->",
      '"',
      "'",
      " x=",
      "<a>",
      "</a>",
      "<![CDATA[",
      "]]>",
      "<?",
      "?>",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        parseXml(pieces.join(""));
      }),
    );
    expect(parseXml(`<a ${'x="'.repeat(20_000)}`)).toBeUndefined();
    expect(parseXml("<".repeat(50_000))).toBeUndefined();
  });
});
