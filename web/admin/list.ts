// One page of a list, as the server cuts it. Rows come first; what fits a search is counted behind them, and not at each
// change. Knows no model.

import { Query } from "@appwrite.io/console";
import { useEffect, useRef, useState } from "preact/hooks";

import { type Call, PAGE_ROWS, passes, reason, type Row } from "./api";

/** Keys may be pressed so fast after each other until the server is asked. */
const TYPING_MS = 80;
const RETRY_MS = 3_000;
/** A count is good for so long, however often the rows are read again. */
const COUNT_MS = 10_000;

export type List = {
    /** Where the page begins. */
    at: number;
    rows: Row[];
    /** Whether others follow. */
    more: boolean;
    /** How many there are on all pages; unknown until they are counted. */
    total?: number | undefined;
    /** Whether it is still the answer to another wish. */
    old?: boolean;
};

/** What is wanted of a list. */
export type Wish = {
    call: Call;
    path: string;
    key: string;
    at: number;
    filters?: string[];
    order?: string[];
    search?: string;
};

const NONE: string[] = [];

export function useList({ call, path, key, at, filters = NONE, order = NONE, search = "" }: Wish) {
    const [list, setList] = useState<List & { of: string }>();
    const [wrong, setWrong] = useState("");
    const asked = useRef(0);
    const counted = useRef<{ of: string; at: number; total: number } | undefined>(undefined);
    const retry = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    const of = JSON.stringify([path, filters, search]);
    const narrow = filters.length > 0 || search !== "";
    const words = search ? { search } : {};

    const count = async (mine: number) => {
        const found = await call("get", path, { queries: [...filters, Query.limit(1)], ...words }).catch(() => {});
        if (!found || mine !== asked.current) return;
        counted.current = { of, at: Date.now(), total: found.total };
        setList((list) => list && { ...list, total: list.rows.length ? Math.max(found.total, at + list.rows.length) : found.total });
    };
    const read = async () => {
        clearTimeout(retry.current);
        const mine = ++asked.current;
        const queries = [...filters, ...order, Query.limit(PAGE_ROWS + 1), Query.offset(at)];
        try {
            const found = await call("get", path, { queries, total: !narrow, ...words });
            // An answer that comes late must not replace a newer one.
            if (mine !== asked.current) return;
            const rows = found[key].slice(0, PAGE_ROWS);
            const more = found[key].length > PAGE_ROWS;
            const whole = !more && (rows.length > 0 || at === 0);
            const known = counted.current?.of === of ? counted.current : undefined;
            setList({ of, at, rows, more, total: !narrow ? found.total : whole ? at + rows.length : known?.total });
            setWrong("");
            if (narrow && !whole && Date.now() - (known?.at ?? 0) > COUNT_MS) void count(mine);
        } catch (error) {
            if (mine !== asked.current) return;
            setWrong(reason(error));
            if (passes(error)) retry.current = setTimeout(() => void latest.current(), RETRY_MS);
        }
    };
    const latest = useRef(read);
    latest.current = read;
    const before = useRef(of);

    useEffect(() => {
        const wait = before.current === of ? 0 : TYPING_MS;
        before.current = of;
        const timer = setTimeout(() => void latest.current(), wait);
        return () => clearTimeout(timer);
    }, [of, at, call]);
    useEffect(() => () => {
        asked.current = -1;
        clearTimeout(retry.current);
    }, []);
    return {
        list: list && { ...list, old: list.of !== of || list.at !== at },
        wrong,
        /** Reads the page again. */
        again: () => latest.current(),
        /** Changes the rows that are there, until they are read again. */
        edit: (change: (rows: Row[]) => Row[]) => setList((list) => list && { ...list, rows: change(list.rows) }),
    };
}
