// Steps of long work on standard error: what is being done, then how long it took.
const started = performance.now();

/** Runs one step; quick ones (< 0.3 s) leave no line. */
export async function step(title, work) {
  const begin = performance.now();
  const live = process.stderr.isTTY;
  if (live) process.stderr.write(`  … ${title}`);
  const announce = live ? undefined : setTimeout(() => console.error(`  … ${title}`), 2000);
  try {
    const result = await work((detail) => live && process.stderr.write(`\r\x1b[K  … ${title}: ${detail}`));
    const seconds = (performance.now() - begin) / 1000;
    if (live) process.stderr.write("\r\x1b[K");
    if (seconds >= 0.3) console.error(`  ✓ ${title} (${seconds.toFixed(1)} s)`);
    return result;
  } catch (error) {
    if (live) process.stderr.write("\r\x1b[K");
    console.error(`  ✗ ${title}`);
    throw error;
  } finally {
    clearTimeout(announce);
  }
}

/** Seconds since the command began. */
export function elapsedSeconds() {
  return (performance.now() - started) / 1000;
}
