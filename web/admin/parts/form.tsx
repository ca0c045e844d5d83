// A labelled field, a dialog that asks, a time for people, a paged table. Know no model.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { type List, PAGE_ROWS, reason, type Row } from "../api";

export function Field({ label, ...input }: { label: string; name: string; [attribute: string]: any }) {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <input id={id} {...input} />
        </div>
    );
}

/** A modal dialog; Escape and the browser's own focus handling come with the element. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
    const dialog = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const before = document.activeElement as HTMLElement | null;
        dialog.current?.showModal();
        return () => before?.focus();
    }, []);
    return (
        <dialog ref={dialog} aria-labelledby={id} onClose={close} onCancel={close}>
            <h2 id={id}>{title}</h2>
            {children}
        </dialog>
    );
}

/** Asks before something that cannot be undone. */
export function Confirm(
    { title, text, act, word, close }: {
        title: string;
        text: string;
        word: string;
        act: () => Promise<unknown>;
        close: () => void;
    },
) {
    const [wrong, setWrong] = useState("");
    const go = () => act().then(close, (error) => setWrong(reason(error)));
    return (
        <Dialog title={title} close={close}>
            <p>{text}</p>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            <p class="actions">
                <button class="button quiet" onClick={close} autofocus>Cancel</button>
                <button class="button danger" onClick={go}>{word}</button>
            </p>
        </Dialog>
    );
}

export const time = (iso: string) => (iso ? new Date(iso).toLocaleString() : "");

export function within(iso: string, now: number): string {
    const seconds = Math.round((Date.parse(iso) - now) / 1000);
    if (!iso || Number.isNaN(seconds)) return "";
    if (seconds <= 0) return "now";
    if (seconds < 120) return `${seconds} s`;
    if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
    if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86_400)} d`;
}

export type Column = { name: string; show: (row: Row) => ComponentChildren };

/** One page of a list at a time. */
export function Table({ label, list, columns, at, go, empty }: {
    label: string;
    list: List;
    columns: Column[];
    at: number;
    go: (at: number) => void;
    empty: string;
}) {
    const last = Math.min(at + list.rows.length, list.total);
    return (
        <>
            {list.rows.length === 0 ? <p class="soft empty">{empty}</p> : (
                <div class="scroll" role="region" aria-label={label} tabIndex={0}>
                    <table>
                        <thead>
                            <tr>{columns.map(({ name }) => <th key={name} scope="col">{name}</th>)}</tr>
                        </thead>
                        <tbody>
                            {list.rows.map((row) => (
                                <tr key={row.$id} data-id={row.$id}>
                                    {columns.map(({ name, show }) => <td key={name}>{show(row)}</td>)}
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
            <nav class="pages" aria-label={`Pages of ${label}`}>
                <span class="soft">{list.total === 0 ? "0" : `${at + 1} to ${last} of ${list.total}`}</span>
                <button class="button quiet" disabled={at === 0} onClick={() => go(Math.max(0, at - PAGE_ROWS))}>
                    Previous
                </button>
                <button class="button quiet" disabled={last >= list.total} onClick={() => go(at + PAGE_ROWS)}>
                    Next
                </button>
            </nav>
        </>
    );
}
