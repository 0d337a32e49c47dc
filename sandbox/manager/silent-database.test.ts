import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { databaseAdapter } from "@/prisma/adapter";
import { PrismaClient } from "@/prisma/generated/client/client";
import { startTestDatabase, type TestDatabase } from "./test-database";

const PATIENCE = { connectMs: 1_000, answerMs: 3_000 };

/** Passes connections on to a database until it falls silent: then it takes them and says nothing more. */
class SilencedDatabase {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #silent = false;

  constructor(port: number) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      if (this.#silent) return;
      const upstream = connect(port, "127.0.0.1");
      this.#sockets.add(upstream);
      upstream.on("error", () => undefined);
      socket.pipe(upstream);
      upstream.on("data", (data) => {
        if (!this.#silent) socket.write(data);
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  fallSilent(): void {
    this.#silent = true;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

describe("a database that stops answering", () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await startTestDatabase()), 60_000);
  afterAll(() => database.stop());

  it("keeps nobody waiting for ever: not on a connection that stands, not for a new one, not for a free one", async () => {
    const url = new URL(database.managerUrl);
    const silenced = new SilencedDatabase(Number(url.port));
    url.port = String(await silenced.listen());
    const prisma = new PrismaClient({ adapter: databaseAdapter(url.href, 1, PATIENCE) });
    try {
      expect(await prisma.sandbox.count()).toBe(0);
      silenced.fallSilent();
      const asked = await Promise.allSettled([prisma.sandbox.count(), prisma.sandbox.count(), prisma.manager.count()]);
      expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    } finally {
      silenced.close();
      await prisma.$disconnect();
    }
  });
});
