// A project's name and policies, and its end.

import { useRef, useState } from "preact/hooks";

import { type Call, consoleCall, reason, type Row } from "../api";
import { Confirm, Field } from "./form";

export function Settings({ call, project, changed }: { call: Call; project: Row; changed: (project: Row) => void }) {
    const [said, setSaid] = useState("");
    const [wrong, setWrong] = useState("");
    const [ending, setEnding] = useState(false);
    const run = (work: Promise<Row>) => work.then((now) => {
        changed({ ...project, ...now });
        setSaid("Saved.");
        setWrong("");
    }, (error) => {
        setSaid("");
        setWrong(reason(error));
    });
    const form = useRef<HTMLFormElement>(null);
    const duration = useRef<HTMLFormElement>(null);
    const value = (of: typeof form, name: string) => String(new FormData(of.current!).get(name));
    const on = (act: () => void) => (event: Event) => {
        event.preventDefault();
        act();
    };
    return (
        <section aria-label="Settings">
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            <p role="status">{said}</p>
            <form
                ref={form}
                class="row"
                onSubmit={on(() => run(consoleCall("patch", `/projects/${project.$id}`, { name: value(form, "name") })))}
            >
                <Field name="name" label="Name" value={project.name} required maxLength={128} />
                <button class="button">Save name</button>
            </form>
            <form
                ref={duration}
                class="row"
                onSubmit={on(() =>
                    run(call("patch", "/project/policies/session-duration", { duration: Number(value(duration, "duration")) }))
                )}
            >
                <Field name="duration" label="Seconds that a session lives" type="number" min={1} required />
                <button class="button">Save duration</button>
            </form>
            <p><button class="button danger" onClick={() => setEnding(true)}>Delete project</button></p>
            {ending && (
                <Confirm
                    title="Delete project"
                    text={`Delete ${project.name} with its users, keys and presences? This cannot be undone.`}
                    word="Delete project"
                    close={() => setEnding(false)}
                    act={async () => {
                        await consoleCall("delete", `/projects/${project.$id}`);
                        location.hash = "#/";
                    }}
                />
            )}
        </section>
    );
}
