// The operator's projects, and making one.

import { ID, Query } from "@appwrite.io/console";

import { consoleCall, part } from "../api";
import { useList } from "../list";
import { start, useParams } from "../place";
import { Field, Form } from "./form";
import { Table } from "./table";
import { time } from "./times";

/** A project belongs to a team of operators: the first one, or a new one of one's own. */
async function make(name: string) {
    const teams = await consoleCall("get", "/teams", { queries: [Query.limit(1)] });
    const team = teams.teams[0] ?? (await consoleCall("post", "/teams", { teamId: ID.unique(), name: "Operators" }));
    await consoleCall("post", "/projects", { projectId: ID.unique(), name, teamId: team.$id, region: "default" });
}

export function Projects() {
    const [params, setParams] = useParams();
    const at = start(params);
    const search = params.search?.trim() ?? "";
    const { list, wrong, again } = useList({ call: consoleCall, path: "/projects", key: "projects", at, search });
    return (
        <>
            <h1>Projects</h1>
            <Form word="Create project" clears act={({ text }) => make(text("name")).then(again)}>
                <Field name="name" label="Name of a new project" required maxLength={128} />
            </Form>
            <div class="row" role="search">
                <Field
                    name="search"
                    label="Search projects"
                    type="search"
                    maxLength={256}
                    value={params.search ?? ""}
                    onInput={(event: Event) => setParams({ search: (event.target as HTMLInputElement).value, at: "" })}
                />
            </div>
            <Table
                label="Projects"
                list={list}
                wrong={wrong}
                at={at}
                go={(at) => setParams({ at: at ? String(at) : "" })}
                empty={search ? "Nothing fits." : "There is no project yet."}
                columns={[
                    { name: "Name", show: (row) => <a href={`#/project/${part(row.$id)}`}>{row.name}</a> },
                    { name: "Id", show: (row) => <code>{row.$id}</code> },
                    { name: "Created", show: (row) => time(row.$createdAt) },
                ]}
            />
        </>
    );
}
