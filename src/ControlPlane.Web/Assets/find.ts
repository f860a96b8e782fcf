// Finds within what the page already has: hides everything that does not contain the words. <input data-find="#where">
import { all, on, one } from "./dom";

export function startFind(): void {
  on("input", "input[data-find]", (input) => {
    const field = input as HTMLInputElement;
    const where = one(field.dataset.find!);
    if (!where) return;
    const words = field.value.trim().toLowerCase();
    for (const item of all("[data-find-text]", where)) item.hidden = !item.dataset.findText!.toLowerCase().includes(words);
    for (const group of all<HTMLDetailsElement>("details[data-find-group]", where)) {
      group.hidden = !one("[data-find-text]:not([hidden])", group);
      group.open = words !== "" && !group.hidden;
    }
  });
}
