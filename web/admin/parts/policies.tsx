// The policies of a project: how long sessions live and how many there are, and what members see of each other.

import type { Call, Row } from "../api";
import { Check, Field, Form } from "./form";

const SEEN = [
    ["userId", "Id"], ["userName", "Name"], ["userEmail", "Email"], ["userPhone", "Phone"],
    ["userMFA", "Second factor"], ["userAccessedAt", "When last seen"],
] as const;
/** Seconds of a year: longer no session lives. */
const LONGEST_SECONDS = 31_536_000;
const MOST_SESSIONS = 100;

export function Policies({ call, policies }: { call: Call; policies: Record<string, Row> }) {
    const save = (policy: string, params: object) => call("patch", `/project/policies/${policy}`, params);
    return (
        <>
            <h2>Policies</h2>
            <Form
                word="Save duration"
                said="Saved."
                act={({ text }) => save("session-duration", { duration: Number(text("duration")) })}
            >
                <Field
                    name="duration"
                    label="Seconds that a session lives"
                    type="number"
                    min={1}
                    max={LONGEST_SECONDS}
                    value={policies["session-duration"]?.duration}
                    required
                />
            </Form>
            <Form word="Save limit" said="Saved." act={({ text }) => save("session-limit", { total: Number(text("total")) })}>
                <Field
                    name="total"
                    label="Most sessions of a user"
                    type="number"
                    min={1}
                    max={MOST_SESSIONS}
                    value={policies["session-limit"]?.total}
                    required
                />
            </Form>
            <Form word="Save invalidation" said="Saved." act={({ is }) => save("session-invalidation", { enabled: is("enabled") })}>
                <p class="checks">
                    <Check name="enabled" label="A new password ends all other sessions" checked={policies["session-invalidation"]?.enabled} />
                </p>
            </Form>
            <Form
                word="Save privacy"
                said="Saved."
                act={({ is }) => save("membership-privacy", Object.fromEntries(SEEN.map(([name]) => [name, is(name)])))}
            >
                <fieldset>
                    <legend>What members of a team see of each other</legend>
                    {SEEN.map(([name, label]) => (
                        <Check key={name} name={name} label={label} checked={policies["membership-privacy"]?.[name]} />
                    ))}
                </fieldset>
            </Form>
        </>
    );
}
