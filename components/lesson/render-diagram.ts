import { createHash } from "node:crypto";
import { parseMermaid, renderMermaidSVG } from "beautiful-mermaid";

/**
 * Mermaid text → SVG that takes its colours from the page's tokens and reaches nothing outside the page. Throws when
 * an edge was written but not drawn, which happens with arrows that have no spaces around them.
 */
export function renderDiagram(code: string): string {
  assertEveryEdgeIsDrawn(code);
  const id = `d${createHash("sha256").update(code).digest("hex").slice(0, 8)}`;
  const svg = renderMermaidSVG(code.trim(), {
    // The drawing sets variables of these names; `--surface` and `--muted` inside it are not the page's.
    bg: "var(--paper)",
    fg: "var(--ink)",
    line: "var(--muted)",
    accent: "var(--sea)",
    surface: "var(--wash)",
    border: "color-mix(in srgb, var(--ink) 40%, var(--paper))",
    font: "inherit",
    padding: 8,
    transparent: true,
  });
  return own(svg, id);
}

/** Several diagrams share one page: ids and style rules are made to hold for this one alone. */
function own(svg: string, id: string): string {
  return svg
    .replace(/@import url\([^)]*\);?/g, "")
    .replace(/<style>([\s\S]*?)<\/style>/g, (_whole, css: string) => `<style>${scope(css, `#${id}`)}</style>`)
    .replace(/\bid="([^"]+)"/g, `id="${id}-$1"`)
    .replace(/url\(#([^)]+)\)/g, `url(#${id}-$1)`)
    .replace("<svg ", `<svg id="${id}" aria-hidden="true" focusable="false" `);
}

function scope(css: string, prefix: string): string {
  return css.replace(/(^|\})\s*([^@{}]+)\{/g, (_whole, before: string, selectors: string) => {
    const scoped = selectors.split(",").map((selector) => {
      const name = selector.trim();
      return name === "svg" ? prefix : `${prefix} ${name}`;
    });
    return `${before}\n${scoped.join(", ")} {`;
  });
}

const ARROW = /-->|---|-\.->|-\.-|==>|===/g;

function assertEveryEdgeIsDrawn(code: string): void {
  if (!/^\s*(flowchart|graph)\b/.test(code)) return;
  const written = code.replace(/\[[^\]]*\]|\([^)]*\)|"[^"]*"/g, "").match(ARROW)?.length ?? 0;
  const drawn = parseMermaid(code.trim()).edges.length;
  if (drawn !== written) throw new Error(`the diagram has ${written} arrows but ${drawn} would be drawn:\n${code}`);
}
