import Link from "next/link";
import { t } from "../ui/text";

const PAGES = [
  { page: "sandboxes", href: "/admin/sandboxes" },
  { page: "clusters", href: "/admin/clusters" },
] as const;

/** Between the pages of an admin. */
export function AdminNav({ current }: { current: (typeof PAGES)[number]["page"] }) {
  return (
    <nav aria-label={t("admin.navigation")} className="mb-4 flex gap-4 border-b border-line">
      {PAGES.map(({ page, href }) => (
        <Link
          key={page}
          href={href}
          aria-current={page === current ? "page" : undefined}
          className="-mb-px border-b-2 border-transparent py-2 text-14 font-medium text-muted transition-colors hover:text-ink aria-[current]:border-buoy aria-[current]:text-ink"
        >
          {t(`admin.navigation.${page}`)}
        </Link>
      ))}
    </nav>
  );
}
