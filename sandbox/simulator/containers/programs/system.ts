import { serveHttp } from "../http/server";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";

/** Sleeps until told to stop: the pause container, and programs of the system that the simulator does elsewhere. */
export async function pause(process: Process): Promise<number> {
  const asked = { stop: false };
  for (const signal of ["TERM", "INT"] as const) process.handle(signal, () => void (asked.stop = true));
  while (!asked.stop) await waitForSignal(process);
  return 0;
}

/** The cluster's DNS server: answers on port 53 of its pod until told to stop. */
export async function coredns(process: Process): Promise<number> {
  const serveDns = process.machine.serveDns;
  if (!serveDns) {
    await process.complain("plugin/kubernetes: unable to load in-cluster configuration\n");
    return 1;
  }
  const asked = { stop: false };
  for (const signal of ["TERM", "INT"] as const) process.handle(signal, () => void (asked.stop = true));
  const server = serveDns(process.machine.network);
  process.onEnd(() => server.close());
  await process.print(
    ".:53\n[INFO] plugin/reload: Running configuration SHA512 = 1b226df79860026c6a52e67daa10d7f0d57ec5b023288ec00c5e05f93523c894564e15b91770d3a07ae1cfbe861d15b37d4a0027e69c546ab112970993a3b03b\nCoreDNS-1.14.2\nlinux/amd64, go1.25.7\n",
  );
  // The plugins `health` and `ready`: what the kubelet's probes ask.
  const ok = (text: string) => ({
    status: 200,
    reason: "OK",
    headers: [["Content-Type", "text/plain; charset=utf-8"]] as const,
    body: new TextEncoder().encode(text),
  });
  serveHttp(process, 8080, () => ok("OK"), ok(""));
  serveHttp(process, 8181, () => ok("OK"), ok(""));
  serveHttp(
    process,
    9153,
    () =>
      ok(
        "# HELP coredns_build_info A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.\n# TYPE coredns_build_info gauge\ncoredns_build_info{version=\"1.14.2\"} 1\n",
      ),
    ok(""),
  );
  while (!asked.stop) await waitForSignal(process);
  await process.print(
    "[INFO] SIGTERM: Shutting down servers then terminating\n[INFO] plugin/health: Going into lameduck mode for 5s\n",
  );
  await process.sleep(5000);
  return 0;
}

async function waitForSignal(process: Process): Promise<void> {
  try {
    await process.until(new Promise<never>(() => {}));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
}
