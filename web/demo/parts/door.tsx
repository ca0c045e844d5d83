// What is seen before one joins: what this is, a name, and what is in the way.

import { useEffect, useRef } from "preact/hooks";

import { NAME_MAX } from "../person";
import type { Trouble } from "../server";

interface Props {
    trouble: Trouble | null;
    busy: boolean;
    name: string;
    onEnter: (name: string) => void;
}

export function Door({ trouble, busy, name, onEnter }: Props) {
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => field.current?.focus(), []);
    return (
        <section class="door" aria-labelledby="door-title">
            <h1 id="door-title">A page, and everybody who is on it</h1>
            <p class="lead">
                A small shared document. You see who else has it open, where they point, and what they type; and beside it the
                events that say so, and the code behind each.
            </p>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    // Not disabled meanwhile, so that the focus stays where it is.
                    if (busy) return;
                    const given = field.current?.value.trim() ?? "";
                    if (given) onEnter(given);
                    else field.current?.focus();
                }}
            >
                <label for="name">Your name, as others will see it</label>
                <div class="door-row">
                    <input id="name" ref={field} defaultValue={name} required maxLength={NAME_MAX} autocomplete="given-name" />
                    <button type="submit" class="button" aria-disabled={busy}>
                        {busy ? "Joining" : "Join"}
                    </button>
                </div>
            </form>
            <div role="alert">
                {trouble && (
                    <div class="trouble">
                        <p>{trouble.text}</p>
                        {trouble.command && (
                            <pre tabIndex={0} aria-label="Command">
                                <code>{trouble.command}</code>
                            </pre>
                        )}
                    </div>
                )}
            </div>
            <p class="hint">
                No account and no password: joining makes an anonymous session, and everything is gone when the last person leaves.
            </p>
        </section>
    );
}
