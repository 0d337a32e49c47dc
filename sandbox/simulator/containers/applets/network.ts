import type { Applet } from "./applet";
import { dig } from "./dig";
import { nc } from "./netcat";
import { nslookup } from "./nslookup";
import { ping } from "./ping";
import { ifconfig, ip, netstat } from "./interfaces";

export const networkApplets: readonly (readonly [string, Applet])[] = [
  ["nslookup", nslookup],
  ["dig", dig],
  ["ping", ping],
  ["nc", nc],
  ["telnet", nc],
  ["ifconfig", ifconfig],
  ["ip", ip],
  ["netstat", netstat],
];
