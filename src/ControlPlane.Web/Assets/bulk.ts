// Selection of rows and the bar over the table: "Start 3 of 7".
import { afterSwap, all, make, on, one } from "./dom";

const applies: Record<string, (state: string) => boolean> = {
  start: (s) => ["created", "exited", "dead"].includes(s),
  stop: (s) => ["running", "restarting", "paused"].includes(s),
  restart: (s) => ["running", "exited", "created", "restarting"].includes(s),
  kill: (s) => ["running", "restarting", "paused"].includes(s),
  pause: (s) => s === "running",
  unpause: (s) => s === "paused",
  remove: (s) => s !== "removing",
};
const typeCountFrom = 6;

const checked = (): HTMLInputElement[] => all<HTMLInputElement>("tbody [data-select]:checked");
const rowOf = (box: HTMLElement): HTMLElement => box.closest<HTMLElement>("tr")!;

export function refreshBulk(): void {
  const bar = one("#bulk");
  if (!bar) return;
  const rows = checked().map(rowOf);
  bar.hidden = rows.length === 0;
  document.body.classList.toggle("has-selection", rows.length > 0);
  const nodes = new Set(rows.map((row) => row.dataset.node));
  one("[data-bulk-count]", bar)!.textContent = `${rows.length} selected on ${nodes.size} ${nodes.size === 1 ? "node" : "nodes"}`;
  for (const button of all<HTMLButtonElement>("[data-bulk]", bar)) {
    const fits = rows.filter((row) => applies[button.dataset.bulk!]?.(row.dataset.state ?? "")).length;
    button.disabled = fits === 0;
    one("[data-bulk-fits]", button)!.textContent = fits > 0 && fits < rows.length ? ` ${fits} of ${rows.length}` : "";
  }
  const boxes = all<HTMLInputElement>("tbody [data-select]");
  const every = one<HTMLInputElement>("[data-select-all]");
  if (every) {
    every.checked = boxes.length > 0 && rows.length === boxes.length;
    every.indeterminate = rows.length > 0 && rows.length < boxes.length;
  }
}

/** Puts the ids that the action applies to into its form. */
function fill(form: HTMLFormElement, action: string): HTMLElement[] {
  const rows = checked().map(rowOf).filter((row) => applies[action]?.(row.dataset.state ?? ""));
  const holder = one("[data-bulk-ids]", form)!;
  holder.replaceChildren(...rows.map((row) => {
    const input = make("input");
    input.type = "hidden";
    input.name = "ids";
    input.value = row.dataset.id!;
    return input;
  }));
  return rows;
}

function askRemove(): void {
  const dialog = one<HTMLDialogElement>("#bulk-remove")!;
  const rows = fill(one<HTMLFormElement>("form", dialog)!, "remove");
  one("[data-remove-title]", dialog)!.textContent = rows.length === 1 ? "Remove this container?" : `Remove ${rows.length} containers?`;
  one("[data-remove-names]", dialog)!.replaceChildren(...rows.map((row) => make("li", "", `${row.dataset.name} on ${row.dataset.node}`)));
  const typed = one<HTMLInputElement>("[data-remove-typed]", dialog)!;
  const submit = one<HTMLButtonElement>("[type=submit]", dialog)!;
  const mustType = rows.length >= typeCountFrom;
  one("[data-remove-type]", dialog)!.hidden = !mustType;
  one("[data-remove-number]", dialog)!.textContent = `${rows.length}`;
  typed.value = "";
  submit.disabled = mustType;
  typed.oninput = () => (submit.disabled = typed.value.trim() !== `${rows.length}`);
  dialog.showModal();
}

export function startBulk(): void {
  on("change", "[data-select]", refreshBulk);
  on("change", "[data-select-all]", (box) => {
    for (const other of all<HTMLInputElement>("tbody [data-select]")) other.checked = (box as HTMLInputElement).checked;
    refreshBulk();
  });
  on("click", "[data-bulk]", (button) => {
    const action = button.dataset.bulk!;
    if (action === "remove") return askRemove();
    const form = one<HTMLFormElement>("#bulk-form")!;
    one<HTMLInputElement>("[name=kind]", form)!.value = action;
    fill(form, action);
    form.requestSubmit();
  });
  on("click", "[data-bulk-clear]", () => {
    for (const box of checked()) box.checked = false;
    refreshBulk();
  });
  // The boxes belong to the form for browsers without scripts; here only those count that the action applies to.
  document.addEventListener("formdata", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.id !== "bulk-form") return;
    event.formData.delete("ids");
    for (const input of all<HTMLInputElement>("[data-bulk-ids] [name=ids]", form)) event.formData.append("ids", input.value);
  });
  afterSwap(refreshBulk);
  refreshBulk();
}
