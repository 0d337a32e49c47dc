import type { Applet } from "./applet";
import { dig } from "./dig";
import { nc } from "./netcat";
import { nslookup } from "./nslookup";
import { ping } from "./ping";
import { arp, ifconfig, ip, netstat, route } from "./interfaces";
import { traceroute } from "./traceroute";

export const networkApplets: readonly (readonly [string, Applet])[] = [
  ["nslookup", nslookup],
  ["dig", dig],
  ["ping", ping],
  ["nc", nc],
  ["telnet", nc],
  ["ifconfig", ifconfig],
  ["ip", ip],
  ["netstat", netstat],
  ["route", route],
  ["arp", arp],
  ["traceroute", traceroute],
];
