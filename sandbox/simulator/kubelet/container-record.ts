import type { Container, EphemeralContainer } from "../api/generated/kubernetes";
import type { ContainerLimits, ContainerStatus } from "./container-runtime";

export type ExitedContainer = Extract<ContainerStatus, { state: "exited" }>;
export type ContainerKind = "init" | "sidecar" | "app" | "ephemeral";

/** What the kubelet knows of one container of a pod, beside its spec: enough to write its status and to act next. */
export interface ContainerRecord {
  readonly name: string;
  /** The newest container made for it, as the runtime last showed it; `undefined` before the first. */
  current: ContainerStatus | undefined;
  /** The one before, once it has been replaced. */
  previous: ExitedContainer | undefined;
  /** The image of `current` as the runtime writes it. */
  image: string | undefined;
  /** The spec's image that `current` was made from: a change of it replaces the container. */
  imageInSpec: string | undefined;
  /** What `current` is limited to; `undefined` before its first start. */
  limits: ContainerLimits | undefined;
  /** How many containers were started for it, the first not counted. */
  restartCount: number;
  /** Why there is no (new) running container yet. */
  waiting: { reason: string; message?: string } | undefined;
  /** The startup probe, if any, has succeeded since `current` started. */
  started: boolean;
  /** The readiness probe's last word; true without one. */
  ready: boolean;
  /** Text the container left at its terminationMessagePath. */
  terminationMessage: string | undefined;
}

export function newContainerRecord(name: string): ContainerRecord {
  return {
    name,
    current: undefined,
    previous: undefined,
    image: undefined,
    imageInSpec: undefined,
    limits: undefined,
    restartCount: 0,
    waiting: undefined,
    started: false,
    ready: false,
    terminationMessage: undefined,
  };
}

/** An init container that keeps running beside the others. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ */
export function isSidecar(container: Container | EphemeralContainer): boolean {
  return container.restartPolicy === "Always";
}

export function isRunning(record: ContainerRecord | undefined): boolean {
  return record?.current?.state === "running";
}

/** The exit of the newest container, if it has ended. */
export function exitOf(record: ContainerRecord | undefined): ExitedContainer | undefined {
  return record?.current?.state === "exited" ? record.current : undefined;
}
