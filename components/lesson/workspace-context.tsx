"use client";

import { createContext, useContext, useSyncExternalStore } from "react";
import type { ClusterStore } from "../terminal/cluster-store";
import type { LifetimeStore } from "../terminal/lifetime-store";
import { SandboxSession } from "../terminal/sandbox-session";
import type { SessionState } from "../terminal/session-state";
import { LessonStore, type LessonState } from "./lesson-store";
import type { LessonView } from "./lesson-view";
import type { PaneStore } from "./pane-store";

export interface Workspace {
  lesson: LessonView;
  store: LessonStore;
  session: SandboxSession;
  panes: PaneStore;
  lifetime: LifetimeStore;
  cluster: ClusterStore;
}

const WorkspaceContext = createContext<Workspace | undefined>(undefined);

export const WorkspaceProvider = WorkspaceContext.Provider;

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("a lesson's components only work inside its workspace");
  return workspace;
}

export function useLessonState(): LessonState {
  const { store } = useWorkspace();
  return useSyncExternalStore(store.subscribe, store.get, LessonStore.initial);
}

export function useSessionState(): SessionState {
  const { session } = useWorkspace();
  return useSyncExternalStore(session.subscribe, session.get, SandboxSession.initial);
}
