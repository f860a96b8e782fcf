// <button data-dialog="id"> opens, [data-close] and a click on the backdrop close.
import { on, one } from "./dom";

export function startDialogs(): void {
  on("click", "[data-dialog]", (button) => one<HTMLDialogElement>(`#${button.dataset.dialog}`)?.showModal());
  on("click", "dialog [data-close]", (button) => button.closest("dialog")?.close());
  on("click", "dialog", (dialog, event) => {
    if (event.target === dialog) (dialog as HTMLDialogElement).close();
  });
  // The answer of a dialog's form is a toast under it: close once it is sent.
  on("submit", "dialog form", (form) => setTimeout(() => form.closest("dialog")?.close()));
}
