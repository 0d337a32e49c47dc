"use client";

import { ExternalLink, Network, X } from "lucide-react";
import { useEffect, useId, useRef, useState, type FocusEvent, type KeyboardEvent } from "react";
import { Button, IconButton } from "../ui/button";
import { plural, t } from "../ui/text";
import { followServices, type OpenableServices } from "./sandbox-api";

type Shown =
  { phase: "closed" } | { phase: "asking" } | { phase: "failed" } | { phase: "listed"; services: Listed["services"] };
type Listed = OpenableServices;

/** The Services of the learner's cluster, each of them a link that opens it in a tab of its own. */
export function ServicesMenu({ sandboxId }: { sandboxId: string }) {
  const [shown, setShown] = useState<Shown>({ phase: "closed" });
  const panelId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = shown.phase !== "closed";

  const isAsking = isOpen && shown.phase !== "failed";
  useEffect(() => {
    if (!isAsking) return;
    return followServices(sandboxId, (services) =>
      setShown(services === undefined ? { phase: "failed" } : { phase: "listed", services }),
    );
  }, [sandboxId, isAsking]);

  function ask() {
    setShown({ phase: "asking" });
  }
  function close() {
    setShown({ phase: "closed" });
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Escape" || !isOpen) return;
    close();
    button.current?.focus();
  }
  function onBlur(event: FocusEvent<HTMLDivElement>) {
    const to = event.relatedTarget;
    if (to instanceof Node && !event.currentTarget.contains(to)) close();
  }

  return (
    <div className="relative shrink-0" onKeyDown={onKeyDown} onBlur={onBlur}>
      <button
        ref={button}
        type="button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? panelId : undefined}
        onClick={() => (isOpen ? close() : ask())}
        className="inline-flex min-h-8 items-center gap-1.5 rounded-input px-2 text-12 font-medium text-muted transition-colors hover:text-ink"
      >
        <Network size={14} strokeWidth={1.5} aria-hidden />
        <span className="max-md:sr-only">{t("services.button")}</span>
      </button>
      {isOpen ? (
        <section
          id={panelId}
          aria-label={t("services.title")}
          className="absolute top-full right-0 z-20 mt-1 max-h-[min(480px,60dvh)] w-[min(400px,calc(100vw-24px))] overflow-y-auto rounded-card border border-line bg-paper p-3 text-14 text-ink shadow-float max-md:fixed max-md:inset-x-3 max-md:top-24 max-md:w-auto"
        >
          <div className="flex items-center justify-between gap-2 pl-1">
            <h2 className="font-serif text-16 font-semibold">{t("services.title")}</h2>
            <IconButton
              label={t("services.close")}
              className="size-8"
              onClick={() => {
                close();
                button.current?.focus();
              }}
            >
              <X size={16} strokeWidth={1.5} aria-hidden />
            </IconButton>
          </div>
          <div aria-live="polite">
            <Body shown={shown} onAgain={ask} />
          </div>
        </section>
      ) : null}
    </div>
  );
}

function Body({ shown, onAgain }: { shown: Shown; onAgain: () => void }) {
  if (shown.phase === "failed") {
    return (
      <div className="grid justify-items-start gap-2 p-1">
        <p className="text-flare">{t("services.failed")}</p>
        <Button onClick={onAgain}>{t("services.refresh")}</Button>
      </div>
    );
  }
  if (shown.phase !== "listed") return <p className="p-1 text-muted">{t("services.loading")}</p>;
  if (shown.services.length === 0) return <p className="p-1 text-muted">{t("services.none")}</p>;
  const isOff = shown.services.every(({ href }) => href === null);
  return (
    <>
      {isOff ? <p className="p-1 text-muted">{t("services.off")}</p> : null}
      <ul className="mt-1 grid grid-cols-[minmax(0,1fr)]">
        {shown.services.map((service) => (
          <ServiceRow key={`${service.namespace}/${service.service}:${service.port}`} service={service} />
        ))}
      </ul>
    </>
  );
}

function ServiceRow({ service }: { service: Listed["services"][number] }) {
  const { namespace, service: name, port, name: portName, type, ready, href } = service;
  const inNamespace = namespace === "default" ? name : `${namespace}/${name}`;
  return (
    <li className="flex items-center gap-3 border-t border-line py-2 pl-1">
      <span className="min-w-0 flex-1">
        <span className="flex gap-2 font-mono">
          <span className="truncate" title={inNamespace}>
            {inNamespace}
          </span>
          <span className="shrink-0 text-muted">
            {portName ? t("services.namedPort", { port, name: portName }) : t("services.port", { port })}
          </span>
        </span>
        <span className={`block text-12 ${ready === 0 ? "text-sand" : "text-muted"}`}>
          {[type, plural("services.ready", ready)].join(t("list.separator"))}
        </span>
      </span>
      {href === null ? null : (
        <a
          href={href}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={t("services.openPort", { service: inNamespace, port })}
          className="inline-flex min-h-9 shrink-0 items-center gap-1.5 rounded-input border border-line bg-surface px-3 font-medium transition-colors hover:border-sea hover:text-sea"
        >
          {t("services.open")}
          <ExternalLink size={14} strokeWidth={1.5} aria-hidden />
        </a>
      )}
    </li>
  );
}
