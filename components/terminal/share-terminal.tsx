"use client";

import { Copy, Eye, Share2 } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { TerminalName } from "@/sandbox/protocol/sandbox-view";
import { useWorkspace } from "../lesson/workspace-context";
import { Button, IconButton } from "../ui/button";
import { clock } from "../ui/clock";
import { Question } from "../ui/question";
import { plural, t } from "../ui/text";
import { shareApi, type TerminalShare } from "./share-api";

/** Lets others watch the terminal in front; says how many do. */
export function ShareTerminal({ sandboxId, terminal }: { sandboxId: string; terminal: TerminalName }) {
  const { session } = useWorkspace();
  const watchers = useSyncExternalStore(session.subscribe, session.getWatchers, () => 0);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {watchers > 0 ? (
        <span role="status" className="inline-flex shrink-0 items-center gap-1 text-12 text-buoy">
          <Eye size={14} strokeWidth={1.5} aria-hidden />
          <span aria-hidden>{watchers}</span>
          <span className="sr-only">{plural("share.watching", watchers)}</span>
        </span>
      ) : null}
      <IconButton label={t("share.button")} className="size-8" onClick={() => setOpen(true)}>
        <Share2 size={14} strokeWidth={1.5} aria-hidden />
      </IconButton>
      {isOpen ? (
        <ShareDialog sandboxId={sandboxId} terminal={terminal} watchers={watchers} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}

function ShareDialog(props: { sandboxId: string; terminal: TerminalName; watchers: number; onClose: () => void }) {
  const { sandboxId, terminal, watchers, onClose } = props;
  const [shares, setShares] = useState<readonly TerminalShare[]>([]);
  const [link, setLink] = useState<string>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    void shareApi.list(sandboxId).then((answer) => answer.ok && setShares(answer.value.shares));
  }, [sandboxId]);

  async function make() {
    const answer = await shareApi.make(sandboxId, terminal);
    setFailed(!answer.ok);
    if (!answer.ok) return;
    const { token, ...share } = answer.value;
    setShares((before) => [...before, share]);
    setLink(`${location.origin}/watch#${token}`);
  }
  async function end(id: string) {
    const answer = await shareApi.end(sandboxId, id);
    setFailed(!answer.ok);
    if (!answer.ok) return;
    setShares(answer.value.shares);
    setLink(undefined);
  }

  return (
    <Question
      wide
      title={t("share.title", { number: terminal === "main" ? 1 : terminal })}
      failed={failed ? t("share.failed") : undefined}
      onClose={onClose}
      cancel={t("share.close")}
      answer={t("share.make")}
      look="primary"
      onAnswer={() => void make()}
    >
      <p className="mt-3 text-muted">{t("share.text")}</p>
      {link === undefined ? null : (
        <div className="mt-4 flex gap-2">
          <input
            readOnly
            aria-label={t("share.link")}
            value={link}
            onFocus={(event) => event.currentTarget.select()}
            className="min-w-0 flex-1 rounded-input border border-line bg-paper px-3 font-mono text-12"
          />
          <Button onClick={() => void navigator.clipboard.writeText(link)}>
            <Copy size={14} strokeWidth={1.5} aria-hidden />
            {t("share.copy")}
          </Button>
        </div>
      )}
      {shares.length === 0 ? null : (
        <ul className="mt-4 grid">
          {shares.map((share) => (
            <li key={share.id} className="flex items-center gap-3 border-t border-line py-2">
              <span className="flex-1">
                {t("share.until", {
                  number: share.terminal === "main" ? 1 : share.terminal,
                  time: clock(share.expiresAt),
                })}
              </span>
              <Button onClick={() => void end(share.id)}>{t("share.end")}</Button>
            </li>
          ))}
        </ul>
      )}
      <p role="status" className="mt-3 text-muted">
        {watchers === 0 ? t("share.watching.zero") : plural("share.watching", watchers)}
      </p>
    </Question>
  );
}
