/**
 * Waits for work that must not hold up what comes after it: no longer than `patienceMs`, then `onLate` is told and the
 * work is left to itself. Rejects as the work does, as long as it is waited for.
 */
export async function inTime(work: Promise<unknown>, patienceMs: number, onLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      onLate();
      resolve();
    }, patienceMs);
  });
  work.catch(() => undefined); // nobody waits for it any more when it is late
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
