// Signing in, and making the operator at the first start.

import { ID } from "@appwrite.io/console";
import { useRef, useState } from "preact/hooks";

import { consoleCall, reason } from "../api";
import { Field } from "./form";

const KNOWN = "herenow-admin-known";

export function Door({ enter }: { enter: () => Promise<void> }) {
    const [isNew, setNew] = useState(!localStorage.getItem(KNOWN));
    const [busy, setBusy] = useState(false);
    const [wrong, setWrong] = useState("");
    const form = useRef<HTMLFormElement>(null);
    const submit = async (event: Event) => {
        event.preventDefault();
        if (busy) return;
        setBusy(true);
        setWrong("");
        const { name, email, password } = Object.fromEntries(new FormData(form.current!)) as Record<string, string>;
        try {
            if (isNew) await consoleCall("post", "/account", { userId: ID.unique(), email, password, name });
            await consoleCall("post", "/account/sessions/email", { email, password });
            localStorage.setItem(KNOWN, "yes");
            await enter();
        } catch (error) {
            setWrong(reason(error));
            form.current?.querySelector<HTMLInputElement>("input")?.focus();
        }
        setBusy(false);
    };
    return (
        <main class="door">
            <h1>Herenow</h1>
            <form ref={form} class="card" onSubmit={submit}>
                <h2>{isNew ? "Create the operator" : "Sign in"}</h2>
                {isNew && <p class="soft">The operator manages the projects of this server.</p>}
                {isNew && <Field name="name" label="Name" autocomplete="name" />}
                <Field name="email" label="Email" type="email" autocomplete="username" required />
                <Field
                    name="password"
                    label="Password"
                    type="password"
                    minLength={8}
                    autocomplete={isNew ? "new-password" : "current-password"}
                    required
                />
                {wrong && <p class="wrong" role="alert">{wrong}</p>}
                <button class="button" aria-disabled={busy}>{isNew ? "Create operator" : "Sign in"}</button>
                <button type="button" class="link" onClick={() => setNew(!isNew)}>
                    {isNew ? "I have an account" : "Create an operator"}
                </button>
            </form>
        </main>
    );
}
