// "Waiting for a node…": asks again whenever the hub says that nodes changed.
import { all } from "./dom";

export function startJoinWatch(): void {
  document.addEventListener("live:changed", () => {
    for (const watch of all("[data-join-watch]")) void refresh(watch);
  });
}

let busy = false;

async function refresh(watch: HTMLElement): Promise<void> {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(watch.dataset.joinWatch!, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
    if (fresh && fresh.textContent !== watch.textContent) watch.replaceWith(document.importNode(fresh, true));
  } finally {
    busy = false;
  }
}
