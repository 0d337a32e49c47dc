/**
 * WebCrypto, as everything in the simulator uses it. Its operations run on other threads: they take no time on any
 * `Clock`, and no number of turns of the event loop is sure to see them end. So they are counted while they run, and
 * who lets a cluster settle waits until none does (`isCryptoPending`).
 */
export const subtle: SubtleCrypto = new Proxy(crypto.subtle, {
  get(target, name) {
    const operation: unknown = Reflect.get(target, name);
    if (typeof operation !== "function") return operation;
    return (...parameters: unknown[]) => counted(Reflect.apply(operation, target, parameters) as Promise<unknown>);
  },
});

let pending = 0;

/** Whether an operation is on its way, of any cluster in this process. */
export function isCryptoPending(): boolean {
  return pending > 0;
}

async function counted<T>(operation: Promise<T>): Promise<T> {
  pending++;
  try {
    return await operation;
  } finally {
    pending--;
  }
}
