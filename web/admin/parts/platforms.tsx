// The platforms of a project: the pages and apps that may call it, of every kind that the API takes.

import { ID } from "@appwrite.io/console";
import { useState } from "preact/hooks";

import { type Call, part, type Row } from "../api";
import { Choice, Dialog, Field, Form } from "./form";
import { type Kind, Listing } from "./listing";
import { time } from "./times";

type Platform = { name: string; field: string; label: string };

/** Kinds of today, by their path. */
const KINDS: Record<string, Platform> = {
    web: { name: "Web page", field: "hostname", label: "Host name" },
    apple: { name: "Apple app", field: "bundleIdentifier", label: "Bundle id" },
    android: { name: "Android app", field: "applicationId", label: "Application id" },
    linux: { name: "Linux app", field: "packageName", label: "Package name" },
    windows: { name: "Windows app", field: "packageIdentifierName", label: "Package id" },
};
/** Kinds of older clients, which name them in the body. */
const OLDER = [
    "flutter-web", "flutter-ios", "flutter-macos", "flutter-android", "flutter-linux", "flutter-windows",
    "react-native-ios", "react-native-android", "apple-ios", "apple-macos", "apple-watchos", "apple-tvos", "unity",
];
const CHOICES: [string, string][] = [
    ...Object.entries(KINDS).map(([kind, { name }]): [string, string] => [kind, name]),
    ...OLDER.map((kind): [string, string] => [kind, `${kind} (older)`]),
];
const PATH = "/project/platforms";

const PLATFORMS: Kind = {
    label: "Platforms",
    one: "platform",
    path: PATH,
    key: "platforms",
    end: "Delete",
    warning: "Pages from there are refused from now on.",
    columns: [
        { name: "Name", show: (row) => row.name },
        { name: "Type", show: (row) => row.type },
        { name: "Host or id", show: (row) => <code>{row.hostname || row.key || "–"}</code> },
        { name: "Created", show: (row) => time(row.$createdAt) },
    ],
};

function Place({ kind, value = "" }: { kind: string; value?: string }) {
    const older = kind === "flutter-web" ? "Host name" : "Id of the app";
    return <Field key={kind} name="place" label={KINDS[kind]?.label ?? older} value={value} required maxLength={256} autocomplete="off" />;
}

/** What the API calls the place of this kind, with the place. */
const placed = (kind: string, place: string) => ({ [KINDS[kind]?.field ?? (kind === "flutter-web" ? "hostname" : "key")]: place });

export function Platforms({ call }: { call: Call }) {
    const [kind, setKind] = useState("web");
    return (
        <Listing
            kind={PLATFORMS}
            call={call}
            open={{ word: "Edit", show: (row, close) => <Edit row={row} call={call} close={close} /> }}
        >
            {(again) => (
                <Form
                    label="New platform"
                    word="Create platform"
                    clears
                    act={async ({ text }) => {
                        const body = { platformId: ID.unique(), name: text("name"), ...placed(kind, text("place")) };
                        if (KINDS[kind]) await call("post", `${PATH}/${kind}`, body);
                        else await call("post", PATH, { ...body, type: kind });
                        setKind("web");
                        await again();
                    }}
                >
                    <Choice
                        name="type"
                        label="Type"
                        choices={CHOICES}
                        value={kind}
                        onChange={(event: Event) => setKind((event.target as HTMLSelectElement).value)}
                    />
                    <Field name="name" label="Name" required maxLength={128} />
                    <Place kind={kind} />
                </Form>
            )}
        </Listing>
    );
}

function Edit({ row, call, close }: { row: Row; call: Call; close: () => void }) {
    return (
        <Dialog title={`Platform ${row.name}`} close={close}>
            <Form
                word="Save platform"
                act={async ({ text }) => {
                    const body = { name: text("name"), ...placed(row.type, text("place")) };
                    await call("put", `${PATH}/${row.type}/${part(row.$id)}`, body);
                    close();
                }}
            >
                <Field name="name" label="Name" value={row.name} required maxLength={128} />
                <Place kind={row.type} value={row.hostname || row.key} />
            </Form>
            <p class="actions"><button class="button quiet" onClick={close}>Close</button></p>
        </Dialog>
    );
}
