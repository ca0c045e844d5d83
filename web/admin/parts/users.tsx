// The users of a project, and making one.

import { ID } from "@appwrite.io/console";

import type { Call } from "../api";
import { Field, Form } from "./form";
import { type Kind, Listing } from "./listing";
import { time } from "./times";
import { User } from "./user";

const USERS: Kind = {
    label: "Users",
    one: "user",
    path: "/users",
    key: "users",
    end: "Delete",
    warning: "Their sessions, memberships and presence go too. This cannot be undone.",
    search: "Search name, email, phone or id",
    columns: [
        { name: "Name", show: (row) => row.name || "–" },
        { name: "Id", show: (row) => <code>{row.$id}</code> },
        { name: "Email", show: (row) => row.email || "–" },
        { name: "Status", show: (row) => (row.status ? "active" : "blocked") },
        { name: "Labels", show: (row) => <span class="cut">{row.labels.join(", ") || "–"}</span> },
        { name: "Created", show: (row) => time(row.$createdAt) },
    ],
};

export function Users({ call }: { call: Call }) {
    return (
        <Listing
            kind={USERS}
            call={call}
            open={{ word: "Edit", show: (row, close) => <User id={row.$id} call={call} close={close} /> }}
        >
            {(again) => (
                <Form
                    label="New user"
                    word="Create user"
                    clears
                    act={async ({ text }) => {
                        const given = ["name", "email", "password"].map((name) => [name, text(name)]).filter(([, value]) => value);
                        await call("post", "/users", { userId: text("id") || ID.unique(), ...Object.fromEntries(given) });
                        await again();
                    }}
                >
                    <Field name="name" label="Name" maxLength={128} />
                    <Field name="email" label="Email" type="email" autocomplete="off" />
                    <Field name="password" label="Password (optional)" type="password" minLength={8} autocomplete="new-password" />
                    <Field name="id" label="Id (optional)" maxLength={36} autocomplete="off" />
                </Form>
            )}
        </Listing>
    );
}
