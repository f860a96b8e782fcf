export const one = <T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T | null => within.querySelector<T>(selector);

export const all = <T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] => [...within.querySelectorAll<T>(selector)];

/** One listener on the document: works for rows that arrive later. */
export function on<K extends keyof DocumentEventMap>(event: K, selector: string, handle: (element: HTMLElement, event: DocumentEventMap[K]) => void): void {
  document.addEventListener(event, (raised) => {
    const found = raised.target instanceof Element ? raised.target.closest<HTMLElement>(selector) : null;
    if (found) handle(found, raised);
  });
}

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Runs after htmx has put new content into the page. */
export const afterSwap = (handle: () => void): void => document.addEventListener("htmx:after:swap", handle);
