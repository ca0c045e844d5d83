// A paged table, and the table of a list with what goes wrong with it. Know no model.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { PAGE_ROWS, type Row } from "../api";
import type { List } from "../list";

export type Column = { name: string; show: (row: Row) => ComponentChildren };

/** One page of a list at a time. */
export function Table({ label, list, columns, at, go, empty, wrong = "" }: {
    label: string;
    list: List | undefined;
    columns: Column[];
    at: number;
    go: (at: number) => void;
    empty: string;
    wrong?: string;
}) {
    const isBehind = at > 0 && list?.rows.length === 0 && !list.old;
    // The last row of the last page may go, and a link may name a page that is no more.
    useEffect(() => {
        if (isBehind && list.total !== undefined) go(Math.min(at - 1, lastStart(list.total)));
    }, [isBehind, at, list?.total]);
    return (
        <>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            {!list && !wrong && <p class="waiting">Loading…</p>}
            {list && (list.rows.length === 0 ? <p class="soft empty">{list.old ? "Loading…" : empty}</p> : (
                <div class="scroll" role="region" aria-label={label} tabIndex={0}>
                    <table>
                        <thead>
                            <tr>{columns.map(({ name }) => <th key={name} scope="col">{name}</th>)}</tr>
                        </thead>
                        <tbody>
                            {list.rows.map((row) => (
                                <tr key={row.$id} data-id={row.$id}>
                                    {columns.map(({ name, show }) => <td key={name}>{show(row)}</td>)}
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            ))}
            {list && <Pages label={label} list={list} at={at} go={go} />}
        </>
    );
}

const lastStart = (total: number) => Math.max(0, Math.ceil(total / PAGE_ROWS) - 1) * PAGE_ROWS;

function Pages({ label, list, at, go }: { label: string; list: List; at: number; go: (at: number) => void }) {
    const [first, last] = [list.at + 1, list.at + list.rows.length].map((place) => place.toLocaleString());
    const of = list.total === undefined ? " and more" : ` of ${list.total.toLocaleString()}`;
    return (
        <nav class="pages" aria-label={`Pages of ${label}`}>
            <span class="soft">{list.rows.length === 0 ? "0" : `${first} to ${last}${of}`}</span>
            <button class="button quiet" disabled={at === 0} onClick={() => go(Math.max(0, at - PAGE_ROWS))}>
                Previous
            </button>
            <button class="button quiet" disabled={!list.more} onClick={() => go(at + PAGE_ROWS)}>Next</button>
        </nav>
    );
}
