import { randomUUID } from "node:crypto";
import { chmodSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../workstation.contract";
import { OciBed, reasonAgainstContainers } from "./test-bed";
import { commandAs, naive, startWeakened } from "./weakened";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`neighbours: skipped, ${reason}`, () => undefined);

/** Where a learner has secrets. Each place gets a canary of its own. */
const PLACES = ["file", "tmp", "shm", "history", "environment", "arguments", "port", "socket", "cluster"] as const;
type Place = (typeof PLACES)[number];

describe.skipIf(reason !== undefined)("the secrets of a second learner", () => {
  const bed = new OciBed();
  const workstation = bed.open();
  const [victim, attacker, weak] = [randomUUID(), randomUUID(), randomUUID()];
  const tag = randomUUID().slice(0, 8);
  const canary = (place: Place): string => `CANARY-${place}-${tag}`;
  let api: Server;

  beforeAll(async () => {
    await workstation.prepare(() => undefined);
    const spec = await bed.spec(victim);
    api = createServer((_request, response) => response.end(canary("cluster")));
    await new Promise<void>((resolve) => api.listen(spec.apiSocketPath, resolve));
    chmodSync(spec.apiSocketPath, 0o666);
    await workstation.start(spec);
    await workstation.start(await bed.spec(attacker));
    await startWeakened(bed, attacker, weak, naive);
    const serve = (place: Place, where: string): string =>
      `socat ${where},fork SYSTEM:"echo ${canary(place)}" >/dev/null 2>&1 &`;
    const live = `echo ${canary("file")} >~/secret; echo ${canary("tmp")} >/tmp/secret; echo ${canary("shm")} >/dev/shm/secret
      echo ${canary("history")} >~/.bash_history; chmod 600 ~/secret ~/.bash_history
      ${serve("port", "TCP-LISTEN:7777,bind=127.0.0.1")} ${serve("socket", `ABSTRACT-LISTEN:secret-${tag}`)}
      SECRET=${canary("environment")} sleep 1000 >/dev/null 2>&1 & bash -c "sleep 1000; : ${canary("arguments")}" >/dev/null 2>&1 & disown -a`;
    await run(await workstation.command(victim, { argv: ["bash", "-c", live], tty: false }));
  }, 300_000);
  afterAll(async () => {
    api.close();
    await bed.clean();
  });

  /** Everything that can be reached from where it runs, in so far as it looks like a canary. */
  const DRAGNET = `
    once() { while read -r path; do printf '%s %s\\n' "$(stat -Lc %d:%i $path/ 2>/dev/null || stat -Lc %d:%i $path)" $path; done 2>/dev/null | sort -u -k1,1 | cut -d' ' -f2; }
    for h in $(ls -d /home/learner /proc/[0-9]*/root/home/learner 2>/dev/null | once); do
      r=\${h%/home/learner}
      grep -rsaoh CANARY-[a-z]*-[0-9a-f]* $r/home $r/tmp/secret $r/dev/shm $r/run/learner $r/run/seed 2>/dev/null
      for s in $r/run/api/*; do curl -s -m 2 --unix-socket $s http://x/; done
    done
    cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -ao CANARY-[a-z]*-[0-9a-f]*
    reach() {
      (timeout 2 socat -u TCP:127.0.0.1:7777 -; timeout 2 socat -u ABSTRACT-CONNECT:secret-${tag} -; curl -s -m 2 http://127.0.0.1:6443/) 2>/dev/null
    }
    reach
    for n in $(ls -d /proc/[0-9]*/ns/net | once); do nsenter --net=$n bash -c "$(declare -f reach); reach" 2>/dev/null; done | sort -u`;

  it("are nowhere to be seen", async () => {
    const { text } = await run(await workstation.command(attacker, { argv: ["bash", "-c", DRAGNET], tty: false }));
    expect(text).not.toContain("CANARY");
  });

  it("control: are all found from a weakened container", async () => {
    const { text } = await run(commandAs(bed, weak, 0, ["bash", "-c", DRAGNET]));
    expect(PLACES.filter((place) => !text.includes(canary(place)))).toEqual([]);
  });
});
