"use client";

import { useRouter } from "next/navigation";
import { useEffect, useId, useRef, useState, type SubmitEvent } from "react";
import { adminStopReasonSchema, type AdminStopReason } from "@/sandbox/protocol/codes";
import { Button } from "../ui/button";
import { t } from "../ui/text";
import type { AdminSandboxRow, AdminStop } from "./admin-view";
import { whoIs } from "./who-is";

/** Names whose sandbox will stop, and asks for the reason they will be shown. */
export function StopDialog({ row, onClose }: { row: AdminSandboxRow; onClose: () => void }) {
  const router = useRouter();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [reason, setReason] = useState<AdminStopReason>("admin-maintenance");
  const [failed, setFailed] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  async function stop(event: SubmitEvent) {
    event.preventDefault();
    const stopped = await postStop(row.id, { reason });
    setFailed(!stopped);
    if (!stopped) return;
    onClose();
    router.refresh();
  }

  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      className="m-auto w-[min(440px,calc(100vw-32px))] rounded-card border border-line bg-surface p-6 text-ink shadow-float backdrop:bg-[rgb(0_0_0/0.4)]"
    >
      <form onSubmit={(event) => void stop(event)} className="grid gap-4 text-14">
        <h2 id={titleId} className="font-serif text-22 font-semibold">
          {t("admin.stopping.title", { who: whoIs(row) })}
        </h2>
        <p className="text-muted">{t("admin.stopping.text")}</p>
        <fieldset>
          <legend className="font-medium">{t("admin.stopping.reason")}</legend>
          <div className="mt-2 grid gap-2">
            {adminStopReasonSchema.options.map((option) => (
              <label key={option} className="flex items-center gap-2">
                <input
                  type="radio"
                  name="reason"
                  value={option}
                  checked={reason === option}
                  onChange={() => setReason(option)}
                  className="size-4 accent-sea"
                />
                {t(`admin.reason.${option}`)}
              </label>
            ))}
          </div>
        </fieldset>
        {failed ? (
          <p role="alert" className="text-flare">
            {t("admin.stopping.failed")}
          </p>
        ) : null}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={() => dialog.current?.close()}>{t("admin.stopping.cancel")}</Button>
          <Button type="submit" look="danger">
            {t("admin.stopping.confirm")}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

async function postStop(id: string, body: AdminStop): Promise<boolean> {
  try {
    const response = await fetch(`/api/admin/sandboxes/${id}/stop`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.ok;
  } catch {
    return false; // no network: said in the dialog
  }
}
