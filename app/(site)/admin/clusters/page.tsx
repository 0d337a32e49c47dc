import type { Metadata } from "next";
import { headers } from "next/headers";
import { AdminsOnly } from "@/components/admin/admins-only";
import { ClustersPage } from "@/components/admin/clusters-page";
import { t } from "@/components/ui/text";
import { adminClusters } from "../../../_server/admin-clusters";
import { readSession } from "../../../_server/session";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: t("admin.clusters.title") };

export default async function AdminClustersPage() {
  const visit = await readSession(await headers());
  if (visit?.user.role !== "admin") return <AdminsOnly />;
  return <ClustersPage clusters={await adminClusters()} />;
}
