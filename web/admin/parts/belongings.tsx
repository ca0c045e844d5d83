// Users, teams, keys and platforms of a project: list, make, delete. A key's secret is shown once.

import { ID, Query } from "@appwrite.io/console";
import { useEffect, useRef, useState } from "preact/hooks";

import { type Call, type List, PAGE_ROWS, reason, type Row } from "../api";
import { type Column, Confirm, Dialog, Field, Table, time } from "./form";

type Kind = {
    path: string;
    key: string;
    one: string;
    /** The word that ends one. */
    end: string;
    fields: { name: string; label: string; [attribute: string]: any }[];
    body: (input: Record<string, string>) => object;
    make?: string;
    columns: Column[];
};

const name: Column = { name: "Name", show: (row) => row.name || "–" };
const id: Column = { name: "Id", show: (row) => <code>{row.$id}</code> };
const created: Column = { name: "Created", show: (row) => time(row.$createdAt) };
const KEY_SCOPES = ["presences.read", "presences.write", "users.read", "users.write", "sessions.write", "teams.read", "teams.write"];

const KINDS: Record<string, Kind> = {
    users: {
        path: "/users", key: "users", one: "user", end: "Delete",
        fields: [{ name: "name", label: "Name" }, { name: "email", label: "Email", type: "email" }],
        body: ({ name, email }) => ({ userId: ID.unique(), ...(name && { name }), ...(email && { email }) }),
        columns: [name, id, { name: "Email", show: (row) => row.email || "–" }, created],
    },
    teams: {
        path: "/teams", key: "teams", one: "team", end: "Delete",
        fields: [{ name: "name", label: "Name", required: true }],
        body: ({ name }) => ({ teamId: ID.unique(), name }),
        columns: [name, id, { name: "Members", show: (row) => row.total }, created],
    },
    keys: {
        path: "/project/keys", key: "keys", one: "key", end: "Revoke",
        fields: [{ name: "name", label: "Name", required: true }],
        body: ({ name }) => ({ keyId: ID.unique(), name, scopes: KEY_SCOPES }),
        columns: [name, { name: "Scopes", show: (row) => <code class="cut">{row.scopes.join(", ")}</code> }, created],
    },
    platforms: {
        path: "/project/platforms", key: "platforms", one: "platform", end: "Delete", make: "/project/platforms/web",
        fields: [{ name: "name", label: "Name", required: true }, { name: "hostname", label: "Host name", required: true }],
        body: ({ name, hostname }) => ({ platformId: ID.unique(), name, hostname }),
        columns: [name, { name: "Type", show: (row) => row.type }, { name: "Host", show: (row) => row.hostname || row.key || "–" }, created],
    },
};

export function Belongings({ kind, call }: { kind: string; call: Call }) {
    const { path, key, one, end, fields, body, make, columns } = KINDS[kind]!;
    const [list, setList] = useState<List>({ total: 0, rows: [] });
    const [at, setAt] = useState(0);
    const [wrong, setWrong] = useState("");
    const [secret, setSecret] = useState("");
    const [ending, setEnding] = useState<Row>();
    const form = useRef<HTMLFormElement>(null);
    const load = async () => {
        const found = await call("get", path, { queries: [Query.limit(PAGE_ROWS), Query.offset(at)] });
        setList({ total: found.total, rows: found[key] });
    };
    const run = (work: Promise<unknown>) => work.then(() => setWrong(""), (error) => setWrong(reason(error)));
    useEffect(() => void run(load()), [at]);
    const create = async () => {
        const input = Object.fromEntries(new FormData(form.current!)) as Record<string, string>;
        const made = await call("post", make ?? path, body(input));
        form.current?.reset();
        if (kind === "keys") setSecret(made.secret);
        await load();
    };
    const action: Column = {
        name: "Action",
        show: (row) => (
            <button class="button quiet small" aria-label={`${end} ${row.name || row.$id}`} onClick={() => setEnding(row)}>
                {end}
            </button>
        ),
    };
    return (
        <section aria-label={kind}>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            <form
                ref={form}
                class="row"
                onSubmit={(event) => {
                    event.preventDefault();
                    void run(create());
                }}
            >
                {fields.map((field) => <Field key={field.name} {...field} />)}
                <button class="button">Create {one}</button>
            </form>
            <Table label={kind} list={list} at={at} go={setAt} empty={`There is no ${one} yet.`} columns={[...columns, action]} />
            {secret && <Secret secret={secret} close={() => setSecret("")} />}
            {ending && (
                <Confirm
                    title={`${end} ${one}`}
                    text={`${end} ${ending.name || ending.$id}? This cannot be undone.`}
                    word={end}
                    close={() => setEnding(undefined)}
                    act={async () => {
                        await call("delete", `${path}/${ending.$id}`);
                        await load();
                    }}
                />
            )}
        </section>
    );
}

function Secret({ secret, close }: { secret: string; close: () => void }) {
    const [said, setSaid] = useState("");
    const copy = () => navigator.clipboard.writeText(secret).then(() => setSaid("Copied."), () => setSaid("Select and copy it by hand."));
    return (
        <Dialog title="The key's secret" close={close}>
            <p>It is shown this once. Copy it to where it is needed.</p>
            <p><code class="secret">{secret}</code></p>
            <p role="status">{said}</p>
            <p class="actions">
                <button class="button" onClick={copy}>Copy</button>
                <button class="button quiet" onClick={close}>Done</button>
            </p>
        </Dialog>
    );
}
