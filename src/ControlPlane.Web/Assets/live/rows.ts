// Keeps visible rows fresh: refetches the partial of changed rows at most once a second and morphs them in place.
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { refreshAges } from "../ages";
import { refreshBulk } from "../bulk";
import { all, one } from "../dom";
import { pill, type Changes } from "./connection";

const pause = 1000;
const dirty = new Map<string, Set<string>>();
const fresh = new Set<string>();
let timer = 0;
let lastFetch = 0;

/** What the page shows: the hub reports on nothing else. */
export function visible(): { containers: string[]; nodes: string[]; operations: string[]; lists: string[] } {
  const ids = (kind: string): string[] => [...new Set(all(`[data-kind=${kind}][data-id]`).map((row) => row.dataset.id!))];
  return {
    containers: ids("container"),
    nodes: ids("node"),
    operations: ids("operation"),
    lists: [...new Set(all("[data-live-list]").map((list) => list.dataset.liveList!))],
  };
}

function mark(kind: string, ids: string[]): void {
  for (const id of ids) {
    if (!one(`[data-kind=${kind}][data-id="${CSS.escape(id)}"]`)) continue;
    if (!dirty.has(kind)) dirty.set(kind, new Set());
    dirty.get(kind)!.add(id);
  }
}

export function changed(changes: Changes): void {
  mark("container", [...changes.containers, ...changes.removed]);
  mark("node", [...changes.nodes, ...changes.removed]);
  mark("operation", changes.operations);
  if (one("[data-live-list=containers]")) for (const id of changes.addedContainers) fresh.add(id);
  if (one("[data-live-list=nodes]")) for (const id of changes.addedNodes) fresh.add(id);
  schedule();
}

export function refetchAll(): void {
  const shown = visible();
  mark("container", shown.containers);
  mark("node", shown.nodes);
  mark("operation", shown.operations);
  schedule();
}

function schedule(): void {
  if (timer) return;
  timer = window.setTimeout(() => void flush(), Math.max(0, lastFetch + pause - Date.now()));
}

async function flush(): Promise<void> {
  timer = 0;
  lastFetch = Date.now();
  const work = [...dirty].map(([kind, ids]) => ({ kind, ids: [...ids] }));
  dirty.clear();
  await Promise.all([...work.map(({ kind, ids }) => refetch(kind, ids)), countFresh(), ...all("[data-live-block]").map(refetchBlock)]);
  refreshAges();
  refreshBulk();
}

async function load(url: string): Promise<Document | null> {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (answer.status === 401) location.reload();
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null; // The live dot says that the server is away; the page keeps what it has.
  }
}

async function refetch(kind: string, ids: string[]): Promise<void> {
  const first = one(`[data-kind=${kind}][data-rows]`);
  if (!first) return;
  for (let start = 0; start < ids.length; start += 50) {
    const some = ids.slice(start, start + 50);
    const page = await load(`${first.dataset.rows}?${some.map((id) => `ids=${encodeURIComponent(id)}`).join("&")}`);
    if (!page) continue;
    for (const id of some) apply(kind, id, page);
  }
}

function apply(kind: string, id: string, page: Document): void {
  const selector = `[data-kind=${kind}][data-id="${CSS.escape(id)}"]`;
  const next = one(selector, page);
  for (const row of all(selector)) {
    if (!next) {
      row.classList.add("is-gone");
      row.title = "No longer there";
      continue;
    }
    const before = row.dataset.state;
    Idiomorph.morph(row, next.cloneNode(true) as HTMLElement, { ignoreActiveValue: isTyping(), callbacks: { beforeAttributeUpdated: keepChecked } });
    if (before !== next.dataset.state) flash(row);
  }
}

/** The selection is the person's, not the server's. */
const keepChecked = (attribute: string, element: Element): boolean => !(attribute === "checked" && element.matches("[data-select]"));

function flash(row: HTMLElement): void {
  row.classList.remove("flash");
  requestAnimationFrame(() => row.classList.add("flash"));
  setTimeout(() => row.classList.remove("flash"), 700);
}

/** New objects count only when they match the filter in the URL; the server decides by rendering them. */
async function countFresh(): Promise<void> {
  const list = one("[data-live-list][data-fresh]");
  if (!list || fresh.size === 0) return;
  const query = new URLSearchParams(location.search);
  query.delete("cursor");
  for (const id of [...fresh].slice(0, 200)) query.append("ids", id);
  const page = await load(`${list.dataset.fresh}?${query}`);
  if (!page) return;
  const matching = all("[data-kind][data-id]", page).filter((row) => !one(`[data-kind=${row.dataset.kind}][data-id="${CSS.escape(row.dataset.id!)}"]`));
  pill(matching.length);
}

/** A block that is re-rendered as a whole: tiles, attention, header of a page. */
async function refetchBlock(block: HTMLElement): Promise<void> {
  if (block.querySelector("dialog[open],details[open],input:focus")) return;
  const page = await load(block.dataset.liveBlock!);
  const next = page && one(`#${block.id}`, page);
  if (next) Idiomorph.morph(block, next, { ignoreActiveValue: isTyping() });
}

/** What somebody types stays; a focused button must still change its words with its state. */
function isTyping(): boolean {
  return document.activeElement instanceof HTMLInputElement || document.activeElement instanceof HTMLTextAreaElement;
}
