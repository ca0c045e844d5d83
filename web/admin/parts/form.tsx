// Labelled fields, a form that says what went wrong, a dialog, one that asks. Know no model.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { reason } from "../api";

type Labelled = { label: string; name: string; [attribute: string]: any };

/** Where nobody follows what is typed, a value is only what the field begins with. */
const begun = ({ value, checked, ...input }: Record<string, any>) =>
    input.onInput || input.onChange ? { value, checked, ...input } : { defaultValue: value, defaultChecked: checked, ...input };

export function Field({ label, ...input }: Labelled) {
    const id = useId();
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => {
        if (input.autofocus) field.current?.focus();
    }, []);
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <input ref={field} id={id} {...begun(input)} />
        </div>
    );
}

export function Choice({ label, choices, value, ...select }: Labelled & { choices: [value: string, name: string][] }) {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <select id={id} {...select}>
                {choices.map(([choice, name]) => <option key={choice} value={choice} selected={choice === value}>{name}</option>)}
            </select>
        </div>
    );
}

export function Check({ label, ...input }: Labelled) {
    const { value, ...rest } = input;
    return <label class="check"><input type="checkbox" {...(value && { value })} {...begun(rest)} /> {label}</label>;
}

export type Input = { text: (name: string) => string; all: (name: string) => string[]; is: (name: string) => boolean };

/** A form that hands what was put in to `act` and says what came of it. */
export function Form({ act, word, said, children, clears, label }: {
    act: (input: Input) => Promise<unknown>;
    word: string;
    /** Said when it has worked. */
    said?: string;
    children?: ComponentChildren;
    /** Whether the fields are emptied then. */
    clears?: boolean;
    label?: string;
}) {
    const [busy, setBusy] = useState(false);
    const [outcome, setOutcome] = useState({ good: "", wrong: "" });
    const submit = async (event: Event) => {
        event.preventDefault();
        if (busy) return;
        const form = event.currentTarget as HTMLFormElement;
        const data = new FormData(form);
        const text = (name: string) => String(data.get(name) ?? "").trim();
        setBusy(true);
        try {
            await act({ text, all: (name) => data.getAll(name).map(String), is: (name) => data.has(name) });
            if (clears) form.reset();
            setOutcome({ good: said ?? "", wrong: "" });
        } catch (error) {
            setOutcome({ good: "", wrong: reason(error) });
        }
        setBusy(false);
    };
    return (
        <form class="row" onSubmit={submit} aria-label={label}>
            {children}
            <button class="button" aria-disabled={busy}>{word}</button>
            {outcome.wrong && <p class="wrong" role="alert">{outcome.wrong}</p>}
            <span class="soft" role="status">{outcome.good}</span>
        </form>
    );
}

/** Something that is long, and seldom wanted: out of the way until somebody opens it. */
export function Folded({ title, children }: { title: string; children: ComponentChildren }) {
    return (
        <details class="folded">
            <summary>{title}</summary>
            {children}
        </details>
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

/** What is asked before something that cannot be undone. */
export type Question = { title: string; text: string; word: string; act: () => Promise<unknown> };

export function Confirm({ title, text, act, word, close }: Question & { close: () => void }) {
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

/** A small button of a row; its name for those who do not see the row says which. */
export function Act({ word, of, act }: { word: string; of: string; act: () => void }) {
    return <button class="button quiet small" aria-label={`${word} ${of}`} onClick={act}>{word}</button>;
}
