import { databaseAdapter } from "@/prisma/adapter";
import { PrismaClient } from "@/prisma/generated/client/client";
import { config } from "./config";

const CONNECTIONS = 8;

declare global {
  var slipwayDatabase: PrismaClient | undefined;
}

/** The one client of this process. The server and Next's own bundle are two module graphs, so it hangs on the global. */
export function database(): PrismaClient {
  globalThis.slipwayDatabase ??= new PrismaClient({
    adapter: databaseAdapter(config().databaseUrl, CONNECTIONS),
  });
  return globalThis.slipwayDatabase;
}
