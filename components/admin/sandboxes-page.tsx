import Link from "next/link";
import { plural, t } from "../ui/text";
import { AdminNav } from "./admin-nav";
import type { AdminSandboxRow } from "./admin-view";
import { KeepFresh } from "./keep-fresh";
import { SandboxTable } from "./sandbox-table";

const FILTERS = [
  { show: "active", label: "admin.filter.active", href: "/admin/sandboxes" },
  { show: "all", label: "admin.filter.all", href: "/admin/sandboxes?show=all" },
] as const;

/** All sandboxes of the installation; `rows` is absent when the manager did not answer. */
export function SandboxesPage(props: { rows: AdminSandboxRow[] | undefined; show: "active" | "all"; now: string }) {
  const { rows } = props;
  return (
    <div className="mx-auto max-w-[1120px] px-4 py-8 md:px-6">
      <KeepFresh />
      <AdminNav current="sandboxes" />
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <h1 className="font-serif text-28 font-semibold tracking-tight">{t("admin.title")}</h1>
        {rows ? <p className="pb-1 text-14 text-muted">{plural("admin.count", rows.length)}</p> : null}
        <nav aria-label={t("admin.filter.label")} className="ml-auto flex gap-1 rounded-card border border-line p-1">
          {FILTERS.map((filter) => (
            <Link
              key={filter.show}
              href={filter.href}
              aria-current={filter.show === props.show ? "page" : undefined}
              className="rounded-input px-3 py-1 text-14 text-muted aria-[current]:bg-surface aria-[current]:font-medium aria-[current]:text-ink"
            >
              {t(filter.label)}
            </Link>
          ))}
        </nav>
      </div>
      {!rows ? (
        <Note title={t("admin.unreachable.title")} text={t("admin.unreachable.text")} />
      ) : rows.length === 0 ? (
        <Note title={t("admin.empty.title")} text={t("admin.empty.text")} />
      ) : (
        <SandboxTable rows={rows} now={props.now} />
      )}
    </div>
  );
}

function Note({ title, text }: { title: string; text: string }) {
  return (
    <div className="mt-6 rounded-card border border-line bg-surface p-8 text-center">
      <p className="font-serif text-18 font-semibold">{title}</p>
      <p className="mt-1 text-14 text-muted">{text}</p>
    </div>
  );
}
