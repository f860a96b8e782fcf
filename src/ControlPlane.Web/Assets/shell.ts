// Navigation, theme, menus that close, shortcuts.
import { all, on, one } from "./dom";

const typing = (target: EventTarget | null): boolean => target instanceof HTMLElement && !!target.closest("input,textarea,select,[contenteditable]");

const goTo: Record<string, string> = { o: "/", n: "/nodes", c: "/containers", p: "/placements/simulate", a: "/activity" };
let pendingG = false;

function shortcut(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    one<HTMLInputElement>("#search")?.focus();
    return;
  }
  if (event.key === "Escape") {
    document.documentElement.classList.remove("nav-open");
    for (const menu of all<HTMLDetailsElement>("details.menu[open]")) menu.open = false;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (pendingG && goTo[event.key]) location.href = goTo[event.key]!;
  pendingG = event.key === "g";
  if (event.key === "/") {
    const field = one<HTMLInputElement>("[data-page-search]") ?? one<HTMLInputElement>("#search");
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
}

export function startShell(): void {
  const root = document.documentElement;
  on("click", "[data-theme-switch]", () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = next;
    localStorage.setItem("theme", next);
  });
  on("click", "[data-nav-switch]", () => {
    if (matchMedia("(max-width: 768px)").matches) root.classList.toggle("nav-open");
    else localStorage.setItem("nav", root.classList.toggle("nav-narrow") ? "narrow" : "wide");
  });
  on("click", ".nav-shade", () => root.classList.remove("nav-open"));
  document.addEventListener("click", (event) => {
    for (const menu of all<HTMLDetailsElement>("details.menu[open]")) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", shortcut);
}
