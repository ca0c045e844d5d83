// The filters of the presences: what the server is asked, and the same for a record that a socket tells of. Knows no screen.

import { Query } from "@appwrite.io/console";

import type { Row } from "./api";
import type { Params } from "./place";

type Filter = {
    name: string;
    label: string;
    /** What there is to choose from; without it, one types. */
    choices?: [value: string, name: string][];
    query: (value: string) => string;
    fits: (row: Row, value: string) => boolean;
};

const SEARCHED = ["status", "userId", "$id"];
const soon = (seconds: string) => Date.now() + Number(seconds) * 1_000;
// As the server has it, patterns do not see case.
const begins = (text: string, start: string) => text.toLowerCase().startsWith(start.toLowerCase());
const holds = (text: string, some: string) => text.toLowerCase().includes(some.toLowerCase());

/** By the name of their parameter in the address. */
export const FILTERS: Filter[] = [
    {
        name: "search",
        label: "Search status, user or id",
        query: (text) => Query.or(SEARCHED.map((attribute) => Query.contains(attribute, [text]))),
        fits: (row, text) => SEARCHED.some((attribute) => holds(row[attribute], text)),
    },
    {
        name: "status",
        label: "Status begins with",
        query: (text) => Query.startsWith("status", text),
        fits: (row, text) => begins(row.status, text),
    },
    {
        name: "user",
        label: "User id begins with",
        query: (text) => Query.startsWith("userId", text),
        fits: (row, text) => begins(row.userId, text),
    },
    {
        name: "expires",
        label: "Expires within",
        choices: [["", "any time"], ["60", "a minute"], ["600", "10 minutes"], ["3600", "an hour"], ["86400", "a day"]],
        query: (seconds) => Query.lessThan("expiresAt", new Date(soon(seconds)).toISOString()),
        fits: (row, seconds) => Date.parse(row.expiresAt) < soon(seconds),
    },
    {
        name: "source",
        label: "Written over",
        choices: [["", "anything"], ["rest", "HTTP"], ["realtime", "a socket"], ["graphql", "GraphQL"]],
        query: (source) => Query.equal("source", source),
        fits: (row, source) => row.source === source,
    },
];

export type Chosen = { filter: Filter; value: string };

/** Those that are set. A link may hold anything: what cannot be chosen is not. */
export function setIn(params: Params): Chosen[] {
    const all = FILTERS.map((filter) => ({ filter, value: (params[filter.name] ?? "").trim() }));
    return all.filter(({ filter: { choices }, value }) => value && (!choices || choices.some(([choice]) => choice === value)));
}

export const queries = (set: Chosen[]) => set.map(({ filter, value }) => filter.query(value));
export const fits = (set: Chosen[], row: Row) => set.every(({ filter, value }) => filter.fits(row, value));
export const shown = ({ filter, value }: Chosen) => filter.choices?.find(([choice]) => choice === value)?.[1] ?? value;
