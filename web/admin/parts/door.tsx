// Signing in, and making the operator where there is none yet.

import { ID } from "@appwrite.io/console";
import { useEffect, useState } from "preact/hooks";

import { consoleCall, isMissing, passes, reason } from "../api";
import { Field, Form, type Input } from "./form";

/** What the server says of who may come in. */
type Start = { operator: boolean; signUp?: boolean; codeRequired: boolean };

/** A server that does not tell: it has an operator, and refuses who may not sign up. */
const UNTOLD: Start = { operator: true, codeRequired: false };
const RETRY_MS = 3_000;

export function Door({ enter, ended }: { enter: () => Promise<void>; ended: boolean }) {
    const [start, setStart] = useState<Start>();
    const [wantsNew, setWantsNew] = useState(false);
    const [wrong, setWrong] = useState("");
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const ask = () =>
            consoleCall("get", "/herenow/start").then((found) => {
                setStart(found);
                setWrong("");
            }, (error) => {
                if (isMissing(error)) return setStart(UNTOLD);
                setWrong(reason(error));
                if (passes(error)) timer = setTimeout(ask, RETRY_MS);
            });
        void ask();
        return () => clearTimeout(timer);
    }, []);
    const isFirst = start?.operator === false && start.signUp !== false;
    const isNew = isFirst || wantsNew;
    return (
        <main class="door">
            <h1>Herenow</h1>
            {ended && <p role="status">Your session has ended. Sign in again; the page stays where it was.</p>}
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            {!start && !wrong && <p class="waiting">Loading…</p>}
            {start && (
                <section class="card" aria-label={isNew ? "Sign up" : "Sign in"}>
                    {isNew ? <SignUp enter={enter} isFirst={isFirst} needsCode={isFirst && start.codeRequired} /> : <SignIn enter={enter} />}
                    {!isFirst && start.signUp !== false && (
                        <button class="link" onClick={() => setWantsNew(!wantsNew)}>
                            {wantsNew ? "I have an account" : "Create an account"}
                        </button>
                    )}
                    {!start.operator && !isFirst && (
                        <p class="soft">There is no operator, and signing up is switched off: see <code>console_signup</code> in the configuration.</p>
                    )}
                </section>
            )}
        </main>
    );
}

const signIn = (email: string, password: string) => consoleCall("post", "/account/sessions/email", { email, password });
// A password may begin and end with spaces.
const secrets = ({ text, all }: Input) => ({ email: text("email"), password: all("password")[0]! });

function SignIn({ enter }: { enter: () => Promise<void> }) {
    const act = async (input: Input) => {
        const { email, password } = secrets(input);
        await signIn(email, password);
        await enter();
    };
    return (
        <>
            <h2>Sign in</h2>
            <Form word="Sign in" act={act}>
                <Field name="email" label="Email" type="email" autocomplete="username" required />
                <Field name="password" label="Password" type="password" minLength={8} autocomplete="current-password" required />
            </Form>
        </>
    );
}

function SignUp({ enter, isFirst, needsCode }: { enter: () => Promise<void>; isFirst: boolean; needsCode: boolean }) {
    const act = async (input: Input) => {
        const { email, password } = secrets(input);
        const code = input.text("code");
        const headers: Record<string, string> = code ? { "X-Herenow-Signup-Code": code } : {};
        await consoleCall("post", "/account", { userId: ID.unique(), email, password, name: input.text("name") }, headers);
        await signIn(email, password);
        await enter();
    };
    return (
        <>
            <h2>{isFirst ? "Create the operator" : "Create an account"}</h2>
            {isFirst && <p class="soft">The operator manages the projects of this server. It has none yet.</p>}
            <Form word={isFirst ? "Create operator" : "Create account"} act={act}>
                <Field name="name" label="Name" autocomplete="name" maxLength={128} />
                <Field name="email" label="Email" type="email" autocomplete="username" required />
                <Field name="password" label="Password" type="password" minLength={8} autocomplete="new-password" required />
                {needsCode && (
                    <>
                        <Field name="code" label="Sign-up code" autocomplete="off" required />
                        <p class="soft">The server prints it once, on its standard error, when it starts without an operator.</p>
                    </>
                )}
            </Form>
        </>
    );
}
