// What every kind of a project's belongings has: a search, a form that makes one, a paged table, and an end. Knows no model.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { type Call, part, type Row } from "../api";
import { useList } from "../list";
import { start, useParams } from "../place";
import { Act, Confirm, Field } from "./form";
import { type Column, Table } from "./table";

export type Kind = {
    label: string;
    one: string;
    path: string;
    key: string;
    columns: Column[];
    /** The word that ends one, and what it means. */
    end: string;
    warning?: string;
    /** What a search looks at, where there is one. */
    search?: string;
};

export function Listing({ kind, call, open, children }: {
    kind: Kind;
    call: Call;
    /** Opens one: what its button says, and what shows then. */
    open?: { word: string; show: (row: Row, close: () => void) => ComponentChildren };
    /** The form that makes one. */
    children: (again: () => Promise<void>) => ComponentChildren;
}) {
    const [params, setParams] = useParams();
    const [ending, setEnding] = useState<Row>();
    const [opened, setOpened] = useState<Row>();
    const at = start(params);
    const search = (kind.search && params.search?.trim()) || "";
    const { list, wrong, again } = useList({ call, path: kind.path, key: kind.key, at, search });
    const named = (row: Row) => row.name || row.$id;
    const actions: Column = {
        name: "Actions",
        show: (row) => (
            <span class="acts">
                {open && <Act word={open.word} of={named(row)} act={() => setOpened(row)} />}
                <Act word={kind.end} of={named(row)} act={() => setEnding(row)} />
            </span>
        ),
    };
    return (
        <section aria-label={kind.label}>
            {children(again)}
            {kind.search && (
                <div class="row" role="search">
                    <Field
                        name="search"
                        label={kind.search}
                        type="search"
                        maxLength={256}
                        value={params.search ?? ""}
                        onInput={(event: Event) => setParams({ search: (event.target as HTMLInputElement).value, at: "" })}
                    />
                </div>
            )}
            <Table
                label={kind.label}
                list={list}
                wrong={wrong}
                at={at}
                go={(at) => setParams({ at: at ? String(at) : "" })}
                empty={search ? "Nothing fits." : `There is no ${kind.one} yet.`}
                columns={[...kind.columns, actions]}
            />
            {opened && open?.show(opened, () => {
                setOpened(undefined);
                void again();
            })}
            {ending && (
                <Confirm
                    title={`${kind.end} ${kind.one}`}
                    text={`${kind.end} ${named(ending)}? ${kind.warning ?? "This cannot be undone."}`}
                    word={kind.end}
                    close={() => setEnding(undefined)}
                    act={async () => {
                        await call("delete", `${kind.path}/${part(ending.$id)}`);
                        await again();
                    }}
                />
            )}
        </section>
    );
}
