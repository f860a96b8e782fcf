/** One line as the server sent it. */
export interface LogLine {
  number: number;
  mark: "out" | "err" | "note";
  time: string;
  text: string;
}

/** The last lines; older ones go. */
export class LogBuffer {
  private lines: LogLine[] = [];
  private next = 1;
  dropped = 0;

  constructor(private readonly size: number) {}

  get all(): readonly LogLine[] {
    return this.lines;
  }

  add(raw: string): LogLine {
    const mark = raw[0] === "e" ? "err" : raw[0] === "!" ? "note" : "out";
    const space = mark === "note" ? 0 : raw.indexOf(" ");
    const stamped = space > 20 && raw[1] === "2" && raw[space - 1] === "Z";
    const line: LogLine = {
      number: this.next++,
      mark,
      time: stamped ? raw.slice(1, space) : "",
      text: stamped ? raw.slice(space + 1) : raw.slice(1),
    };
    this.lines.push(line);
    // In steps: shifting an array of ten thousand for each line costs more than the line.
    if (this.lines.length > this.size + 500) {
      this.dropped += this.lines.length - this.size;
      this.lines = this.lines.slice(-this.size);
    }
    return line;
  }

  clear(): void {
    this.lines = [];
    this.dropped = 0;
  }
}
