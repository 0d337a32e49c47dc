import type { Metadata } from "next";
import Link from "next/link";
import { WatchTerminal } from "@/components/terminal/watch-terminal";
import { Mark } from "@/components/ui/mark";
import { t } from "@/components/ui/text";
import { ThemeToggle } from "@/components/ui/theme-toggle";

export const metadata: Metadata = { title: t("watch.title"), robots: { index: false } };

export default function WatchPage() {
  return (
    <div className="flex h-dvh flex-col">
      <header className="flex h-12 shrink-0 items-center border-b border-line bg-paper px-4">
        <Link href="/" className="rounded-input" aria-label={t("site.home")}>
          <Mark />
        </Link>
        <span className="ml-auto">
          <ThemeToggle />
        </span>
      </header>
      <WatchTerminal />
    </div>
  );
}
