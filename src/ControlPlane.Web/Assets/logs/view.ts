// The log viewer: a ring of 10 000 lines, of which only the visible ones are elements.
import { make, one } from "../dom";
import { paint, plain } from "./ansi";
import { LogBuffer, type LogLine } from "./buffer";
import { streamLines } from "./stream";

const lineHeight = 20;
const overscan = 30;
const ring = 10_000;

class LogView {
  private readonly buffer = new LogBuffer(ring);
  private readonly body: HTMLElement;
  private readonly window: HTMLElement;
  private readonly newLines: HTMLButtonElement;
  private readonly search: HTMLInputElement;
  private stop = new AbortController();
  private follow = true;
  private unseen = 0;
  private frame = 0;
  private hit = -1;

  constructor(private readonly root: HTMLElement) {
    this.body = one(".log-body", root)!;
    this.window = one(".log-window", root)!;
    this.newLines = one<HTMLButtonElement>(".log-new", root)!;
    this.search = one<HTMLInputElement>("[data-log-search]", root)!;
    this.body.addEventListener("scroll", () => this.scrolled());
    this.newLines.addEventListener("click", () => this.toEnd());
    this.search.addEventListener("input", () => this.find(0));
    this.search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.find(event.shiftKey ? -1 : 1);
    });
    for (const name of ["wrap", "times"]) one(`[data-log-${name}]`, root)?.addEventListener("change", () => this.draw());
    for (const name of ["tail", "since", "stream", "follow"]) one(`[data-log-${name}]`, root)?.addEventListener("change", () => void this.open());
    one("[data-log-clear]", root)?.addEventListener("click", () => (this.buffer.clear(), this.draw()));
    new ResizeObserver(() => this.draw()).observe(this.body);
    void this.open();
  }

  private value = (name: string): string => one<HTMLSelectElement>(`[data-log-${name}]`, this.root)?.value ?? "";
  private checked = (name: string): boolean => one<HTMLInputElement>(`[data-log-${name}]`, this.root)?.checked ?? false;

  private async open(): Promise<void> {
    this.stop.abort();
    const stop = (this.stop = new AbortController());
    this.buffer.clear();
    this.draw();
    const wanted = this.checked("follow");
    for (let wait = 1000; !stop.signal.aborted; wait = Math.min(10_000, wait * 2)) {
      this.status(wanted ? "Watching" : "Reading");
      const query = new URLSearchParams({ tail: this.value("tail"), since: this.value("since"), stream: this.value("stream"), follow: `${wanted}` });
      try {
        const status = await streamLines(`${this.root.dataset.logs}&${query}`, stop.signal, (lines) => this.take(lines));
        this.status(status === 200 ? (this.buffer.all.length ? "Ended" : "No output yet") : "Not readable");
        return;
      } catch {
        if (stop.signal.aborted) return;
        this.status("Disconnected, retrying");
        await new Promise((resolve) => setTimeout(resolve, wait));
        this.buffer.clear(); // The new stream begins with the same tail again.
      }
    }
  }

  private take(lines: string[]): void {
    for (const line of lines) this.buffer.add(line);
    if (!this.follow) {
      this.unseen += lines.length;
      this.newLines.textContent = `⇣ ${this.unseen} new ${this.unseen === 1 ? "line" : "lines"}`;
      this.newLines.hidden = false;
    }
    this.draw();
  }

  private scrolled(): void {
    const atEnd = this.body.scrollHeight - this.body.scrollTop - this.body.clientHeight < lineHeight * 1.5;
    this.follow = atEnd;
    if (atEnd) {
      this.unseen = 0;
      this.newLines.hidden = true;
    }
    this.draw();
  }

  private toEnd(): void {
    this.follow = true;
    this.draw();
  }

  private draw(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => ((this.frame = 0), this.render()));
  }

  private render(): void {
    const lines = this.buffer.all;
    const wrap = this.checked("wrap");
    this.root.classList.toggle("is-wrapped", wrap);
    this.root.classList.toggle("has-times", this.checked("times"));
    // Wrapped lines have no fixed height: then the last thousand are shown as they are.
    const scrollTop = this.follow ? Number.MAX_SAFE_INTEGER : this.body.scrollTop;
    const room = Math.ceil(this.body.clientHeight / lineHeight);
    const first = wrap ? Math.max(0, lines.length - 1000) : Math.max(0, Math.min(Math.floor(scrollTop / lineHeight), lines.length - room) - overscan);
    const last = wrap ? lines.length : Math.min(lines.length, first + room + 2 * overscan);
    this.window.style.paddingTop = wrap ? "0" : `${first * lineHeight}px`;
    this.window.style.paddingBottom = wrap ? "0" : `${(lines.length - last) * lineHeight}px`;
    const wanted = this.search.value.toLowerCase();
    this.window.replaceChildren(...lines.slice(first, last).map((line, index) => this.element(line, wanted, first + index)));
    if (this.follow) this.body.scrollTop = this.body.scrollHeight;
    const count = one("[data-log-count]", this.root);
    if (count) count.textContent = `${lines.length.toLocaleString("en")} lines${this.buffer.dropped ? `, ${this.buffer.dropped.toLocaleString("en")} older dropped` : ""}`;
  }

  private element(line: LogLine, wanted: string, index: number): HTMLElement {
    const row = make("div", `log-line is-${line.mark}`);
    const text = make("span", "log-text");
    paint(text, line.text);
    if (wanted && plain(line.text).toLowerCase().includes(wanted)) row.classList.add(index === this.hit ? "is-hit-now" : "is-hit");
    row.append(make("span", "log-number", `${line.number}`), make("span", "log-time", line.time.slice(11, 23)));
    if (line.mark === "err") row.append(make("span", "log-err", "err"));
    row.append(text);
    return row;
  }

  private find(step: number): void {
    const wanted = this.search.value.toLowerCase();
    const hits = wanted ? this.buffer.all.flatMap((line, index) => (plain(line.text).toLowerCase().includes(wanted) ? [index] : [])) : [];
    const place = hits.indexOf(this.hit);
    this.hit = step === 0 ? (hits.at(-1) ?? -1) : (hits[(place + step + hits.length) % hits.length] ?? -1);
    one("[data-log-hits]", this.root)!.textContent = wanted ? `${hits.indexOf(this.hit) + 1}/${hits.length}` : "";
    if (this.hit >= 0 && !this.checked("wrap")) {
      this.follow = false;
      this.body.scrollTop = Math.max(0, this.hit * lineHeight - this.body.clientHeight / 2);
    }
    this.draw();
  }

  private status(text: string): void {
    one("[data-log-status]", this.root)!.textContent = text;
  }
}

export function startLogs(): void {
  const root = one("[data-logs]");
  if (root) new LogView(root);
}
