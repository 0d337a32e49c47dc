import type { Metadata } from "next";
import { headers } from "next/headers";
import { AdminsOnly } from "@/components/admin/admins-only";
import { SandboxesPage } from "@/components/admin/sandboxes-page";
import { t } from "@/components/ui/text";
import { adminSandboxes } from "../../../_server/admin-sandboxes";
import { log } from "../../../_server/log";
import { readSession } from "../../../_server/session";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: t("admin.title") };

interface Props {
  searchParams: Promise<{ show?: string | string[] }>;
}

export default async function AdminSandboxesPage({ searchParams }: Props) {
  const visit = await readSession(await headers());
  if (visit?.user.role !== "admin") return <AdminsOnly />;
  const show = (await searchParams).show === "all" ? "all" : "active";
  const rows = await adminSandboxes(show).catch((error: unknown) => {
    log.error({ err: error }, "sandboxes not listed");
    return undefined;
  });
  return <SandboxesPage rows={rows} show={show} now={new Date().toISOString()} />;
}
