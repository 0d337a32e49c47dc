import { rm } from "node:fs/promises";
import { connect } from "node:net";
import type { Server } from "node:http";

/**
 * Listens on a unix socket that only this user may open. A socket that a dead process left is replaced.
 * @throws Error `in use` when a living process answers on it
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (await answers(path)) throw new Error(`${path} is in use by another process`);
  await rm(path, { force: true });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
  } finally {
    process.umask(before);
  }
}

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
