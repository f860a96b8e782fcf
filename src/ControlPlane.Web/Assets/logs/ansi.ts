// Colours of a log line as elements made with textContent: what a container prints never becomes markup.
import { make } from "../dom";

const sequence = /\u001b\[([0-9;:]*)m|\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_]|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

interface Style {
  colour: string;
  bold: boolean;
}

function restyle(style: Style, codes: string): Style {
  const next = { ...style };
  const parts = codes.split(/[;:]/).map(Number);
  for (let i = 0; i < parts.length; i++) {
    const code = parts[i]!;
    if (code === 0) Object.assign(next, { colour: "", bold: false });
    else if (code === 1) next.bold = true;
    else if (code === 22) next.bold = false;
    else if (code >= 30 && code <= 37) next.colour = `ansi-${code - 30}`;
    else if (code >= 90 && code <= 97) next.colour = `ansi-${code - 90} ansi-bright`;
    else if (code === 39) next.colour = "";
    else if (code === 38 || code === 48) i += parts[i + 1] === 5 ? 2 : 4;
  }
  return next;
}

export const plain = (line: string): string => line.replace(sequence, "");

export function paint(target: HTMLElement, line: string): void {
  let style: Style = { colour: "", bold: false };
  let from = 0;
  const put = (text: string): void => {
    if (!text) return;
    if (style.colour || style.bold) target.append(make("span", `${style.colour}${style.bold ? " ansi-bold" : ""}`, text));
    else target.append(text);
  };
  for (const match of line.matchAll(sequence)) {
    put(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] !== undefined) style = restyle(style, match[1]);
  }
  put(line.slice(from));
}
