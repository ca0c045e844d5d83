// The operator's projects, and making one.

import { ID, Query } from "@appwrite.io/console";
import { useEffect, useRef, useState } from "preact/hooks";

import { consoleCall, type List, PAGE_ROWS, reason } from "../api";
import { Field, Table, time } from "./form";

export function Projects() {
    const [list, setList] = useState<List>({ total: 0, rows: [] });
    const [at, setAt] = useState(0);
    const [wrong, setWrong] = useState("");
    const form = useRef<HTMLFormElement>(null);
    const load = async () => {
        const queries = [Query.limit(PAGE_ROWS), Query.offset(at)];
        const found = await consoleCall("get", "/projects", { queries });
        setList({ total: found.total, rows: found.projects });
    };
    const run = (work: Promise<unknown>) => work.then(() => setWrong(""), (error) => setWrong(reason(error)));
    useEffect(() => void run(load()), [at]);
    const make = async () => {
        const name = String(new FormData(form.current!).get("name"));
        // A project belongs to a team of operators: the first one, or a new one of one's own.
        const teams = await consoleCall("get", "/teams", { queries: [Query.limit(1)] });
        const team = teams.teams[0]
            ?? (await consoleCall("post", "/teams", { teamId: ID.unique(), name: "Operators" }));
        await consoleCall("post", "/projects", { projectId: ID.unique(), name, teamId: team.$id, region: "default" });
        form.current?.reset();
        await load();
    };
    return (
        <>
            <h1>Projects</h1>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            <form
                ref={form}
                class="row"
                onSubmit={(event) => {
                    event.preventDefault();
                    void run(make());
                }}
            >
                <Field name="name" label="Name of a new project" required maxLength={128} />
                <button class="button">Create project</button>
            </form>
            <Table
                label="Projects"
                list={list}
                at={at}
                go={setAt}
                empty="There is no project yet."
                columns={[
                    { name: "Name", show: (row) => <a href={`#/project/${row.$id}`}>{row.name}</a> },
                    { name: "Id", show: (row) => <code>{row.$id}</code> },
                    { name: "Created", show: (row) => time(row.$createdAt) },
                ]}
            />
        </>
    );
}
