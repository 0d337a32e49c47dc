import type { Process } from "../processes/process";
import { type Applet, complain, readOptions } from "./applet";

/** Tools that show the pod's place in the network. */

export const ifconfig: Applet = async (process) => {
  const { address } = process.machine.network;
  await process.print(
    `eth0      Link encap:Ethernet  HWaddr ${hardwareAddress(address)}  \n          inet addr:${address}  Bcast:${broadcast(address)}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\nlo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n`,
  );
  return 0;
};

export const ip: Applet = async (process, call) => {
  const { address } = process.machine.network;
  const [object = ""] = call.args.filter((word) => !word.startsWith("-"));
  if ("address".startsWith(object) && object !== "") {
    await process.print(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue qlen 1000\n    link/ether ${hardwareAddress(address)} brd ff:ff:ff:ff:ff:ff\n    inet ${address}/24 brd ${broadcast(address)} scope global eth0\n       valid_lft forever preferred_lft forever\n`,
    );
    return 0;
  }
  if ("route".startsWith(object) && object !== "") {
    const gateway = gatewayOf(address);
    await process.print(
      `default via ${gateway} dev eth0 \n${address.replace(/\d+$/, "0")}/24 via ${gateway} dev eth0  src ${address} \n${gateway} dev eth0 scope link  src ${address} \n`,
    );
    return 0;
  }
  await complain(process, call, `invalid argument '${object}' to 'ip'`);
  return 1;
};

export const netstat: Applet = async (process: Process) => {
  await process.print(
    "Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n",
  );
  for (const { address, port, protocol } of process.machine.network.listeners()) {
    await process.print(
      `${protocol.toLowerCase().padEnd(5)} ${"0".padStart(6)} ${"0".padStart(6)} ${`${address}:${port}`.padEnd(23)} ${"0.0.0.0:*".padEnd(23)} ${protocol === "TCP" ? "LISTEN" : ""}      \n`,
    );
  }
  return 0;
};

export const route: Applet = async (process, call) => {
  const { flags } = await readOptions(process, call, { letters: "neA:", usage: "[-ne] [-A inet[6]]" });
  const { address } = process.machine.network;
  const gateway = gatewayOf(address);
  const row = (to: string, by: string, mask: string, marks: string): string =>
    `${to.padEnd(15)} ${by.padEnd(15)} ${mask.padEnd(16)}${marks.padEnd(6)}0      0        0 eth0\n`;
  const everywhere = flags.has("n") ? "0.0.0.0" : "default";
  const nobody = flags.has("n") ? "0.0.0.0" : "*";
  await process.print(
    "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n" +
      row(everywhere, gateway, "0.0.0.0", "UG") +
      row(address.replace(/\d+$/, "0"), gateway, "255.255.255.0", "UG") +
      row(gateway, nobody, "255.255.255.255", "UH"),
  );
  return 0;
};

/** Whoever leaves a pod goes by its node, and by no other neighbour. */
export const arp: Applet = async (process, call) => {
  await readOptions(process, call, { letters: "anvi:A:p:H:", usage: ARP_USAGE });
  const gateway = gatewayOf(process.machine.network.address);
  await process.print(`? (${gateway}) at ${hardwareAddress(gateway)} [ether]  on eth0\n`);
  return 0;
};

const ARP_USAGE = `
[-vn]	[-H HWTYPE] [-i IF] -a [HOSTNAME]
[-v]		    [-i IF] -d HOSTNAME [pub]`;

/** The first machine on the way out. */
export function gatewayOf(address: string): string {
  return address.replace(/\d+$/, "1");
}

function hardwareAddress(address: string): string {
  return ["3e", "5a", ...address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");
}

function broadcast(address: string): string {
  return address.replace(/\d+$/, "255");
}
