import { t } from "../ui/text";
import { renderDiagram } from "./render-diagram";

/** A diagram drawn from text when the page is built. `alt` says in words what it shows. */
export function Diagram({ title, alt, code }: { title: string; alt: string; code: string }) {
  return (
    <figure className="not-prose my-8 rounded-card border border-line bg-surface p-4 font-sans text-14 md:p-6">
      <div role="img" aria-label={alt} className="diagram" dangerouslySetInnerHTML={{ __html: renderDiagram(code) }} />
      <figcaption className="mt-4 border-t border-line pt-3 text-muted">
        <span className="font-medium text-ink">{title}</span>
        <details className="mt-1">
          <summary className="inline rounded-input text-sea underline-offset-4 hover:underline">
            {t("diagram.inWords")}
          </summary>
          <p className="mt-1 max-w-[66ch]">{alt}</p>
        </details>
      </figcaption>
    </figure>
  );
}
