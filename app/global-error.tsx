"use client";

import { Adrift } from "@/components/site/adrift";
import { Button } from "@/components/ui/button";
import { t } from "@/components/ui/text";
import "./globals.css";

/** When even the layout fails: a whole document of its own. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en" data-theme="light">
      <body className="flex min-h-dvh bg-paper font-sans text-ink">
        <main className="flex flex-1">
          <Adrift title={t("error.title")} text={t("error.text")}>
            <Button look="primary" onClick={reset}>
              {t("error.action")}
            </Button>
          </Adrift>
        </main>
      </body>
    </html>
  );
}
