// Elements without a framework. Text goes in as text, so nothing that a merchant or buyer wrote becomes markup.
type Child = Node | string | null | undefined | false | Child[];
type Properties = Record<string, unknown>;

export function h(tag: string, properties: Properties = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else if (name === "value" || name === "checked") (element as unknown as Properties)[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Node, children: Child[]) {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (typeof child === "string") parent.appendChild(document.createTextNode(child));
  }
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, properties: Record<string, string>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  for (const child of children) element.appendChild(child);
  return element;
}

/** Replaces what is shown, and leaves the keyboard where it was: every control has an id. */
export function show(root: HTMLElement, content: Node) {
  const focused = document.activeElement as HTMLElement | null;
  const id = focused?.id;
  const caret = focused instanceof HTMLInputElement && focused.type === "text" ? focused.selectionStart : null;
  root.replaceChildren(content);
  if (!id || !focused || !focused.matches("input, select, button, summary, a, h1, h2")) return;
  const again = document.getElementById(id);
  if (!again || again === document.activeElement) return;
  again.focus({ preventScroll: true });
  if (caret !== null && again instanceof HTMLInputElement) again.setSelectionRange(caret, caret);
}

/** Says something to who listens instead of looking. */
export function announce(text: string) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}
