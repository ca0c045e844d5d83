// The API keys of a project. A key's secret is shown once.

import { ID } from "@appwrite.io/console";
import { useState } from "preact/hooks";

import { type Call, part, type Row } from "../api";
import { PRESETS } from "../scopes";
import { Choice, Dialog, Field, Folded, Form, type Input } from "./form";
import { type Kind, Listing } from "./listing";
import { Scopes } from "./scopes";
import { time } from "./times";

const DAY_MS = 86_400_000;
const LIVES: [days: string, name: string][] =
    [["", "never"], ["1", "in a day"], ["7", "in a week"], ["30", "in 30 days"], ["365", "in a year"]];
const KEEP: [string, string] = ["keep", "as it is"];

const KEYS: Kind = {
    label: "Keys",
    one: "key",
    path: "/project/keys",
    key: "keys",
    end: "Revoke",
    warning: "Who uses it is refused from now on. This cannot be undone.",
    columns: [
        { name: "Name", show: (row) => row.name },
        { name: "Scopes", show: (row) => <code class="cut" title={row.scopes.join("\n")}>{row.scopes.join(", ")}</code> },
        { name: "Expires", show: (row) => expiry(row) },
        { name: "Last used", show: (row) => (row.accessedAt ? time(row.accessedAt) : "not yet") },
        { name: "Created", show: (row) => time(row.$createdAt) },
    ],
};

function expiry({ expire }: Row) {
    if (!expire) return "never";
    return Date.parse(expire) < Date.now() ? <span class="wrong">expired</span> : time(expire);
}

/** What the API wants to know of a key. */
function wanted({ text, all }: Input, before?: Row) {
    const days = text("expiry");
    const expire = days === "keep" ? before?.expire : days && new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    return { name: text("name"), scopes: all("scopes"), ...(expire && { expire }) };
}

export function Keys({ call }: { call: Call }) {
    const [secret, setSecret] = useState("");
    return (
        <Listing
            kind={KEYS}
            call={call}
            open={{ word: "Edit", show: (row, close) => <Edit row={row} call={call} close={close} /> }}
        >
            {(again) => (
                <>
                    <Folded title="New key">
                        <Form
                            label="New key"
                            word="Create key"
                            clears
                            act={async (input) => {
                                const body = { keyId: ID.unique(), ...wanted(input) };
                                setSecret((await call("post", KEYS.path, body)).secret);
                                await again();
                            }}
                        >
                            <Field name="name" label="Name" required maxLength={128} />
                            <Choice name="expiry" label="Expires" choices={LIVES} value="" />
                            <Scopes chosen={PRESETS[0]![1]} />
                        </Form>
                    </Folded>
                    {secret && <Secret title="The key's secret" secret={secret} close={() => setSecret("")} />}
                </>
            )}
        </Listing>
    );
}

function Edit({ row, call, close }: { row: Row; call: Call; close: () => void }) {
    return (
        <Dialog title={`Key ${row.name}`} close={close}>
            <Form
                word="Save key"
                act={async (input) => {
                    await call("put", `${KEYS.path}/${part(row.$id)}`, wanted(input, row));
                    close();
                }}
            >
                <Field name="name" label="Name" value={row.name} required maxLength={128} />
                <Choice name="expiry" label="Expires" choices={[KEEP, ...LIVES]} value="keep" />
                <Scopes chosen={row.scopes} />
            </Form>
            <p class="actions"><button class="button quiet" onClick={close}>Close</button></p>
        </Dialog>
    );
}

/** Shows what no later answer does. */
export function Secret({ title, secret, close }: { title: string; secret: string; close: () => void }) {
    const [said, setSaid] = useState("");
    // A page that does not come over HTTPS from another machine has no clipboard.
    const copied = async () => navigator.clipboard.writeText(secret);
    const copy = () => copied().then(() => setSaid("Copied."), () => setSaid("Select and copy it by hand."));
    return (
        <Dialog title={title} close={close}>
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
