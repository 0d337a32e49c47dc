import { Check, LoaderCircle } from "lucide-react";
import { useSyncExternalStore, type ReactNode } from "react";
import type { ClusterStep, StartStep, StopReason } from "@/sandbox/protocol/codes";
import type { SandboxView } from "@/sandbox/protocol/sandbox-view";
import { clock } from "../ui/clock";
import { Button } from "../ui/button";
import { useWorkspace } from "../lesson/workspace-context";
import { isMessageKey, keyFor, t, type MessageKey } from "../ui/text";
import { ClusterPicker } from "./cluster-picker";
import { ClusterStore } from "./cluster-store";
import type { SessionState } from "./session-state";

/** What stands in for the shell while there is none: how to start it, how far it is, why it is gone. */
export function TerminalOverlay(props: {
  state: SessionState;
  sandbox: SandboxView | undefined;
  onStart: () => void;
  onNewShell: () => void;
  onFocus: () => void;
  /** No longer waits. */
  onLeave: () => void;
}) {
  const { state } = props;
  switch (state.phase) {
    case "idle":
      return (
        <Cover onClick={props.onFocus}>
          <Title>{t("terminal.idle.title")}</Title>
          <IdleText />
          <ClusterPicker />
          <Button look="primary" className="mt-2" onClick={props.onStart}>
            {t("terminal.start")}
          </Button>
        </Cover>
      );
    case "asking":
      return <StartLog done={[]} />;
    case "queued":
      return (
        <Cover>
          <Title>{t("terminal.queued.title")}</Title>
          <p>{t("terminal.queued.text", { position: state.position })}</p>
          <p className="text-muted">
            {state.expectedAt === undefined
              ? t("terminal.queued.unknown")
              : t("terminal.queued.expected", { time: clock(state.expectedAt) })}
          </p>
          <Button className="mt-2" onClick={props.onLeave}>
            {t("terminal.queued.leave")}
          </Button>
        </Cover>
      );
    case "starting":
      return <StartLog done={state.done} cluster={state.cluster} onLeave={props.onLeave} />;
    case "exited":
      return (
        <Strip>
          <span>{t("terminal.exited.text", { code: state.code })}</span>
          <Button onClick={props.onNewShell}>{t("terminal.exited.again")}</Button>
        </Strip>
      );
    case "reconnecting":
      return <Strip>{t("terminal.reconnecting.text")}</Strip>;
    case "stopped":
      return (
        <Cover alert>
          <Stopped reason={state.reason} sandbox={props.sandbox} onStart={props.onStart} />
        </Cover>
      );
    case "refused":
      return (
        <Cover alert>
          <Title>{t("terminal.refused.title")}</Title>
          <p>{t(keyFor("refusal", state.code, "refusal.unknown"))}</p>
          <ClusterPicker />
          <Button look="primary" className="mt-2" onClick={props.onStart}>
            {t("terminal.tryAgain")}
          </Button>
        </Cover>
      );
    case "attaching":
    case "live":
      return null;
  }
}

/** Where there is a choice, each kind says for itself what it is. */
function IdleText() {
  const { cluster } = useWorkspace();
  const { choices } = useSyncExternalStore(cluster.subscribe, cluster.get, ClusterStore.initial);
  return <p className="text-muted">{t(choices.length < 2 ? "terminal.idle.text" : "terminal.idle.choose")}</p>;
}

/** Why it is gone, what that means, and the way on: with what was saved, or in another kind of cluster. */
function Stopped(props: { reason: StopReason; sandbox: SandboxView | undefined; onStart: () => void }) {
  const { reason, sandbox, onStart } = props;
  const { cluster } = useWorkspace();
  const { chosen } = useSyncExternalStore(cluster.subscribe, cluster.get, ClusterStore.initial);
  const isOther = sandbox !== undefined && chosen !== undefined && chosen !== sandbox.driver;
  const savedAt = sandbox?.savedAt ?? undefined;
  const remedy = `remedy.${reason}`;
  return (
    <>
      <Title>{t("terminal.stopped.title")}</Title>
      <p>{t(keyFor("stopReason", reason, "stopReason.other"))}</p>
      {isMessageKey(remedy) ? <p>{t(remedy)}</p> : null}
      {isOther && savedAt !== undefined ? (
        <p className="text-muted">{t("terminal.stopped.other", { cluster: t(`cluster.${sandbox.driver}`) })}</p>
      ) : (
        <Kept savedAt={savedAt} />
      )}
      <ClusterPicker />
      <Button look="primary" className="mt-2" onClick={onStart}>
        {t(isOther ? "terminal.start" : savedAt === undefined ? "terminal.startAgain" : "terminal.goOn")}
      </Button>
    </>
  );
}

/** What comes back with a new start. */
function Kept({ savedAt }: { savedAt: string | undefined }) {
  if (savedAt === undefined) return <p className="text-muted">{t("terminal.stopped.kept")}</p>;
  return <p className="text-muted">{t("terminal.stopped.saved", { time: clock(savedAt) })}</p>;
}

const STEPS: readonly { step: StartStep; text: MessageKey }[] = [
  { step: "cluster", text: "startStep.cluster" },
  { step: "workstation", text: "startStep.workstation" },
  { step: "shell", text: "startStep.shell" },
];

/** The stages of a start, as a short log where the prompt will be. One that takes its time can be called off. */
function StartLog(props: { done: readonly StartStep[]; cluster?: ClusterStep; onLeave?: () => void }) {
  const { done, cluster, onLeave } = props;
  return (
    <div className="absolute inset-0 px-4 py-3 text-14">
      <StartSteps done={done} cluster={cluster} />
      {cluster === undefined || onLeave === undefined ? null : (
        <Button className="mt-4" onClick={onLeave}>
          {t("terminal.starting.leave")}
        </Button>
      )}
    </div>
  );
}

function StartSteps({ done, cluster }: { done: readonly StartStep[]; cluster?: ClusterStep }) {
  return (
    <ol aria-live="polite" className="grid content-start gap-1 font-mono">
      {STEPS.map(({ step, text }) => {
        const finished = done.includes(step);
        return (
          <li key={step} className={`flex items-center gap-3 ${finished ? "text-ink" : "text-muted"}`}>
            {finished ? (
              <Check size={16} strokeWidth={1.75} className="text-kelp" aria-label={t("startStep.done")} />
            ) : (
              <LoaderCircle size={16} strokeWidth={1.5} className="animate-spin" aria-hidden="true" />
            )}
            {step === "cluster" && cluster !== undefined && !finished
              ? t("startStep.real", { step: t(`clusterStep.${cluster}`) })
              : t(text)}
          </li>
        );
      })}
    </ol>
  );
}

function Cover({ children, onClick, alert = false }: { children: ReactNode; onClick?: () => void; alert?: boolean }) {
  return (
    <div className="absolute inset-0 flex overflow-y-auto p-6" onClick={onClick} role={alert ? "alert" : undefined}>
      <div className="m-auto grid max-w-[46ch] justify-items-center gap-3 text-center text-14">{children}</div>
    </div>
  );
}

function Strip({ children }: { children: ReactNode }) {
  return (
    <div
      role="status"
      className="absolute inset-x-4 bottom-4 flex items-center justify-between gap-4 rounded-card border border-line bg-paper px-4 py-3 text-14 shadow-float"
    >
      {children}
    </div>
  );
}

function Title({ children }: { children: ReactNode }) {
  return <p className="font-serif text-18 font-semibold">{children}</p>;
}
