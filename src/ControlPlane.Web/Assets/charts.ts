// CPU, memory and network of one container, a sample each second.
import uPlot from "uplot";
import { one } from "./dom";
import { bytes } from "./live/numbers";
import { streamLines } from "./logs/stream";

interface Sample {
  t: number;
  cpu: number;
  mem: number;
  limit: number;
  rx: number;
  tx: number;
}

const kept = 300;
const height = 180;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function chart(host: HTMLElement, series: { label: string; colour: string }[], text: (value: number) => string): uPlot {
  const axis = { stroke: () => colour("--cp-muted"), grid: { stroke: () => colour("--cp-line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
  const plot = new uPlot(
    {
      width: host.clientWidth,
      height,
      cursor: { y: false },
      legend: { live: true },
      scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [{ ...axis, values: (_, ticks) => ticks.map((t) => new Date(t * 1000).toLocaleTimeString([], { hour12: false })), space: 90 }, { ...axis, size: 64, values: (_, ticks) => ticks.map(text) }],
      series: [
        { value: (_, at) => (at ? new Date(at * 1000).toLocaleTimeString([], { hour12: false }) : "–") },
        ...series.map((s) => ({ label: s.label, stroke: () => colour(s.colour), width: 1.5, value: (_: uPlot, v: number | null) => (v === null ? "–" : text(v)) })),
      ],
    },
    [[], ...series.map(() => [])],
    host,
  );
  new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height })).observe(host);
  return plot;
}

export function startCharts(): void {
  const root = one("[data-stats]");
  if (!root) return;
  const cpu = chart(one("[data-chart=cpu]", root)!, [{ label: "CPU", colour: "--cp-series-1" }], (v) => `${v.toFixed(v < 10 ? 1 : 0)} %`);
  const memory = chart(one("[data-chart=memory]", root)!, [{ label: "Memory", colour: "--cp-series-2" }], bytes);
  const network = chart(
    one("[data-chart=network]", root)!,
    [{ label: "Received", colour: "--cp-series-1" }, { label: "Sent", colour: "--cp-series-3" }],
    (v) => `${bytes(v)}/s`,
  );
  const samples: Sample[] = [];
  const take = (lines: string[]): void => {
    for (const line of lines) {
      if (line.startsWith("!")) {
        one("[data-stats-status]", root)!.textContent = line.slice(1);
        continue;
      }
      samples.push(JSON.parse(line) as Sample);
    }
    samples.splice(0, samples.length - kept);
    const last = samples.at(-1);
    if (!last) return;
    const times = samples.map((s) => s.t);
    const rate = (of: (s: Sample) => number) =>
      samples.map((s, i) => (i === 0 ? null : Math.max(0, (of(s) - of(samples[i - 1]!)) / Math.max(0.001, s.t - samples[i - 1]!.t))));
    cpu.setData([times, samples.map((s) => s.cpu)]);
    memory.setData([times, samples.map((s) => s.mem)]);
    network.setData([times, rate((s) => s.rx), rate((s) => s.tx)] as uPlot.AlignedData);
    one("[data-stats-status]", root)!.textContent = `Live · CPU ${last.cpu.toFixed(1)} % · memory ${bytes(last.mem)} of ${bytes(last.limit)}`;
  };
  const stop = new AbortController();
  addEventListener("pagehide", () => stop.abort());
  void follow(root, stop.signal, take);
}

async function follow(root: HTMLElement, signal: AbortSignal, take: (lines: string[]) => void): Promise<void> {
  for (let wait = 1000; !signal.aborted; wait = Math.min(10_000, wait * 2)) {
    try {
      const status = await streamLines(root.dataset.stats!, signal, take);
      if (status !== 200) return;
      one("[data-stats-status]", root)!.textContent = "The container does not run: no samples.";
    } catch {
      if (signal.aborted) return;
      one("[data-stats-status]", root)!.textContent = "Disconnected, retrying";
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
