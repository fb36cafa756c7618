/** The element of a selector below `root`. Throws where the page has none of that kind, which is a fault of the page. */
export function find<E extends HTMLElement = HTMLElement>(
  root: ParentNode,
  selector: string,
  kind: new () => E = HTMLElement as unknown as new () => E,
): E {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`internal: the page has no ${selector}`);
  return found;
}

/** An element with attributes and what is in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
