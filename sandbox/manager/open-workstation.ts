import { HostWorkstation } from "../workstation/host/host-workstation";
import { OciWorkstation } from "../workstation/oci/oci-workstation";
import type { Workstation } from "../workstation/workstation";
import type { ManagerConfig } from "./config";

/** The workstations this installation was configured for. */
export function openWorkstation(config: ManagerConfig): Workstation {
  const { instance: instanceId, stateDir, cacheDir, tools } = config;
  switch (config.workstation) {
    case "oci":
      return new OciWorkstation({ instanceId, stateDir, cacheDir, tools });
    case "host":
      return new HostWorkstation({ stateDir, cacheDir, tools });
  }
}
