import { AddressInUseError } from "../../network/network";
import { serveHealth, type ServingStatus } from "../../network/grpc/health";
import type { Process } from "../processes/process";
import { goFlag, goTime, listenAndServe, textReply, untilStopped } from "./go-server";

/** `agnhost grpc-health-checking`: says by gRPC that it is well, for as long as it is told to. */
export async function grpcHealthChecking(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, "port") ?? 5000);
  const httpPort = Number(goFlag(args, "http-port") ?? 8080);
  const delay = Number(goFlag(args, "delay-unhealthy-sec") ?? -1);
  const service = goFlag(args, "service") ?? "";
  const log = (text: string): Promise<void> => process.complain(`${goTime(process.clock.now())} ${text}\n`);
  const forced: { status?: ServingStatus } = {};
  const seconds = (): number => (process.clock.now() - process.startedAt) / 1000;
  const force = async (status: ServingStatus): Promise<ReturnType<typeof textReply>> => {
    await log(`Mark as ${status === "SERVING" ? "healthy" : "unhealthy"}`);
    forced.status = status;
    return textReply(process, `${seconds()}s`);
  };
  await log(`Http server starting to listen on :${httpPort}`);
  const problem = listenAndServe(process, httpPort, (_, { pathname }) => {
    if (pathname === "/make-serving") return force("SERVING");
    if (pathname === "/make-not-serving") return force("NOT_SERVING");
    return textReply(process, "404 page not found\n", 404);
  });
  if (problem !== undefined) {
    await log(problem);
    return 1;
  }
  const statusOf = (asked: string): ServingStatus | undefined => {
    void log(`Serving the Check request for health check, started at ${new Date(process.startedAt).toISOString()}`);
    if (asked !== service) return undefined;
    return forced.status ?? (delay >= 0 && seconds() >= delay ? "NOT_SERVING" : "SERVING");
  };
  try {
    const listener = process.machine.network.listen({ port }, (connection) => {
      serveHealth(connection, statusOf).catch(() => connection.reset());
    });
    process.onEnd(() => listener.close());
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error;
    await log(`Error while starting the listening service listen tcp :${port}: bind: address already in use`);
    return 1;
  }
  await log(`gRPC server starting to listen on :${port}`);
  await untilStopped(process);
  return 0;
}
