// Who is here: one page of a list that the server filters, kept live by what a socket tells.

import { Query } from "@appwrite.io/console";
import { useEffect, useRef, useState } from "preact/hooks";

import { type Call, type List, listen, PAGE_ROWS, reason, type Row } from "../api";
import { Detail } from "./detail";
import { Confirm, Field, Table, within } from "./form";

/** The list is read again at most so often, however much happens. */
const RELOAD_MS = 2_000;
const TYPING_MS = 200;

export function Here({ id, call }: { id: string; call: Call }) {
    const [list, setList] = useState<List>({ total: 0, rows: [] });
    const [at, setAt] = useState(0);
    const [search, setSearch] = useState("");
    const [live, setLive] = useState(false);
    const [now, setNow] = useState(Date.now());
    const [wrong, setWrong] = useState("");
    const [shown, setShown] = useState<string>();
    const [ending, setEnding] = useState<Row>();
    const asked = useRef(0);

    const load = async () => {
        const mine = ++asked.current;
        const queries = [Query.limit(PAGE_ROWS), Query.offset(at), Query.orderDesc("$createdAt")];
        const text = search.trim();
        if (text) {
            const attributes = ["status", "userId", "$id"];
            queries.push(Query.or(attributes.map((attribute) => Query.contains(attribute, [text]))));
        }
        try {
            const found = await call("get", "/presences", { queries });
            // An answer that comes late must not replace a newer one.
            if (mine === asked.current) {
                setList({ total: found.total, rows: found.presences });
                setWrong("");
            }
        } catch (error) {
            if (mine === asked.current) setWrong(reason(error));
        }
    };
    const loading = useRef(load);
    loading.current = load;

    useEffect(() => {
        const timer = setTimeout(() => void load(), TYPING_MS);
        return () => clearTimeout(timer);
    }, [at, search]);

    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const again = () => {
            timer ??= setTimeout(() => {
                timer = undefined;
                void loading.current();
            }, RELOAD_MS);
        };
        const stop = listen(id, ({ ended, presence }) => {
            setList(({ total, rows }) => {
                const place = rows.findIndex(({ $id }) => $id === presence.$id);
                if (place < 0) return { total, rows };
                if (ended) return { total: total - 1, rows: rows.filter(({ $id }) => $id !== presence.$id) };
                return { total, rows: rows.with(place, presence) };
            });
            again();
        }, (open) => {
            setLive(open);
            if (open) again();
        });
        const tick = setInterval(() => setNow(Date.now()), 1_000);
        return () => {
            stop();
            clearTimeout(timer);
            clearInterval(tick);
        };
    }, [id]);

    const metadata = (row: Row) => JSON.stringify(row.metadata);
    return (
        <section aria-label="Here now">
            <div class="row">
                <Field
                    name="search"
                    label="Search status, user or id"
                    type="search"
                    value={search}
                    onInput={(event: InputEvent) => {
                        setSearch((event.target as HTMLInputElement).value);
                        setAt(0);
                    }}
                />
                <p class={live ? "live" : "soft"} role="status">{live ? "Live" : "Not connected"}</p>
            </div>
            {wrong && <p class="wrong" role="alert">{wrong}</p>}
            <Table
                label="Presences"
                list={list}
                at={at}
                go={setAt}
                empty={search ? "Nobody fits that search." : "Nobody is here."}
                columns={[
                    {
                        name: "User",
                        show: (row) => (
                            <button class="link" onClick={() => setShown(row.$id)} aria-label={`Details of ${row.userId}`}>
                                {row.userId}
                            </button>
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
                            <button
                                class="button quiet small"
                                aria-label={`Force offline: ${row.userId}`}
                                onClick={() => setEnding(row)}
                            >
                                Force offline
                            </button>
                        ),
                    },
                ]}
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
                        await load();
                    }}
                />
            )}
        </section>
    );
}
