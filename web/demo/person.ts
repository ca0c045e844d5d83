// Somebody who is here, as read from a presence. What others wrote is not trusted: it is read field by field.

import type { Models } from "appwrite";

import { type Lines, readLines } from "./text";

export const COLOURS = 8;
export const NAME_MAX = 24;

export type Status = "online" | "away" | "typing";

/** A place on the sheet, in thousandths of its width and height. */
export interface Spot {
    x: number;
    y: number;
}

export interface Person {
    userId: string;
    presenceId: string;
    name: string;
    colour: number;
    status: Status;
    page: string;
    /** The line that they are in. */
    line: number | null;
    cursor: Spot | null;
    lines: Lines;
    updatedAt: string;
}

/** Reads a presence; null where another app wrote it. */
export function readPerson(presence: Models.Presence): Person | null {
    const metadata = record(presence.metadata);
    const name = typeof metadata.name === "string" ? metadata.name.trim().slice(0, NAME_MAX) : "";
    if (!name) return null;
    return {
        userId: presence.userId,
        presenceId: presence.$id,
        name,
        colour: whole(metadata.colour, COLOURS - 1) ?? 0,
        status: presence.status === "away" || presence.status === "typing" ? presence.status : "online",
        page: typeof metadata.page === "string" ? metadata.page : "",
        line: whole(metadata.line, 99),
        cursor: readSpot(metadata.cursor),
        lines: readLines(metadata.lines),
        updatedAt: presence.$updatedAt,
    };
}

/** The first letters of a name, for a small round picture. */
export function initials(name: string): string {
    const words = name.split(/\s+/).filter(Boolean);
    const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
    return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

/** A colour that nobody here has, where there is one. */
export function freeColour(people: Iterable<Person>): number {
    const taken = new Set([...people].map((person) => person.colour));
    const free = Array.from({ length: COLOURS }, (_, colour) => colour).filter((colour) => !taken.has(colour));
    return free[0] ?? Math.floor(Math.random() * COLOURS);
}

function readSpot(value: unknown): Spot | null {
    const { x, y } = record(value);
    const [left, top] = [whole(x, 1000), whole(y, 1000)];
    return left === null || top === null ? null : { x: left, y: top };
}

export function record(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** A whole number from 0 to `most`, else null. */
export function whole(value: unknown, most: number): number | null {
    const fits = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
    return fits ? value : null;
}
