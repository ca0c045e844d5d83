// Who is here: one page of a list that the server filters, kept live by what a socket tells.

import { Query } from "@appwrite.io/console";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Call, Row } from "../api";
import { fits, queries, setIn } from "../filters";
import { listen } from "../listen";
import { useList } from "../list";
import { start, useParams } from "../place";
import { Detail } from "./detail";
import { Filters } from "./filters";
import { Confirm } from "./form";
import { type Column, Table } from "./table";
import { within } from "./times";

/** The list is read again at most so often, however much happens. */
const RELOAD_MS = 2_000;
const ORDER = [Query.orderDesc("$createdAt")];

/** What changes with every second is asked for by the minute: the same wish stays the same. */
function useQueries(set: ReturnType<typeof setIn>, now: number): string[] {
    const minute = Math.floor(now / 60_000);
    const kept = useRef({ of: "", queries: [] as string[] });
    const of = JSON.stringify([set.map(({ filter, value }) => [filter.name, value]), minute]);
    if (kept.current.of !== of) kept.current = { of, queries: queries(set) };
    return kept.current.queries;
}

export function Here({ id, call }: { id: string; call: Call }) {
    const [params, setParams] = useParams();
    const [live, setLive] = useState(false);
    const [now, setNow] = useState(Date.now());
    const [shown, setShown] = useState<string>();
    const [ending, setEnding] = useState<Row>();
    const set = setIn(params);
    const at = start(params);
    const filters = useQueries(set, now);
    const { list, wrong, again, edit } = useList({ call, path: "/presences", key: "presences", at, filters, order: ORDER });
    const latest = useRef({ again, set });
    latest.current = { again, set };

    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const soon = () => {
            timer ??= setTimeout(() => {
                timer = undefined;
                void latest.current.again();
            }, RELOAD_MS);
        };
        const stop = listen(id, (heard) => {
            const { set } = latest.current;
            // Who came, or now fits the filters, is found by reading the page again; who went, or no longer fits, goes now.
            edit((rows) => rows.flatMap((row) => {
                const now = heard.get(row.$id);
                if (now === undefined) return [row];
                return now && fits(set, now) ? [now] : [];
            }));
            soon();
        }, (open) => {
            setLive(open);
            if (open) soon();
        });
        const tick = setInterval(() => setNow(Date.now()), 1_000);
        return () => {
            stop();
            clearTimeout(timer);
            clearInterval(tick);
        };
    }, [id]);

    return (
        <section aria-label="Here now">
            <Filters params={params} change={(change) => setParams({ ...change, at: "" })} live={live} />
            <Table
                label="Presences"
                list={list}
                wrong={wrong}
                at={at}
                go={(at) => setParams({ at: at ? String(at) : "" })}
                empty={set.length > 0 ? "Nobody fits." : "Nobody is here."}
                columns={columns(now, setShown, setEnding)}
            />
            {shown && <Detail id={shown} call={call} now={now} close={() => setShown(undefined)} />}
            {ending && (
                <Confirm
                    title="Force offline"
                    text={`End the presence of ${ending.userId}, whoever holds it? A client may come back.`}
                    word="Force offline"
                    close={() => setEnding(undefined)}
                    act={async () => {
                        await call("delete", `/presences/${ending.$id}`);
                        await again();
                    }}
                />
            )}
        </section>
    );
}

function columns(now: number, show: (id: string) => void, end: (row: Row) => void): Column[] {
    const metadata = (row: Row) => JSON.stringify(row.metadata);
    return [
        {
            name: "User",
            show: (row) => (
                <button class="link" aria-label={`Details of ${row.userId}`} onClick={() => show(row.$id)}>{row.userId}</button>
            ),
        },
        { name: "Status", show: (row) => row.status },
        { name: "Metadata", show: (row) => <code class="cut" title={metadata(row)}>{metadata(row)}</code> },
        { name: "Permissions", show: (row) => <code class="cut">{row.$permissions.join(", ")}</code> },
        { name: "Source", show: (row) => row.source },
        { name: "Expires in", show: (row) => within(row.expiresAt, now) },
        {
            name: "Action",
            show: (row) => (
                <button class="button quiet small" aria-label={`Force offline: ${row.userId}`} onClick={() => end(row)}>
                    Force offline
                </button>
            ),
        },
    ];
}
