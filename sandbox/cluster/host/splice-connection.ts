import type { Duplex } from "node:stream";
import type { Outlet } from "./running-cluster";

/** Carries bytes both ways, each direction to its own end. */
export function splice(socket: Duplex, connection: Outlet): void {
  socket.on("data", (chunk: Buffer) => {
    socket.pause();
    connection.writer.write(Uint8Array.from(chunk)).then(
      () => socket.resume(),
      () => socket.destroy(),
    );
  });
  socket.once("end", () => connection.writer.end());
  socket.once("close", () => connection.reset());
  void (async () => {
    for (let chunk = await connection.reader.read(); chunk; chunk = await connection.reader.read()) {
      if (!socket.write(chunk))
        await new Promise<void>((resolve) => socket.once("drain", resolve).once("close", resolve));
    }
    socket.end();
  })().catch(() => socket.destroy());
}
