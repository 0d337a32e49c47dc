"use client";

import { useEffect, useId, useRef, type ReactNode } from "react";
import { Button, type ButtonLook } from "./button";

/** Asks before something is done, in a dialog over the page. Escape and `cancel` close it, which calls `onClose`. */
export function Question(props: {
  title: string;
  wide?: boolean;
  cancel: string;
  answer: string;
  look?: ButtonLook;
  /** While the answer is at work. */
  busy?: boolean;
  /** What went wrong with the answer before. */
  failed?: string;
  onAnswer: (close: () => void) => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { title, wide = false, cancel, answer, look = "danger", busy, failed, onAnswer, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      className={`m-auto rounded-card border border-line bg-surface p-6 text-14 text-ink shadow-float backdrop:bg-[rgb(0_0_0/0.4)] ${wide ? "w-[min(520px,calc(100vw-32px))]" : "w-[min(440px,calc(100vw-32px))]"}`}
    >
      <h2 id={titleId} className="font-serif text-22 font-semibold">
        {title}
      </h2>
      {children}
      {failed === undefined ? null : (
        <p role="alert" className="mt-3 text-flare">
          {failed}
        </p>
      )}
      <div className="mt-5 flex flex-wrap justify-end gap-3">
        <Button onClick={() => dialog.current?.close()}>{cancel}</Button>
        <Button look={look} disabled={busy} onClick={() => onAnswer(() => dialog.current?.close())}>
          {answer}
        </Button>
      </div>
    </dialog>
  );
}
