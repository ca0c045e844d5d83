// A project's name, policies and mail server, and its end.

import { useEffect, useState } from "preact/hooks";

import { type Call, consoleCall, part, reason, type Row } from "../api";
import { Check, Choice, Confirm, Field, Form } from "./form";
import { Policies } from "./policies";

export function Settings({ call, project, changed }: { call: Call; project: Row; changed: (project: Row) => void }) {
    const [policies, setPolicies] = useState<Record<string, Row>>();
    const [wrong, setWrong] = useState("");
    const [ending, setEnding] = useState(false);
    useEffect(() => {
        const byId = ({ policies }: { policies: Row[] }) => Object.fromEntries(policies.map((policy) => [policy.$id, policy]));
        call("get", "/project/policies").then((found) => setPolicies(byId(found)), (error) => setWrong(reason(error)));
    }, [call]);
    const save = async (work: Promise<Row>) => changed({ ...project, ...(await work) });
    return (
        <section aria-label="Settings">
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            <Form
                word="Save name"
                said="Saved."
                act={({ text }) => save(consoleCall("patch", `/projects/${part(project.$id)}`, { name: text("name") }))}
            >
                <Field name="name" label="Name of the project" value={project.name} required maxLength={128} />
            </Form>
            {policies && <Policies call={call} policies={policies} />}
            <Smtp project={project} save={(body) => save(call("patch", "/project/smtp", body))} />
            <h2>The end</h2>
            <p class="row"><button class="button danger" onClick={() => setEnding(true)}>Delete project</button></p>
            {ending && (
                <Confirm
                    title="Delete project"
                    text={`Delete ${project.name} with its users, keys and presences? This cannot be undone.`}
                    word="Delete project"
                    close={() => setEnding(false)}
                    act={async () => {
                        await consoleCall("delete", `/projects/${part(project.$id)}`);
                        location.hash = "#/";
                    }}
                />
            )}
        </section>
    );
}

function Smtp({ project, save }: { project: Row; save: (body: object) => Promise<void> }) {
    const text = (name: string, label: string, more: object = {}) => (
        <Field name={name} label={label} value={project[`smtp${name[0]!.toUpperCase()}${name.slice(1)}`] ?? ""} autocomplete="off" {...more} />
    );
    return (
        <>
            <h2>Mail server</h2>
            <p class="soft">It is kept for clients that manage it. This server does not send mail yet.</p>
            <Form
                word="Save mail server"
                said="Saved."
                act={({ text, is }) => {
                    const names = ["host", "username", "senderName", "senderEmail", "replyToName", "replyToEmail", "secure"];
                    const texts = Object.fromEntries(names.map((name) => [name, text(name)]));
                    const password = text("password");
                    return save({ enabled: is("enabled"), ...texts, port: Number(text("port")), ...(password && { password }) });
                }}
            >
                {text("host", "Host")}
                {text("port", "Port", { type: "number", min: 0, max: 65_535 })}
                <Choice
                    name="secure"
                    label="Encryption"
                    choices={[["", "none"], ["tls", "TLS"], ["ssl", "SSL"]]}
                    value={project.smtpSecure}
                />
                {text("username", "User name")}
                <Field name="password" label="Password (kept unless given)" type="password" autocomplete="new-password" />
                {text("senderName", "Sender's name")}
                {text("senderEmail", "Sender's email", { type: "email" })}
                {text("replyToName", "Name for answers")}
                {text("replyToEmail", "Email for answers", { type: "email" })}
                <p class="checks"><Check name="enabled" label="Enabled" checked={project.smtpEnabled} /></p>
            </Form>
        </>
    );
}
