"use client";

import { Moon, Sun } from "lucide-react";
import { useSyncExternalStore } from "react";
import { IconButton } from "./button";
import { t } from "./text";
import { themeStore } from "./theme-store";

export function ThemeToggle() {
  const theme = useSyncExternalStore(themeStore.subscribe, themeStore.get, () => "light");
  const Icon = theme === "dark" ? Sun : Moon;
  return (
    <IconButton label={theme === "dark" ? t("theme.toLight") : t("theme.toDark")} onClick={() => themeStore.toggle()}>
      <Icon size={18} strokeWidth={1.5} aria-hidden="true" />
    </IconButton>
  );
}
