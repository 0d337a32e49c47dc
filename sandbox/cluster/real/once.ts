import type { KubeObject } from "../../simulator/api/object";
import { Reflector, type ReflectorOptions } from "../../simulator/client/reflector";

/** Resolves when what is watched is as wanted: asked of the objects' names, and again with every change. */
export function once<T extends KubeObject>(
  watched: Omit<ReflectorOptions<T>, "target">,
  isReached: (names: readonly string[], objects: readonly T[]) => boolean,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const objects = new Map<string, T>();
    const end = (finish: () => void): void => {
      reflector.stop();
      signal.removeEventListener("abort", abort);
      finish();
    };
    const abort = (): void => end(() => reject(signal.reason as Error));
    const look = (): void => {
      const names = [...objects.values()].map(({ metadata }) => metadata?.name ?? "");
      if (isReached(names, [...objects.values()])) end(resolve);
    };
    const reflector = new Reflector<T>({
      ...watched,
      target: {
        replace: (all) => {
          objects.clear();
          for (const object of all) objects.set(object.metadata.uid, object);
          look();
        },
        changed: (type, object) => {
          if (type === "DELETED") objects.delete(object.metadata.uid);
          else objects.set(object.metadata.uid, object);
          look();
        },
      },
    });
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    else void reflector.start();
  });
}
