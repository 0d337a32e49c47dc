import type { Clock } from "../../clock";
import type { DnsServices } from "../../network/dns-server";
import type { IngressSources } from "../../network/ingress/ingress-proxy";
import type { NetworkHost } from "../../network/network";
import type { Random } from "../../random";
import type { FileSystem } from "../filesystem/file-system";
import type { Core } from "./core";
import type { ProcessTable } from "./process-table";
import type { Programs } from "./program";
import type { ResourceMeter } from "./resource-meter";

/** What the wiring lends to programs of the system: real ones would ask the API server. */
export interface SystemServices {
  readonly dns: DnsServices;
  readonly ingress: IngressSources;
}

/** What all processes of a container share. */
export interface Machine {
  readonly clock: Clock;
  readonly random: Random;
  readonly hostname: string;
  readonly network: NetworkHost;
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly programs: Programs;
  readonly meter: ResourceMeter;
  /** Shared with other machines. */
  readonly core: Core;
  /** When the node came up, epoch milliseconds. */
  readonly bootedAt: number;
  /** The cluster as programs of the system see it, for the images that are such. */
  readonly system?: SystemServices;
}
