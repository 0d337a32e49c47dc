import type { Clock } from "../../clock";
import type { NetworkHost } from "../../network/network";
import type { Random } from "../../random";
import type { FileSystem } from "../filesystem/file-system";
import type { ProcessTable } from "./process-table";
import type { Programs } from "./program";
import type { ResourceMeter } from "./resource-meter";

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
  /** When the node came up, epoch milliseconds. */
  readonly bootedAt: number;
  /** Answers DNS for the cluster on this host, for the image that does so. */
  readonly serveDns?: (host: NetworkHost) => { close(): void };
}
