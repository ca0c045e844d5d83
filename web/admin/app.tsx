// The frame of the page: who has signed in, and which screen the address names.

import { useEffect, useRef, useState } from "preact/hooks";

import { consoleCall, isSignedOut, REFUSED, reason, type Row } from "./api";
import { Door } from "./parts/door";
import { Project } from "./parts/project";
import { Projects } from "./parts/projects";
import { usePath } from "./place";

const RETRY_MS = 3_000;

/** The whole page. */
export function App() {
    const [operator, setOperator] = useState<Row | null | undefined>();
    const [ended, setEnded] = useState(false);
    const [wrong, setWrong] = useState("");
    const latest = useRef(operator);
    latest.current = operator;
    const [kind, id, tab] = usePath();
    useEffect(() => {
        const out = () => {
            setEnded((ended) => ended || latest.current != null);
            setOperator(null);
        };
        let asking = false;
        let timer: ReturnType<typeof setTimeout> | undefined;
        // A session may end at any time; that another call is refused says so, this one makes sure.
        const look = async () => {
            if (asking) return;
            asking = true;
            try {
                setOperator(await consoleCall("get", "/account"));
                setWrong("");
            } catch (error) {
                if (isSignedOut(error)) out();
                else timer = setTimeout(look, RETRY_MS);
                setWrong(isSignedOut(error) ? "" : reason(error));
            }
            asking = false;
        };
        void look();
        addEventListener(REFUSED, look);
        return () => {
            clearTimeout(timer);
            removeEventListener(REFUSED, look);
        };
    }, []);
    const leave = async () => {
        await consoleCall("delete", "/account/sessions/current").catch(() => {});
        setEnded(false);
        setOperator(null);
    };
    const enter = async () => {
        setOperator(await consoleCall("get", "/account"));
        setEnded(false);
    };
    if (operator === undefined) return wrong ? <p class="wrong" role="alert">{wrong}</p> : <p class="waiting">Loading…</p>;
    if (operator === null) return <Door enter={enter} ended={ended} />;
    return (
        <>
            <header class="top">
                <a class="brand" href="#/">Herenow</a>
                <span class="grow" />
                <span class="soft">{operator.email}</span>
                <button class="button quiet" onClick={leave}>Sign out</button>
            </header>
            <main>
                {kind === "project" && id
                    ? <Project key={id} id={id} tab={tab ?? "here"} />
                    : <Projects />}
            </main>
        </>
    );
}
