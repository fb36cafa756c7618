import { element, find } from "./dom.ts";

/** A part of the page that is shown instead of the others: the section whose id is its name. */
export interface View {
  readonly name: string;
  /** Fills its section when it is shown for the first time. */
  mount(section: HTMLElement): void | Promise<void>;
}

/** Makes a tab for each of the views (WAI-ARIA's tab pattern) and shows the one that the address names, or the first. */
export async function showViews(views: readonly [View, ...View[]]): Promise<void> {
  const list = find(document, "#tabs");
  const tabs = new Map(views.map((view) => [view, tabOf(view, (shown) => show(shown))]));
  const mounted = new Set<View>();
  list.append(...tabs.values());
  list.hidden = views.length === 1;
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = views.findIndex((view) => tabs.get(view) === document.activeElement);
    const next = views[(at + step + views.length) % views.length]!;
    tabs.get(next)!.focus();
    void show(next);
  });

  async function show(shown: View): Promise<void> {
    for (const [view, tab] of tabs) {
      const isShown = view === shown;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      find(document, `#${view.name}`).hidden = !isShown;
    }
    if (views.length > 1) history.replaceState(null, "", `#${shown.name}`);
    if (mounted.has(shown)) return;
    mounted.add(shown);
    await shown.mount(find(document, `#${shown.name}`));
  }

  await show(views.find(({ name }) => location.hash === `#${name}`) ?? views[0]);
}

/** Shows a view, as if its tab had been chosen. */
export function showView(name: string): void {
  const tab = find(document, `#tab-${name}`);
  tab.click();
  tab.focus();
}

function tabOf(view: View, show: (view: View) => Promise<void>): HTMLElement {
  const section = find(document, `#${view.name}`);
  const tab = element(
    "button",
    { type: "button", role: "tab", id: `tab-${view.name}`, "aria-controls": view.name },
    section.dataset.title ?? view.name,
  );
  section.setAttribute("role", "tabpanel");
  section.setAttribute("aria-labelledby", tab.id);
  tab.addEventListener("click", () => void show(view));
  return tab;
}
