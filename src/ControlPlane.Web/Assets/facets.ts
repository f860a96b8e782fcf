// Filters apply at once; without scripts there is a button.
import { on } from "./dom";

export function startFacets(): void {
  on("change", "form[data-filter] input[type=checkbox], form[data-filter] select", (input) => input.closest("form")?.requestSubmit());
  let timer = 0;
  on("input", "form[data-filter] input[type=search]", (input) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => input.closest("form")?.requestSubmit(), 300);
  });
}
