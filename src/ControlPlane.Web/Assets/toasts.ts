// Answers of actions arrive as toasts; a success goes by itself, a failure stays until closed.
import { all, make, on, one } from "./dom";

const stay = 8000;

function arm(): void {
  for (const toast of all(".toast-note:not([data-armed])")) {
    toast.dataset.armed = "";
    if (!toast.classList.contains("is-error")) setTimeout(() => toast.remove(), stay);
  }
}

export function toast(text: string, error = false): void {
  const note = make("div", `toast-note ${error ? "is-error" : "is-ok"}`);
  note.setAttribute("role", error ? "alert" : "status");
  const close = make("button", "btn-close");
  close.setAttribute("aria-label", "Close");
  note.append(make("div", "toast-text", text), close);
  one("#toasts")?.append(note);
  arm();
}

export function startToasts(): void {
  on("click", ".toast-note .btn-close", (button) => button.closest(".toast-note")?.remove());
  document.addEventListener("htmx:after:swap", arm);
  document.addEventListener("htmx:error", () => toast("The server did not answer. Nothing was changed, as far as this page knows; try again when it is back.", true));
  arm();
}
