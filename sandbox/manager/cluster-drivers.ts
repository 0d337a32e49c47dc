import type { Duplex } from "node:stream";
import type { ClusterDriver, ClusterDriverEvent, CreateOptions } from "../cluster/cluster";
import type { ClusterCreate, ClusterMade, ClusterSave, ServiceList, ServicePort } from "../protocol/cluster-host-api";
import { SandboxError } from "../protocol/codes";
import type { DriverList } from "../protocol/drivers";
import type { Driver } from "../protocol/sandbox-view";

/** All drivers of an installation as one: each sandbox has its cluster from one of them. */
export class ClusterDrivers {
  readonly #drivers: ReadonlyMap<Driver, ClusterDriver>;
  readonly #onUnavailable: (driver: Driver, error: unknown) => void;
  /** Those that have started. */
  readonly #started = new Set<ClusterDriver>();
  /** Why the others have not, as far as they were tried. */
  readonly #faults = new Map<ClusterDriver, string>();
  readonly #starting = new Map<ClusterDriver, Promise<void>>();
  readonly #of = new Map<string, ClusterDriver>();

  constructor(drivers: readonly ClusterDriver[], onUnavailable: (driver: Driver, error: unknown) => void) {
    this.#drivers = new Map(drivers.map((driver) => [driver.driver, driver]));
    this.#onUnavailable = onUnavailable;
  }

  /** Real clusters may be out of reach: then they are tried again when one is wanted. Only simulated ones must be there. */
  async start(): Promise<void> {
    await Promise.all(
      [...this.#drivers.values()].map(async (driver) => {
        try {
          await this.#start(driver);
        } catch (error) {
          if (driver.driver === "simulated") throw error;
          this.#onUnavailable(driver.driver, error);
        }
      }),
    );
  }

  standing(): DriverList {
    return {
      drivers: [...this.#drivers.values()].map((one) => ({
        driver: one.driver,
        started: this.#started.has(one),
        said: this.#faults.get(one),
      })),
    };
  }

  /** @throws SandboxError `driver-unavailable` besides what the driver throws */
  async create(spec: ClusterCreate, options: CreateOptions & { readonly driver: Driver }): Promise<ClusterMade> {
    const driver = this.#drivers.get(options.driver);
    if (!driver) throw new SandboxError("driver-unavailable", options.driver);
    this.#of.set(spec.sandboxId, driver);
    await this.#start(driver).catch((cause: unknown) => {
      throw new SandboxError("driver-unavailable", cause instanceof Error ? cause.message : String(cause), { cause });
    });
    return driver.create(spec, options);
  }

  async list(): Promise<ClusterMade[]> {
    const lists = await Promise.all(
      [...this.#started].map(async (driver) => {
        const clusters = await driver.list();
        for (const { sandboxId } of clusters) this.#of.set(sandboxId, driver);
        return clusters;
      }),
    );
    return lists.flat();
  }

  async save(sandboxId: string, since?: string): Promise<ClusterSave | undefined> {
    return this.#driverOf(sandboxId).save(sandboxId, since);
  }

  async services(sandboxId: string): Promise<ServiceList> {
    return this.#driverOf(sandboxId).services(sandboxId);
  }

  servicesAsTheyChange(sandboxId: string, signal: AbortSignal): AsyncIterable<ServiceList> {
    return this.#driverOf(sandboxId).servicesAsTheyChange(sandboxId, signal);
  }

  async dial(sandboxId: string, target: ServicePort, signal?: AbortSignal): Promise<Duplex> {
    return this.#driverOf(sandboxId).dial(sandboxId, target, signal);
  }

  async remove(sandboxId: string): Promise<void> {
    const driver = this.#of.get(sandboxId);
    const asked = driver ? [driver].filter((one) => this.#started.has(one)) : [...this.#started];
    await Promise.all(asked.map((one) => one.remove(sandboxId)));
    this.#of.delete(sandboxId);
  }

  onEvent(listener: (event: ClusterDriverEvent) => void): void {
    for (const driver of this.#drivers.values()) driver.onEvent(listener);
  }

  async stop(clusters: "keep" | "end" | "abandon"): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.stop(clusters)));
  }

  /** @throws SandboxError `cluster-not-found`; `driver-unavailable` when one may have it that has not started */
  #driverOf(sandboxId: string): ClusterDriver {
    const driver = this.#of.get(sandboxId);
    if (driver) return driver;
    const known = this.#started.size === this.#drivers.size;
    throw new SandboxError(known ? "cluster-not-found" : "driver-unavailable", sandboxId);
  }

  /** Several that want it at once wait for one attempt. */
  #start(driver: ClusterDriver): Promise<void> {
    if (this.#started.has(driver)) return Promise.resolve();
    const attempt = this.#starting.get(driver) ?? this.#attempt(driver);
    this.#starting.set(driver, attempt);
    return attempt.finally(() => this.#starting.delete(driver));
  }

  async #attempt(driver: ClusterDriver): Promise<void> {
    try {
      await driver.start();
      this.#started.add(driver);
      this.#faults.delete(driver);
    } catch (error) {
      this.#faults.set(driver, (error instanceof Error ? error.message : String(error)).slice(0, 2000));
      throw error;
    }
  }
}
