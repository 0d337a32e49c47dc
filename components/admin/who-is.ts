import { t } from "../ui/text";
import type { AdminSandboxRow } from "./admin-view";

/** A sandbox's learner by name; guests have none, so by the end of their id. */
export function whoIs({ who }: AdminSandboxRow): string {
  return who.guest ? t("admin.guest", { id: who.shortId }) : who.name;
}
