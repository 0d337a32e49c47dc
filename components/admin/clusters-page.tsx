import { CircleCheck, CircleMinus, CircleX } from "lucide-react";
import { clock } from "../ui/clock";
import { t } from "../ui/text";
import { AdminNav } from "./admin-nav";
import type { AdminClusters, DriverRow } from "./clusters-view";
import { InviteForm } from "./invite-form";
import { PeopleTable } from "./people-table";

/** The kinds of clusters of an installation, and which accounts may choose them. */
export function ClustersPage({ clusters }: { clusters: AdminClusters }) {
  const { drivers, lookedAt, people, toAllow } = clusters;
  return (
    <div className="mx-auto max-w-[1120px] px-4 py-8 md:px-6">
      <AdminNav current="clusters" />
      <h1 className="font-serif text-28 font-semibold tracking-tight">{t("admin.clusters.title")}</h1>
      <ul className="mt-6 grid gap-4 md:grid-cols-3">
        {drivers.map((row) => (
          <DriverCard key={row.driver} row={row} />
        ))}
      </ul>
      <p className="mt-3 text-12 text-muted">
        {lookedAt === null
          ? t("admin.clusters.notLooked")
          : t("admin.clusters.lookedAt", { day: lookedAt.slice(0, 10), time: clock(lookedAt) })}
      </p>

      <h2 className="mt-10 font-serif text-22 font-semibold">{t("admin.people.title")}</h2>
      <p className="mt-1 max-w-[66ch] text-14 text-muted">
        {t(toAllow.length === 0 ? "admin.people.nothing" : "admin.people.text")}
      </p>
      {people.length === 0 ? (
        <p className="mt-4 rounded-card border border-line bg-surface p-6 text-center text-14 text-muted">
          {t("admin.people.none")}
        </p>
      ) : (
        <PeopleTable people={people} toAllow={toAllow} />
      )}
      <InviteForm />
    </div>
  );
}

function DriverCard({ row }: { row: DriverRow }) {
  return (
    <li className="rounded-card border border-line bg-surface p-4 text-14" data-driver={row.driver}>
      <h2 className="font-serif text-18 font-semibold">{t(`cluster.${row.driver}`)}</h2>
      <p className="mt-1 text-muted">{t(`admin.clusters.given.${row.given}`)}</p>
      <Standing row={row} />
      {row.remedy === undefined ? null : (
        <p className="mt-2">
          {t("admin.clusters.remedy")} <code className="font-mono text-12 break-words">{row.remedy}</code>
        </p>
      )}
    </li>
  );
}

/** What the manager met counts before what was seen of the machine when it started. */
function Standing({ row }: { row: DriverRow }) {
  const look = { size: 16, strokeWidth: 1.5, "aria-hidden": true, className: "mt-0.5 shrink-0" } as const;
  if (row.trouble !== undefined) {
    return (
      <p className="mt-3 flex gap-2 text-flare">
        <CircleX {...look} />
        <span className="min-w-0 break-words">
          {t("admin.clusters.trouble")} {row.trouble}
        </span>
      </p>
    );
  }
  if (row.works === undefined) return null;
  const isMissed = row.given !== "nobody";
  const [Icon, color, words] = row.works
    ? ([CircleCheck, "text-kelp", "admin.clusters.works"] as const)
    : isMissed
      ? ([CircleX, "text-flare", "admin.clusters.missing"] as const)
      : ([CircleMinus, "text-muted", "admin.clusters.missing"] as const);
  return (
    <p className="mt-3 flex gap-2">
      <span className={color}>
        <Icon {...look} />
      </span>
      <span className="min-w-0 break-words">
        <span className={`font-medium ${color}`}>{t(words)}</span> {row.found}
      </span>
    </p>
  );
}
