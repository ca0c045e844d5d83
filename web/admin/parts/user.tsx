// One user: name, labels, what is verified, whether they may call, and their sessions.

import { useEffect, useState } from "preact/hooks";

import { type Call, part, reason, type Row } from "../api";
import { Act, Check, Dialog, Field, Form } from "./form";
import { time } from "./times";

export function User({ id, call, close }: { id: string; call: Call; close: () => void }) {
    const [user, setUser] = useState<Row>();
    const [wrong, setWrong] = useState("");
    const path = `/users/${part(id)}`;
    useEffect(() => {
        call("get", path).then(setUser, (error) => setWrong(reason(error)));
    }, [id]);
    const change = async (method: string, what: string, params: object) => setUser(await call(method, path + what, params));
    return (
        <Dialog title={`User ${user?.name || id}`} close={close}>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            {user && (
                <>
                    <p class="soft">
                        <code>{id}</code>{user.email && `, ${user.email}`}{user.phone && `, ${user.phone}`}, since {time(user.$createdAt)}
                    </p>
                    <Form word="Save name" said="Saved." act={({ text }) => change("patch", "/name", { name: text("name") })}>
                        <Field name="name" label="Name" value={user.name} maxLength={128} />
                    </Form>
                    <Form
                        word="Save labels"
                        said="Saved."
                        act={({ text }) => change("put", "/labels", { labels: text("labels").split(/[\s,]+/).filter(Boolean) })}
                    >
                        <Field name="labels" label="Labels, each a role" value={user.labels.join(", ")} autocomplete="off" />
                    </Form>
                    <Switches user={user} change={change} failed={(error) => setWrong(reason(error))} />
                    <Sessions path={path} call={call} />
                </>
            )}
            <p class="actions"><button class="button quiet" onClick={close}>Close</button></p>
        </Dialog>
    );
}

function Switches({ user, change, failed }: {
    user: Row;
    change: (method: string, what: string, params: object) => Promise<void>;
    failed: (error: unknown) => void;
}) {
    const turn = (what: string, name: string) => (event: Event) => {
        const box = event.target as HTMLInputElement;
        change("patch", what, { [name]: box.checked }).catch((error) => {
            box.checked = !box.checked;
            failed(error);
        });
    };
    return (
        <p class="checks">
            <Check name="status" label="May call" checked={user.status} onChange={turn("/status", "status")} />
            <Check
                name="email"
                label="Email verified"
                checked={user.emailVerification}
                onChange={turn("/verification", "emailVerification")}
            />
            <Check
                name="phone"
                label="Phone verified"
                checked={user.phoneVerification}
                onChange={turn("/verification/phone", "phoneVerification")}
            />
        </p>
    );
}

function Sessions({ path, call }: { path: string; call: Call }) {
    const [sessions, setSessions] = useState<Row[]>();
    const [wrong, setWrong] = useState("");
    const run = (work: () => Promise<unknown>) => work().then(() => setWrong(""), (error) => setWrong(reason(error)));
    const load = async () => setSessions((await call("get", `${path}/sessions`)).sessions);
    const end = (one: string) => run(async () => {
        await call("delete", `${path}/sessions${one}`);
        await load();
    });
    useEffect(() => void run(load), [path]);
    return (
        <section aria-label="Sessions">
            <h3>Sessions</h3>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            {sessions?.length === 0 && <p class="soft">None.</p>}
            <ul class="holders">
                {sessions?.map((session) => (
                    <li key={session.$id}>
                        {session.provider} from {session.ip || "an unknown address"}{" "}
                        <span class="soft">since {time(session.$createdAt)}, until {time(session.expire)}</span>{" "}
                        <Act word="End" of={`session ${session.$id}`} act={() => end(`/${session.$id}`)} />
                    </li>
                ))}
            </ul>
            {sessions && sessions.length > 1 && <p><button class="button quiet small" onClick={() => end("")}>End all</button></p>}
        </section>
    );
}
