import rehypeShiki from "@shikijs/rehype";
import { transformerMetaHighlight, transformerNotationDiff } from "@shikijs/transformers";

/** Code fences of a lesson, coloured at build time; both themes are there at once and CSS picks one. */
export default function rehypeCode() {
  return rehypeShiki.call(this, {
    themes: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    defaultColor: false,
    langs: ["yaml", "bash", "json", "text", "docker"],
    transformers: [
      transformerMetaHighlight(),
      transformerNotationDiff(),
      {
        pre(node) {
          const title = /title="([^"]+)"/.exec(this.options.meta?.__raw ?? "");
          if (title) node.properties["data-title"] = title[1];
          node.properties["data-language"] = this.options.lang;
        },
      },
    ],
  });
}
