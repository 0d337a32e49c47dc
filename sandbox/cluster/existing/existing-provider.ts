import { z } from "zod";
import type { ClusterCreate } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import { StatusError } from "../../simulator/api/status";
import type { Client } from "../../simulator/client/client";
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES, SERVICE_ACCOUNTS } from "../../simulator/client/resources";
import type { Clock } from "../../simulator/clock";
import { resourceForKind } from "../../simulator/schema/resources";
import type { MakeOptions, Provider, RealCluster } from "../real/provider";
import type { Upstream } from "../real/upstream";
import { once } from "../real/once";
import type { ExistingConfig } from "./existing-config";
import { LABELS, LEARNER, lookingBinding, lookingRole, namespaceObject, roomObjects } from "./room";

export interface ExistingOptions {
  readonly instance: string;
  readonly upstream: Upstream;
  readonly config: ExistingConfig;
  readonly clock: Clock;
}

const TOKEN_SECONDS = 3600;
const READY_WITHIN_MS = 30_000;
const GONE_WITHIN_MS = 120_000;

const tokenSchema = z.object({ status: z.object({ token: z.string().min(1), expirationTimestamp: z.string() }) });

/** Rooms in a cluster that is there already: a namespace for each sandbox, with an account that has rights in it only. */
export class ExistingProvider implements Provider {
  readonly #options: ExistingOptions;
  readonly #client: Client;

  constructor(options: ExistingOptions) {
    this.#options = options;
    this.#client = options.upstream.client();
  }

  lacks({
    addons,
    faults,
    startObjects,
  }: Pick<ClusterCreate, "addons" | "faults" | "startObjects">): string | undefined {
    if (addons.length > 0) return `add-ons (${addons.join(", ")}) cannot be put into a cluster of others`;
    if (faults.length > 0) return "faults happen in simulated clusters only";
    for (const object of startObjects) {
      const [version = "", group = ""] = object.apiVersion.split("/").reverse();
      const metadata = z.object({ namespace: z.string().optional() }).safeParse(object["metadata"]);
      const { namespace = "default" } = metadata.data ?? {};
      // One that nobody knows is refused when it is made, with its reason.
      if (resourceForKind(group, version, object.kind)?.namespaced === false) return `a ${object.kind} of its own`;
      if (namespace !== "default") return `the namespace ${namespace} besides its own`;
    }
    return undefined;
  }

  /** The one they had, unless it is another's now. */
  async namespaceFor(sandboxId: string, wanted?: string): Promise<string> {
    if (wanted !== undefined && (await this.#isFree(wanted))) return wanted;
    // The end of a UUIDv7 is its random part.
    return `slipway-${sandboxId.slice(-12)}`;
  }

  async make(sandboxId: string, namespace: string | undefined, options: MakeOptions): Promise<RealCluster> {
    const { instance, config } = this.#options;
    const name = namespace ?? (await this.namespaceFor(sandboxId));
    options.onStep("namespace");
    try {
      await this.#untilGone(name, options.signal);
      const labels = { [LABELS.instance]: instance, [LABELS.sandbox]: sandboxId, [LABELS.managedBy]: "slipway" };
      await this.#client.create(NAMESPACES, namespaceObject(name, labels, config));
      for (const object of roomObjects(name, labels, config)) {
        options.signal.throwIfAborted();
        await this.#client.create(object.resource, object.object);
      }
      // To see machines and classes helps a lesson; a cluster whose owner does not let us give that does without.
      await this.#client.create(CLUSTER_ROLES, lookingRole(name, labels)).catch(ignoring(403, 409));
      await this.#client.create(CLUSTER_ROLE_BINDINGS, lookingBinding(name, labels)).catch(ignoring(403, 404, 409));
      options.onStep("system");
      await this.#untilAccounts(name, options.signal);
    } catch (error) {
      if (error instanceof SandboxError || options.signal.aborted) throw error;
      throw failureOf(error);
    }
    return this.#room(name);
  }

  async find(sandboxId: string, namespace: string | undefined): Promise<RealCluster> {
    if (namespace === undefined || !(await this.list()).includes(sandboxId)) {
      throw new SandboxError("cluster-not-found", sandboxId);
    }
    return this.#room(namespace);
  }

  async remove(sandboxId: string): Promise<void> {
    const { instance } = this.#options;
    const labelSelector = `${LABELS.instance}=${instance},${LABELS.sandbox}=${sandboxId}`;
    try {
      for (const resource of [CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES]) {
        const found = await this.#client.list(resource, "", { labelSelector }).catch(ignoring(403));
        for (const { metadata } of found?.items ?? []) {
          await this.#client.delete(resource, { namespace: "", name: metadata.name }).catch(ignoring(404));
        }
      }
      const { items } = await this.#client.list(NAMESPACES, "", { labelSelector });
      for (const { metadata } of items) {
        await this.#client.delete(NAMESPACES, { namespace: "", name: metadata.name }).catch(ignoring(404, 409));
      }
      for (const { metadata } of items) await this.#untilGone(metadata.name);
    } catch (error) {
      throw failureOf(error);
    }
  }

  async list(): Promise<string[]> {
    const labelSelector = `${LABELS.instance}=${this.#options.instance},${LABELS.sandbox}`;
    try {
      const { items } = await this.#client.list(NAMESPACES, "", { labelSelector });
      const alive = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      return alive.map(({ metadata }) => metadata.labels?.[LABELS.sandbox] ?? "");
    } catch (error) {
      throw failureOf(error);
    }
  }

  #room(namespace: string): RealCluster {
    const { upstream, clock } = this.#options;
    const token = renewing(clock, () => this.#token(namespace));
    return { learner: upstream.as(token), keeper: upstream };
  }

  async #token(namespace: string): Promise<{ token: string; expiresAt: number }> {
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: TOKEN_SECONDS },
    };
    const key = { namespace, name: LEARNER };
    const { object } = await this.#client.createSubresource(SERVICE_ACCOUNTS, key, "token", body);
    const { token, expirationTimestamp } = tokenSchema.parse(object).status;
    return { token, expiresAt: Date.parse(expirationTimestamp) };
  }

  async #isFree(name: string): Promise<boolean> {
    try {
      const { metadata } = await this.#client.get(NAMESPACES, { namespace: "", name });
      return metadata.deletionTimestamp !== undefined && metadata.labels?.[LABELS.instance] === this.#options.instance;
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return true;
      throw failureOf(error);
    }
  }

  /** Pods wait for the account that they run as; it comes a moment after its namespace. */
  #untilAccounts(namespace: string, signal: AbortSignal): Promise<void> {
    const isThere = (names: readonly string[]): boolean => names.includes("default");
    const { clock } = this.#options;
    const watched = { client: this.#client, clock, resource: SERVICE_ACCOUNTS, namespace };
    return once(watched, isThere, AbortSignal.any([signal, AbortSignal.timeout(READY_WITHIN_MS)]));
  }

  #untilGone(name: string, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const selector = { fieldSelector: `metadata.name=${name}` };
    const within = AbortSignal.timeout(GONE_WITHIN_MS);
    const watched = { client: this.#client, clock, resource: NAMESPACES, selector };
    return once(watched, (names) => names.length === 0, signal ? AbortSignal.any([signal, within]) : within);
  }
}

/** Fetches anew when four fifths of its time are over; those who ask meanwhile wait for the same one. */
function renewing(clock: Clock, fetch: () => Promise<{ token: string; expiresAt: number }>): () => Promise<string> {
  let current: Promise<{ token: string; renewAt: number }> | undefined;
  const renew = async (): Promise<{ token: string; renewAt: number }> => {
    const now = clock.now();
    const { token, expiresAt } = await fetch();
    return { token, renewAt: now + (expiresAt - now) * 0.8 };
  };
  return async () => {
    const known = await current?.catch(() => undefined);
    if (!known || known.renewAt <= clock.now()) current = renew();
    return (await (current ?? renew())).token;
  };
}

function ignoring(...codes: number[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof StatusError && codes.includes(error.code)) return undefined;
    throw error;
  };
}

/** A refusal is the cluster's last word; anything else means that it cannot be reached. */
function failureOf(cause: unknown): SandboxError {
  if (cause instanceof SandboxError) return cause;
  const code = cause instanceof StatusError ? "start-failed" : "driver-unavailable";
  return new SandboxError(code, cause instanceof Error ? cause.message : String(cause), { cause });
}
