import { PrismaPg } from "@prisma/adapter-pg";

/** How long anybody waits for the database, ms: nothing hangs for ever on one that has stopped answering. */
export interface DatabasePatience {
  /** For a connection, a free one of the pool included. */
  readonly connectMs: number;
  /** For the answer to one statement; the server ends it a little earlier by itself. */
  readonly answerMs: number;
}

const PATIENCE: DatabasePatience = { connectMs: 10_000, answerMs: 35_000 };

/** The way of one process to its database, over at most `connections` of them. */
export function databaseAdapter(url: string, connections: number, patience = PATIENCE): PrismaPg {
  return new PrismaPg({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: patience.connectMs,
    query_timeout: patience.answerMs,
    statement_timeout: Math.ceil(patience.answerMs * 0.85),
    keepAlive: true,
  });
}
