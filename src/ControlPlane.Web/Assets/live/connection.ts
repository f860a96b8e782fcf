// The page's one connection: says what is visible, hears what changed, shows how fresh the page is.
import { HubConnectionBuilder, HubConnectionState, LogLevel, type HubConnection } from "@microsoft/signalr";
import { now } from "../ages";
import { afterSwap, all, make, on, one } from "../dom";
import { applyNumbers, type Numbers } from "./numbers";
import { changed, refetchAll, visible } from "./rows";

export interface Changes {
  containers: string[];
  nodes: string[];
  operations: string[];
  addedContainers: string[];
  addedNodes: string[];
  removed: string[];
  runningOperations: number;
}

const firstRetry = 500;
const lastRetry = 10_000;
let lastData = now();
let attempts = 0;

function show(state: "live" | "reconnecting" | "offline", text: string): void {
  const dot = one("#live-dot");
  if (!dot) return;
  dot.dataset.state = state;
  one("[data-live-text]", dot)!.textContent = text;
  document.body.dataset.live = state;
  const banner = one("#live-banner");
  if (banner) {
    banner.hidden = state === "live";
    one("[data-live-since]", banner)!.textContent = clock(lastData);
  }
}

const clock = (at: number): string => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

function tray(running: number): void {
  const badge = one("[data-running]");
  if (!badge) return;
  badge.textContent = `${running}`;
  badge.closest(".tray")?.classList.toggle("is-running", running > 0);
}

async function watch(hub: HubConnection): Promise<void> {
  if (hub.state === HubConnectionState.Connected) tray(await hub.invoke<number>("Watch", visible()));
}

async function open(hub: HubConnection): Promise<void> {
  try {
    await hub.start();
    const again = attempts > 0;
    attempts = 0;
    await watch(hub);
    lastData = now();
    show("live", "Live");
    if (again) refetchAll();
  } catch {
    attempts++;
    const wait = Math.min(lastRetry, firstRetry * 2 ** Math.min(attempts, 5)) * (0.75 + Math.random() / 2);
    const offline = attempts > 3;
    show(offline ? "offline" : "reconnecting", offline ? "Offline · Retry" : `Reconnecting · data from ${clock(lastData)}`);
    retry = window.setTimeout(() => void open(hub), wait);
  }
}

let retry = 0;

export function startLive(): void {
  if (!document.body.dataset.hub) return;
  const hub = new HubConnectionBuilder().withUrl(document.body.dataset.hub).configureLogging(LogLevel.None).build();
  hub.serverTimeoutInMilliseconds = 20_000;
  hub.keepAliveIntervalInMilliseconds = 7_000;
  hub.on("Changed", (changes: Changes) => {
    lastData = now();
    tray(changes.runningOperations);
    changed(changes);
    document.dispatchEvent(new CustomEvent("live:changed", { detail: changes }));
  });
  hub.on("Numbers", (numbers: Numbers) => {
    lastData = now();
    applyNumbers(numbers);
  });
  hub.onclose(() => {
    attempts = 1;
    show("reconnecting", `Reconnecting · data from ${clock(lastData)}`);
    retry = window.setTimeout(() => void open(hub), firstRetry);
  });
  on("click", "#live-dot", () => {
    if (hub.state !== HubConnectionState.Disconnected) return;
    clearTimeout(retry);
    void open(hub);
  });
  afterSwap(() => void watch(hub));
  document.addEventListener("live:rows", () => void watch(hub));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && hub.state === HubConnectionState.Disconnected) {
      clearTimeout(retry);
      void open(hub);
    }
  });
  void open(hub);
}

/** "2 new": rows that belong here but are not shown; a click loads the list again. */
export function pill(count: number): void {
  for (const slot of all("[data-new-pill]")) {
    slot.replaceChildren();
    if (count === 0) continue;
    const button = make("button", "btn btn-sm btn-primary new-pill", `${count} new · show`);
    button.type = "button";
    button.addEventListener("click", () => location.reload());
    slot.append(button);
  }
}
