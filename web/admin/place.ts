// What the address names behind its #: a path, and the search and filters of a screen, so that a link shows the same to
// somebody else. Knows no screen.

import { useEffect, useState } from "preact/hooks";

const parts = () => location.hash.replace(/^#\/?/, "").split("?");

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

const path = () => parts()[0]!.split("/").map(decoded);
const params = () => Object.fromEntries(new URLSearchParams(parts().slice(1).join("?")));

/** Something of the address, kept when somebody follows a link or goes back. */
function useAddress<T>(read: () => T): [T, (now: T) => void] {
    const [value, setValue] = useState(read);
    useEffect(() => {
        const moved = () => setValue(read());
        addEventListener("hashchange", moved);
        return () => removeEventListener("hashchange", moved);
    }, []);
    return [value, setValue];
}

export const usePath = (): string[] => useAddress(path)[0];

export type Params = Record<string, string>;

/** The parameters of the screen, and how to change some; empty ones go. */
export function useParams(): [Params, (change: Params) => void] {
    const [now, setNow] = useAddress(params);
    const change = (change: Params) => {
        const next = Object.fromEntries(Object.entries({ ...params(), ...change }).filter(([, value]) => value !== ""));
        const query = new URLSearchParams(next).toString();
        // Every key that is pressed would be a step back else.
        history.replaceState(null, "", `#/${parts()[0]}${query && "?"}${query}`);
        setNow(next);
    };
    return [now, change];
}

/** Where the page of a list begins, from its parameter. */
export const start = (params: Params) => Math.max(0, Math.trunc(Number(params.at)) || 0);
