import { expect, test } from "vitest";
import { html, trusted } from "./html.ts";

test("values are escaped in text and attributes, HTML is not", () => {
  const name = `<img src=x onerror="alert('&')">`;
  expect(html`<td title="${name}">${name}</td>`.text).toBe(
    '<td title="&#60;img src=x onerror=&#34;alert(&#39;&#38;&#39;)&#34;&#62;">' +
      "&#60;img src=x onerror=&#34;alert(&#39;&#38;&#39;)&#34;&#62;</td>",
  );
  expect(html`<p>${html`<b>${1}</b>`}${[html`<i>x</i>`, "<i>"]}${trusted("&amp;")}</p>`.text).toBe(
    "<p><b>1</b><i>x</i>&#60;i&#62;&amp;</p>",
  );
});

test("nothing leaves nothing, control characters become spaces", () => {
  expect(html`[${null}${undefined}${false}${0}]`.text).toBe("[0]");
  expect(html`${"a\u0000b\tc"}`.text).toBe("a b\tc");
});
