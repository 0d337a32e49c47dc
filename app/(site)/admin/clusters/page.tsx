import type { Metadata } from "next";
import { headers } from "next/headers";
import { ClustersPage } from "@/components/admin/clusters-page";
import { Adrift } from "@/components/site/adrift";
import { t } from "@/components/ui/text";
import { adminClusters } from "../../../_server/admin-clusters";
import { readSession } from "../../../_server/session";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: t("admin.clusters.title") };

export default async function AdminClustersPage() {
  const visit = await readSession(await headers());
  if (visit?.user.role !== "admin") {
    return (
      <Adrift
        title={t("admin.refused.title")}
        text={t("admin.refused.text")}
        action={{ label: t("admin.refused.action"), href: "/" }}
      />
    );
  }
  return <ClustersPage clusters={await adminClusters()} />;
}
