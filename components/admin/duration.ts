import { t } from "../ui/text";

/** How long from one moment to another, in its largest whole unit. */
export function duration(fromIso: string, toIso: string): string {
  const seconds = Math.max(0, Math.floor((Date.parse(toIso) - Date.parse(fromIso)) / 1000));
  if (seconds < 60) return t("admin.duration.seconds", { count: seconds });
  if (seconds < 60 * 60) return t("admin.duration.minutes", { count: Math.floor(seconds / 60) });
  if (seconds < 24 * 60 * 60) return t("admin.duration.hours", { count: Math.floor(seconds / 3600) });
  return t("admin.duration.days", { count: Math.floor(seconds / 86_400) });
}
