"use client";

import { useId, useState, type SubmitEvent, type ReactNode } from "react";
import { Button } from "../ui/button";
import { InlineText } from "../ui/inline-text";
import { t } from "../ui/text";

/** A question with its options and one button; says so when the answer could not be sent. */
export function QuestionFrame(props: {
  id: string;
  kind: string;
  question: string;
  verdict: string | undefined;
  action: string | undefined;
  ready: boolean;
  onSubmit: () => Promise<void>;
  children: ReactNode;
}) {
  const headingId = useId();
  const [sending, setSending] = useState<"no" | "yes" | "failed">("no");

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!props.ready || sending === "yes") return;
    setSending("yes");
    try {
      await props.onSubmit();
      setSending("no");
    } catch {
      setSending("failed"); // shown below; the choice stays as it is
    }
  }

  return (
    <form
      aria-labelledby={headingId}
      data-question={props.id}
      className="not-prose my-8 rounded-card border border-line bg-surface p-4 font-sans text-14 md:p-6"
      onSubmit={(event) => void submit(event)}
    >
      <p className="text-12 font-semibold text-muted">{props.kind}</p>
      <h3 id={headingId} className="mt-1 text-16 font-semibold">
        <InlineText text={props.question} />
      </h3>
      {props.children}
      <div className="mt-4 flex flex-wrap items-center gap-4 empty:hidden">
        {props.action === undefined ? null : (
          <Button type="submit" look="primary" disabled={!props.ready || sending === "yes"}>
            {props.action}
          </Button>
        )}
        <p role="status" className="font-medium empty:hidden">
          {sending === "failed" ? <span className="text-flare">{t("quiz.notSent")}</span> : props.verdict}
        </p>
      </div>
    </form>
  );
}
