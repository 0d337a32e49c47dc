"use client";

import { Copy } from "lucide-react";
import { useRouter } from "next/navigation";
import { useId, useState, type SubmitEvent } from "react";
import { callApi } from "../terminal/sandbox-api";
import { Button } from "../ui/button";
import { t } from "../ui/text";
import { invitedSchema } from "./clusters-view";

/** Makes a link by which one person gets an account. */
export function InviteForm() {
  const router = useRouter();
  const [name, setName] = useState("");
  const [link, setLink] = useState<{ url: string; name: string }>();
  const [failed, setFailed] = useState(false);
  const id = useId();

  async function invite(event: SubmitEvent) {
    event.preventDefault();
    const answer = await callApi(invitedSchema, "/api/admin/invites", { name });
    setFailed(!answer.ok);
    if (!answer.ok) return;
    setLink({ url: new URL(answer.value.path, location.origin).href, name });
    setName("");
    router.refresh();
  }

  return (
    <form onSubmit={(event) => void invite(event)} className="mt-6 grid max-w-[560px] gap-2 text-14">
      <label htmlFor={id} className="font-medium">
        {t("admin.invite.name")}
      </label>
      <div className="flex flex-wrap gap-2">
        <input
          id={id}
          required
          maxLength={80}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
          className="min-h-9 min-w-0 flex-1 rounded-input border border-line bg-surface px-3"
        />
        <Button type="submit">{t("admin.invite.make")}</Button>
      </div>
      <p className="text-12 text-muted">{t("admin.invite.text")}</p>
      {failed ? (
        <p role="alert" className="text-flare">
          {t("admin.invite.failed")}
        </p>
      ) : null}
      {link === undefined ? null : (
        <div role="status" className="grid gap-1">
          <p>{t("admin.invite.made", { name: link.name })}</p>
          <div className="flex gap-2">
            <input
              readOnly
              aria-label={t("admin.invite.link")}
              value={link.url}
              onFocus={(event) => event.currentTarget.select()}
              className="min-w-0 flex-1 rounded-input border border-line bg-paper px-3 font-mono text-12"
            />
            <Button onClick={() => void navigator.clipboard.writeText(link.url)}>
              <Copy size={14} strokeWidth={1.5} aria-hidden />
              {t("share.copy")}
            </Button>
          </div>
        </div>
      )}
    </form>
  );
}
