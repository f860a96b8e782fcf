// <time data-age datetime="…">: counts up here, also while the server is away.
import { all } from "./dom";

const second = 1000;
let skew = 0;

export function ageText(milliseconds: number): string {
  const s = Math.max(0, Math.floor(milliseconds / second));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

/** The server's clock decides: a browser that is minutes off must not show nonsense. */
export const now = (): number => Date.now() + skew;

export function refreshAges(): void {
  const at = now();
  for (const time of all<HTMLTimeElement>("time[data-age]")) {
    const text = ageText(at - Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}

export function startAges(): void {
  const served = Date.parse(document.body.dataset.now ?? "");
  if (served) skew = served - Date.now();
  for (const time of all<HTMLTimeElement>("time[datetime]:not([title])")) time.title = new Date(time.dateTime).toLocaleString();
  refreshAges();
  setInterval(refreshAges, second);
}
