/** Reads lines of a streamed answer and hands them over in batches, ten a second at most. */
export async function streamLines(url: string, signal: AbortSignal, take: (lines: string[]) => void): Promise<number> {
  const answer = await fetch(url, { signal, headers: { "HX-Request": "true" } });
  if (!answer.ok || !answer.body) {
    take([`!${(await answer.text()) || `The server answered ${answer.status}.`}`]);
    return answer.status;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let waiting: string[] = [];
  const hand = (): void => {
    if (waiting.length) take(waiting);
    waiting = [];
  };
  const timer = setInterval(hand, 100);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return answer.status;
      const parts = (rest + value).split("\n");
      rest = parts.pop()!;
      waiting.push(...parts);
    }
  } finally {
    clearInterval(timer);
    hand();
  }
}
