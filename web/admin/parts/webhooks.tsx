// The webhooks of a project: where its events shall be sent. The server keeps them and sends nothing yet.

import { ID } from "@appwrite.io/console";
import { useState } from "preact/hooks";

import { type Call, part, type Row } from "../api";
import { Check, Dialog, Field, Folded, Form, type Input } from "./form";
import { Secret } from "./keys";
import { type Kind, Listing } from "./listing";
import { time } from "./times";

const WEBHOOKS: Kind = {
    label: "Webhooks",
    one: "webhook",
    path: "/webhooks",
    key: "webhooks",
    end: "Delete",
    columns: [
        { name: "Name", show: (row) => row.name },
        { name: "Address", show: (row) => <code class="cut" title={row.url}>{row.url}</code> },
        { name: "Events", show: (row) => <code class="cut" title={row.events.join("\n")}>{row.events.join(", ")}</code> },
        { name: "Enabled", show: (row) => (row.enabled ? "yes" : "no") },
        { name: "Created", show: (row) => time(row.$createdAt) },
    ],
};

function wanted({ text, is }: Input) {
    const events = text("events").split(/[\s,]+/).filter(Boolean);
    const [authUsername, authPassword] = [text("user"), text("password")];
    const sign = { authUsername, ...(authPassword && { authPassword }) };
    return { name: text("name"), url: text("url"), events, tls: is("tls"), enabled: is("enabled"), ...sign };
}

function Fields({ row }: { row?: Row }) {
    return (
        <>
            <Field name="name" label="Name" value={row?.name ?? ""} required maxLength={128} />
            <Field name="url" label="Address" type="url" value={row?.url ?? ""} required />
            <Field name="events" label="Events" value={row?.events.join(", ") ?? ""} placeholder="users.*.create" required />
            <Field name="user" label="User name there (optional)" value={row?.authUsername ?? ""} autocomplete="off" />
            <Field name="password" label="Password there (optional)" type="password" autocomplete="new-password" />
            <p class="checks">
                <Check name="tls" label="Check its certificate" checked={row?.tls ?? true} />
                <Check name="enabled" label="Enabled" checked={row?.enabled ?? true} />
            </p>
        </>
    );
}

export function Webhooks({ call }: { call: Call }) {
    const [secret, setSecret] = useState("");
    return (
        <>
            <p class="soft">Webhooks are kept for clients that manage them. This server does not send anything to them yet.</p>
            <Listing
                kind={WEBHOOKS}
                call={call}
                open={{ word: "Edit", show: (row, close) => <Edit row={row} call={call} close={close} tell={setSecret} /> }}
            >
                {(again) => (
                    <Folded title="New webhook">
                        <Form
                            label="New webhook"
                            word="Create webhook"
                            clears
                            act={async (input) => {
                                setSecret((await call("post", WEBHOOKS.path, { webhookId: ID.unique(), ...wanted(input) })).secret);
                                await again();
                            }}
                        >
                            <Fields />
                        </Form>
                    </Folded>
                )}
            </Listing>
            {secret && <Secret title="The webhook's secret" secret={secret} close={() => setSecret("")} />}
        </>
    );
}

function Edit({ row, call, close, tell }: { row: Row; call: Call; close: () => void; tell: (secret: string) => void }) {
    const path = `${WEBHOOKS.path}/${part(row.$id)}`;
    return (
        <Dialog title={`Webhook ${row.name}`} close={close}>
            <Form word="Save webhook" act={(input) => call("put", path, wanted(input)).then(close)}>
                <Fields row={row} />
            </Form>
            <Form word="New secret" act={() => call("patch", `${path}/secret`).then(({ secret }) => (close(), tell(secret)))} />
            <p class="actions"><button class="button quiet" onClick={close}>Close</button></p>
        </Dialog>
    );
}
