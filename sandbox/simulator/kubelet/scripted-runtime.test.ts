/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, what stands in for it is not */
import { FakeClock } from "../clock";
import { VirtualNetwork } from "../network/virtual-network";
import { SeededRandom } from "../random";
import { describeContainerRuntime } from "./container-runtime.contract";
import { ScriptedRuntime } from "./scripted-runtime";

// The double that the kubelet's tests use must keep the contract too.
describeContainerRuntime("The scripted runtime", async () => {
  const clock = new FakeClock();
  const network = new VirtualNetwork({ clock, random: new SeededRandom(1) });
  const runtime = new ScriptedRuntime({ clock, network, podCIDR: "10.244.1.0/24" });
  runtime.script("fail", { exitAfterMs: 0, exitCode: 3, output: "one\ntwo\n" });
  runtime.script("succeed", { exitAfterMs: 0, exitCode: 0 });
  runtime.script("stubborn", { ignoresTerm: true });
  return {
    runtime,
    network,
    advance: (ms) => clock.advance(ms),
    images: { present: "nginx:1.27", pullable: "nginx:1.25", missing: "nginx:1.99" },
    commands: { forever: ["sleep"], ignoresTerm: ["stubborn"], printsAndFails: ["fail"], succeeds: ["succeed"] },
  };
});
