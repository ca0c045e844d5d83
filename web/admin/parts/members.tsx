// The members of a team: add one, change their roles, remove them.

import { useState } from "preact/hooks";

import { type Call, part, reason, type Row } from "../api";
import { useList } from "../list";
import { Act, Dialog, Field, Form } from "./form";
import { Table } from "./table";
import { time } from "./times";

const rolesIn = (text: string) => text.split(/[\s,]+/).filter(Boolean);

export function Members({ team, call, close }: { team: Row; call: Call; close: () => void }) {
    const [at, setAt] = useState(0);
    const [editing, setEditing] = useState<Row>();
    const [failed, setFailed] = useState("");
    const path = `/teams/${part(team.$id)}/memberships`;
    const { list, wrong, again } = useList({ call, path, key: "memberships", at });
    const remove = (row: Row) =>
        call("delete", `${path}/${part(row.$id)}`).then(again).then(() => setFailed(""), (error) => setFailed(reason(error)));
    const named = (row: Row) => row.userName || row.userEmail || row.userId;
    return (
        <Dialog title={`Members of ${team.name}`} close={close}>
            <Form
                label="New member"
                word="Add member"
                clears
                act={async ({ text }) => {
                    const who = text("who");
                    const named = who.includes("@") ? { email: who } : { userId: who };
                    await call("post", path, { ...named, roles: rolesIn(text("roles")) });
                    await again();
                }}
            >
                <Field name="who" label="User id or email" required autocomplete="off" />
                <Field name="roles" label="Roles (optional)" placeholder="owner, editor" autocomplete="off" />
            </Form>
            {failed && <p class="wrong" role="alert">{failed}</p>}
            <Table
                label="Members"
                list={list}
                wrong={wrong}
                at={at}
                go={setAt}
                empty="Nobody is in this team yet."
                columns={[
                    { name: "User", show: (row) => <span title={row.userId}>{named(row)}</span> },
                    { name: "Roles", show: (row) => row.roles.join(", ") || "–" },
                    { name: "Joined", show: (row) => (row.confirm ? time(row.joined) : "invited") },
                    {
                        name: "Actions",
                        show: (row) => (
                            <span class="acts">
                                <Act word="Roles" of={named(row)} act={() => setEditing(row)} />
                                <Act word="Remove" of={named(row)} act={() => remove(row)} />
                            </span>
                        ),
                    },
                ]}
            />
            {editing && (
                <Form
                    key={editing.$id}
                    label={`Roles of ${named(editing)}`}
                    word="Save roles"
                    act={async ({ text }) => {
                        await call("patch", `${path}/${part(editing.$id)}`, { roles: rolesIn(text("roles")) });
                        setEditing(undefined);
                        await again();
                    }}
                >
                    <Field name="roles" label={`Roles of ${named(editing)}`} value={editing.roles.join(", ")} autocomplete="off" autofocus />
                </Form>
            )}
            <p class="actions"><button class="button quiet" onClick={close}>Close</button></p>
        </Dialog>
    );
}
