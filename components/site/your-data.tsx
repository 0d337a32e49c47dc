"use client";

import { useState } from "react";
import { Button } from "../ui/button";
import { Question } from "../ui/question";
import { t } from "../ui/text";

type Erasing = "not" | "asking" | "at-work" | "failed" | "done";

/** What is kept of a learner: to take along, or to be gone for good. */
export function YourData() {
  const [erasing, setErasing] = useState<Erasing>("not");
  if (erasing === "done") return <p role="status">{t("yourData.erased")}</p>;
  return (
    <div className="grid gap-8">
      <section className="grid justify-items-start gap-3">
        <h2 className="font-serif text-22 font-semibold">{t("yourData.export.title")}</h2>
        <p>{t("yourData.export.text")}</p>
        <a
          href="/api/me/export"
          download="slipway.jsonl"
          className="inline-flex min-h-9 items-center rounded-input bg-sea px-4 text-14 font-medium text-sea-ink"
        >
          {t("yourData.export.action")}
        </a>
      </section>
      <section className="grid justify-items-start gap-3">
        <h2 className="font-serif text-22 font-semibold">{t("yourData.erase.title")}</h2>
        <p>{t("yourData.erase.text")}</p>
        <Button look="danger" onClick={() => setErasing("asking")}>
          {t("yourData.erase.action")}
        </Button>
      </section>
      {erasing === "not" ? null : <EraseDialog erasing={erasing} onChange={setErasing} />}
    </div>
  );
}

function EraseDialog({ erasing, onChange }: { erasing: Erasing; onChange: (erasing: Erasing) => void }) {
  async function erase() {
    onChange("at-work");
    onChange((await postErase()) ? "done" : "failed");
  }

  return (
    <Question
      title={t("yourData.erase.question")}
      failed={erasing === "failed" ? t("yourData.erase.failed") : undefined}
      onClose={() => onChange("not")}
      cancel={t("yourData.erase.cancel")}
      answer={t("yourData.erase.confirm")}
      busy={erasing === "at-work"}
      onAnswer={() => void erase()}
    >
      <p className="mt-3 text-muted">{t("yourData.erase.final")}</p>
    </Question>
  );
}

async function postErase(): Promise<boolean> {
  try {
    const headers = { "content-type": "application/json" };
    return (await fetch("/api/me/erase", { method: "POST", headers, body: "{}" })).ok;
  } catch {
    return false; // no network: said in the dialog
  }
}
