// The teams of a project, and making one.

import { ID } from "@appwrite.io/console";

import type { Call } from "../api";
import { Field, Form } from "./form";
import { type Kind, Listing } from "./listing";
import { Members } from "./members";
import { time } from "./times";

const TEAMS: Kind = {
    label: "Teams",
    one: "team",
    path: "/teams",
    key: "teams",
    end: "Delete",
    warning: "Its memberships go too. This cannot be undone.",
    search: "Search name",
    columns: [
        { name: "Name", show: (row) => row.name },
        { name: "Id", show: (row) => <code>{row.$id}</code> },
        { name: "Members", show: (row) => row.total.toLocaleString() },
        { name: "Created", show: (row) => time(row.$createdAt) },
    ],
};

export function Teams({ call }: { call: Call }) {
    return (
        <Listing
            kind={TEAMS}
            call={call}
            open={{ word: "Members", show: (row, close) => <Members team={row} call={call} close={close} /> }}
        >
            {(again) => (
                <Form
                    label="New team"
                    word="Create team"
                    clears
                    act={async ({ text }) => {
                        await call("post", "/teams", { teamId: text("id") || ID.unique(), name: text("name") });
                        await again();
                    }}
                >
                    <Field name="name" label="Name" required maxLength={128} />
                    <Field name="id" label="Id (optional)" maxLength={36} autocomplete="off" />
                </Form>
            )}
        </Listing>
    );
}
