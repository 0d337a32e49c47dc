import Link from "next/link";
import { Mark } from "../ui/mark";
import { t } from "../ui/text";
import { ThemeToggle } from "../ui/theme-toggle";

export function Wordmark() {
  return (
    <Link href="/" className="flex items-center gap-2 rounded-input" aria-label={t("site.home")}>
      <Mark size={26} />
      <span className="font-serif text-18 font-semibold tracking-tight">{t("site.name")}</span>
    </Link>
  );
}

export function SiteHeader({ links }: { links: readonly { href: string; label: string }[] }) {
  return (
    <header className="border-b border-line">
      <div className="mx-auto flex h-16 max-w-[1120px] items-center gap-6 px-4 md:px-6">
        <Wordmark />
        <nav aria-label={t("site.navigation")} className="ml-auto flex items-center gap-4">
          {links.map((link) => (
            <Link
              key={link.href}
              href={link.href}
              className="rounded-input py-2 text-14 font-medium text-muted transition-colors hover:text-ink"
            >
              {link.label}
            </Link>
          ))}
        </nav>
        <ThemeToggle />
      </div>
    </header>
  );
}
