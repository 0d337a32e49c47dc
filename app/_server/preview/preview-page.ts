import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { t } from "@/components/ui/text";
import { ERROR_STATUS, type ErrorCode } from "@/sandbox/protocol/codes";
import type { PreviewTarget } from "./preview-hosts";

/** Why a preview shows nothing, where it is not one of the codes that cross our processes. */
export type PreviewRefusal = ErrorCode | "preview-refused" | "preview-answer";

const PAGES = {
  "preview-refused": "refused",
  "preview-answer": "answer",
  "origin-refused": "refused",
  "ticket-missing": "refused",
  "sandbox-not-found": "noSandbox",
  "sandbox-not-ready": "notReady",
  "sandbox-stopped": "stopped",
  "cluster-not-found": "stopped",
  "service-not-found": "noService",
  "no-endpoints": "noEndpoints",
  "connection-refused": "connectionRefused",
  "connection-timeout": "timeout",
  "too-many-connections": "tooMany",
  "body-too-large": "tooLarge",
} as const;

const STATUS = { "preview-refused": 403, "preview-answer": 502 } as const;

const STYLE = `
:root{color-scheme:light dark;--paper:#faf8f4;--ink:#15222c;--muted:#53636f;--sea:#0b5f8a}
@media (prefers-color-scheme:dark){:root{--paper:#0d161d;--ink:#e6edf2;--muted:#9fb1be;--sea:#6bb8e8}}
body{margin:0;min-height:100dvh;display:grid;place-content:center;background:var(--paper);color:var(--ink);font:400 1rem/1.6 system-ui,sans-serif}
main{max-width:34rem;padding:2rem}
h1{margin:0 0 .75rem;font:600 1.75rem/1.3 "Source Serif 4",Georgia,serif}
p{margin:0 0 1rem;color:var(--muted)}
code{font-family:"JetBrains Mono",ui-monospace,monospace;font-size:.9em;color:var(--ink);overflow-wrap:anywhere}
a{color:var(--sea)}
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Says in a page of our own why the preview cannot be shown; nothing of the learner's is in it but names. */
export function answerWithPage(response: ServerResponse, code: PreviewRefusal, target?: PreviewTarget): void {
  if (response.headersSent) return void response.destroy();
  const page = isNamed(code) ? PAGES[code] : "failed";
  const title = t(`preview.${page}.title`);
  const text = t(`preview.${page}.text`);
  const what = target ? `<p><code>${escape(`${target.namespace}/${target.service}:${target.port}`)}</code></p>` : "";
  const again = target ? `<p><a href="">${escape(t("preview.again"))}</a></p>` : "";
  response.writeHead(statusOf(code), {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  response.end(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escape(title)}</title><style>${STYLE}</style></head><body><main><h1>${escape(title)}</h1><p>${escape(text)}</p>${what}${again}</main></body></html>`,
  );
}

function isNamed(code: PreviewRefusal): code is keyof typeof PAGES {
  return Object.hasOwn(PAGES, code);
}

function statusOf(code: PreviewRefusal): number {
  switch (code) {
    case "preview-refused":
    case "preview-answer":
      return STATUS[code];
    default:
      return ERROR_STATUS[code];
  }
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
