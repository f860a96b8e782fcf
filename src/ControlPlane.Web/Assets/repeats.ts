// Rows of a form that can be added and removed: <div data-repeat="env"> with a <template> and .repeat-rows.
import { all, on, one } from "./dom";

function renumber(block: HTMLElement): void {
  all(".repeat-row", one(".repeat-rows", block)!).forEach((row, index) => {
    for (const field of all<HTMLInputElement>("[name]", row)) field.name = field.name.replace(/\[\d+\]/, `[${index}]`);
  });
}

export function startRepeats(): void {
  on("click", "[data-repeat-add]", (button) => {
    const block = button.closest<HTMLElement>("[data-repeat]")!;
    const template = one<HTMLTemplateElement>("template", block)!;
    const rows = one(".repeat-rows", block)!;
    rows.append(template.content.cloneNode(true));
    renumber(block);
    one<HTMLInputElement>("input,select", rows.lastElementChild!)?.focus();
  });
  on("click", "[data-repeat-remove]", (button) => {
    const block = button.closest<HTMLElement>("[data-repeat]")!;
    button.closest(".repeat-row")?.remove();
    renumber(block);
    one<HTMLButtonElement>("[data-repeat-add]", block)?.focus();
  });
}
