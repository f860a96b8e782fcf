import { on, one } from "./dom";

async function copy(button: HTMLElement): Promise<void> {
  const source = button.dataset.copyFrom ? one(button.dataset.copyFrom) : null;
  await navigator.clipboard.writeText(button.dataset.copy ?? source?.textContent?.trim() ?? "");
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
}

export const startCopy = (): void => on("click", "[data-copy],[data-copy-from]", (button) => void copy(button));
