// Hot numbers of visible rows come as values: no request, no re-render.
import { all, one } from "../dom";

export interface Numbers {
  containers: { id: string; cpu: number; memory: number; limit: number }[];
  nodes: { id: string; at: string; cpu: number; cpus: number; memory: number; memoryTotal: number; disk: number; diskTotal: number }[];
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(value: number): string {
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function set(row: HTMLElement, name: string, text: string, share?: number): void {
  for (const cell of all(`[data-number=${name}]`, row)) {
    const label = one("[data-text]", cell) ?? cell;
    if (label.textContent !== text) label.textContent = text;
    const bar = one<HTMLMeterElement>("meter", cell);
    if (bar && share !== undefined) bar.value = share;
  }
}

const rows = (kind: string, id: string): HTMLElement[] => all(`[data-kind=${kind}][data-id="${CSS.escape(id)}"]`);
const share = (part: number, whole: number): number => (whole > 0 ? Math.min(1, part / whole) : 0);

export function applyNumbers(numbers: Numbers): void {
  for (const sample of numbers.containers) {
    for (const row of rows("container", sample.id)) {
      set(row, "cpu", `${sample.cpu.toFixed(1)} %`);
      set(row, "memory", bytes(sample.memory));
    }
  }
  for (const sample of numbers.nodes) {
    for (const row of rows("node", sample.id)) {
      set(row, "cpu", `${Math.round(share(sample.cpu, sample.cpus * 100) * 100)} %`, share(sample.cpu, sample.cpus * 100));
      set(row, "memory", `${bytes(sample.memory)} / ${bytes(sample.memoryTotal)}`, share(sample.memory, sample.memoryTotal));
      set(row, "disk", sample.diskTotal > 0 ? `${Math.round(share(sample.disk, sample.diskTotal) * 100)} %` : "–", share(sample.disk, sample.diskTotal));
      for (const time of all<HTMLTimeElement>("time[data-last-seen]", row)) time.dateTime = sample.at;
    }
  }
}
