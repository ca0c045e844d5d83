// The frame of the page: who has signed in, and which screen the address names.

import { useEffect, useState } from "preact/hooks";

import { consoleCall, type Row } from "./api";
import { Door } from "./parts/door";
import { Project } from "./parts/project";
import { Projects } from "./parts/projects";

const place = () => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);

/** The whole page. */
export function App() {
    const [operator, setOperator] = useState<Row | null | undefined>();
    const [path, setPath] = useState(place);
    const look = () => consoleCall("get", "/account").then(setOperator, () => setOperator(null));
    useEffect(() => {
        void look();
        const moved = () => setPath(place());
        addEventListener("hashchange", moved);
        return () => removeEventListener("hashchange", moved);
    }, []);
    const leave = async () => {
        await consoleCall("delete", "/account/sessions/current").catch(() => {});
        setOperator(null);
    };
    if (operator === undefined) return <p class="waiting">Loading…</p>;
    if (operator === null) return <Door enter={look} />;
    const [kind, id, tab] = path;
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
