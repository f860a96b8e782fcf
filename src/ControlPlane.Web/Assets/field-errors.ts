// What admission says about a field is shown at the field too; the list in the answer stays for everything else.
import { afterSwap, all, make, one } from "./dom";

const fields: [RegExp, (match: RegExpMatchArray) => string][] = [
  [/^(image|name|command|constraints|affinities|strategy|tty)\b/i, (m) => m[1]!.charAt(0).toUpperCase() + m[1]!.slice(1)],
  [/^restartPolicy/i, () => "Restart"],
  [/^resources\.generic/i, () => "Generic[0].Name"],
  [/^reschedulePolicy/i, () => "Reschedule"],
  [/^rescheduleWithVolumes/i, () => "WithVolumes"],
  [/^resources\.memoryReservationBytes/i, () => "ReservationMiB"],
  [/^resources\.memoryBytes/i, () => "MemoryMiB"],
  [/^resources\.nanoCpus/i, () => "Cpus"],
  [/^ports\[(\d+)\]\.hostPort/i, (m) => `Ports[${m[1]}].Host`],
  [/^ports\[(\d+)\]/i, (m) => `Ports[${m[1]}].Container`],
  [/^mounts\[(\d+)\]\.source/i, (m) => `Mounts[${m[1]}].Source`],
  [/^mounts\[(\d+)\]/i, (m) => `Mounts[${m[1]}].Target`],
  [/^env\b/i, () => "Env[0].Name"],
  [/^labels\b/i, () => "Labels[0].Name"],
  [/^(MemoryMiB|ReservationMiB|Cpus)$/, (m) => m[1]!],
];

function fieldOf(path: string): HTMLInputElement | null {
  for (const [pattern, name] of fields) {
    const match = path.match(pattern);
    if (match) return one<HTMLInputElement>(`.run-form [name="${CSS.escape(name(match))}"]`);
  }
  return null;
}

function show(): void {
  for (const old of all(".run-fields .field-error")) old.remove();
  for (const input of all(".run-fields .is-wrong")) {
    input.classList.remove("is-wrong");
    input.removeAttribute("aria-invalid");
  }
  let first: HTMLElement | null = null;
  for (const error of all("[data-field]")) {
    const input = fieldOf(error.dataset.field!);
    if (!input) continue;
    input.classList.add("is-wrong");
    input.setAttribute("aria-invalid", "true");
    (input.closest(".repeat-row") ?? input).after(make("div", "field-error", error.lastChild?.textContent?.trim()));
    first ??= input;
  }
  first?.focus();
}

export function startFieldErrors(): void {
  if (!one(".run-form")) return;
  afterSwap(show);
  show();
}
