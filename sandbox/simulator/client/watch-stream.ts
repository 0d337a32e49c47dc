import type { KubeObject, Stored } from "../api/object";
import type { WatchEvent } from "../api/request";

/** Reads a watch response to its end, one event per line of JSON. Rejects when the connection or a line is broken. */
export async function readWatchEvents<T extends KubeObject>(
  response: Response,
  onEvent: (event: WatchEvent<Stored<T>>) => void,
): Promise<void> {
  if (!response.body) return;
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onEvent(parseEvent(line));
  }
}

function parseEvent<T extends KubeObject>(line: string): WatchEvent<Stored<T>> {
  return JSON.parse(line) as WatchEvent<Stored<T>>;
}
