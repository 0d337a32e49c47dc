import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";

export type ButtonLook = "primary" | "quiet" | "danger";

const base =
  "inline-flex items-center justify-center gap-2 rounded-input px-4 min-h-9 text-14 font-medium whitespace-nowrap transition-colors select-none disabled:opacity-60";

const looks: Record<ButtonLook, string> = {
  primary: "bg-sea text-sea-ink hover:bg-[color-mix(in_srgb,var(--sea)_88%,var(--ink))]",
  quiet: "border border-line bg-surface text-ink hover:border-sea hover:text-sea",
  danger: "border border-flare bg-transparent text-flare hover:bg-[color-mix(in_srgb,var(--flare)_10%,transparent)]",
};

export function Button({ look = "quiet", className = "", ...rest }: { look?: ButtonLook } & ComponentProps<"button">) {
  return <button type="button" className={`${base} ${looks[look]} ${className}`} {...rest} />;
}

export function ButtonLink({
  look = "quiet",
  href,
  className = "",
  children,
}: {
  look?: ButtonLook;
  href: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Link href={href} className={`${base} ${looks[look]} ${className}`}>
      {children}
    </Link>
  );
}

/** A square button that is only an icon; its label is what assistive technology and the tooltip say. */
export function IconButton({ label, className = "", ...rest }: { label: string } & ComponentProps<"button">) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-9 shrink-0 items-center justify-center rounded-input text-muted transition-colors hover:text-ink ${className}`}
      {...rest}
    />
  );
}
