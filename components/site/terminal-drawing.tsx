import { t } from "../ui/text";

type Line = { command: string } | { output: string };

// What the first minutes of the course look like; the columns are kubectl's own.
const LINES: Line[] = [
  { command: "kubectl create deployment web --image=nginx --replicas=3" },
  { output: "deployment.apps/web created" },
  { command: "kubectl get pods -o wide" },
  { output: "NAME                   READY   STATUS    IP           NODE" },
  { output: "web-7c56dcdb9b-4xkqp   1/1     Running   10.244.1.4   kind-worker" },
  { output: "web-7c56dcdb9b-m2vtz   1/1     Running   10.244.2.3   kind-worker2" },
  { output: "web-7c56dcdb9b-rj9wl   1/1     Running   10.244.1.5   kind-worker" },
  { command: "kubectl expose deployment web --port=80" },
  { output: "service/web exposed" },
  { command: "" },
];

/** A terminal drawn as text: quick to load, sharp everywhere, readable by anyone. */
export function TerminalDrawing() {
  return (
    <figure
      data-theme="dark"
      className="overflow-hidden rounded-card border border-line bg-surface text-ink shadow-float"
      aria-label={t("home.terminal.label")}
    >
      <div className="flex h-10 items-center gap-2 border-b border-line px-4 text-12 text-muted">
        <span className="size-2 rounded-full bg-kelp" aria-hidden="true" />
        {t("home.terminal.title")}
      </div>
      <pre className="overflow-x-auto px-4 py-4 text-12 leading-[21px] md:text-[13px]" tabIndex={0}>
        {LINES.map((line, index) => (
          <TerminalLine key={index} line={line} last={index === LINES.length - 1} />
        ))}
      </pre>
    </figure>
  );
}

function TerminalLine({ line, last }: { line: Line; last: boolean }) {
  if ("output" in line) return <div className="text-muted">{line.output}</div>;
  return (
    <div>
      <span className="text-kelp">{t("terminal.prompt.user")}</span>
      <span className="text-muted">{t("terminal.prompt.sign")}</span>
      {line.command}
      {last ? <span className="slipway-caret" aria-hidden="true" /> : null}
    </div>
  );
}
