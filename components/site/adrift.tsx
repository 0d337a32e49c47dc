import type { ReactNode } from "react";
import { ButtonLink } from "../ui/button";

/** A page that is not where it should be: what happened, and one way on. */
export function Adrift(props: {
  title: string;
  text: string;
  action?: { label: string; href: string };
  children?: ReactNode;
}) {
  return (
    <div className="m-auto grid max-w-[46ch] justify-items-center gap-4 px-4 py-16 text-center">
      <svg width="160" height="88" viewBox="0 0 160 88" aria-hidden="true" focusable="false">
        <g transform="rotate(-7 80 50)">
          <path d="M52 44h56c-2 13-9 20-20 20H70c-10 0-16-8-18-20Z" fill="var(--ink)" />
          <path d="M78 40V14l20 26Z" fill="var(--sea)" />
        </g>
        <path
          d="M4 68c10 0 10-6 20-6s10 6 20 6 10-6 20-6 10 6 20 6 10-6 20-6 10 6 20 6 10-6 20-6 10 6 12 6M28 80c10 0 10-5 20-5s10 5 20 5 10-5 20-5 10 5 20 5 10-5 20-5"
          fill="none"
          stroke="var(--line)"
          strokeWidth="2"
          strokeLinecap="round"
        />
      </svg>
      <h1 className="font-serif text-28 font-semibold tracking-tight">{props.title}</h1>
      <p className="font-serif text-18 text-muted">{props.text}</p>
      {props.action ? (
        <ButtonLink look="primary" href={props.action.href}>
          {props.action.label}
        </ButtonLink>
      ) : null}
      {props.children}
    </div>
  );
}
