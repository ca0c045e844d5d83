// The shared text: a few lines, each with the number of its last change. Of two versions of a line the one with the higher
// number wins, of equal numbers the one whose writer's id is greater, so that everybody ends with the same text.
// Two people who type into one line at the same moment overwrite each other: this is a demo of presences, not an editor.

export const LINE_MAX = 120;

const FIRST = [
    "Saturday, by the lake",
    "Bread, cheese and a knife",
    "Something cold to drink",
    "Who has a boat?",
    "Blankets, three at least",
    "Back before it gets dark",
];
const CHANGES_MAX = Number.MAX_SAFE_INTEGER;

export interface Line {
    text: string;
    /** How often it was changed. */
    change: number;
    /** Who changed it last. */
    by: string;
}

export type Lines = Line[];

export function firstLines(): Lines {
    return FIRST.map((text) => ({ text, change: 0, by: "" }));
}

/** The lines in what somebody wrote; what is none of ours counts as the unchanged line. */
export function readLines(value: unknown): Lines {
    const given: unknown[] = Array.isArray(value) ? value : [];
    return firstLines().map((first, index) => {
        const { text, change, by } = (given[index] ?? {}) as Partial<Record<keyof Line, unknown>>;
        const valid = typeof text === "string" && typeof by === "string" && typeof change === "number";
        if (!valid || !Number.isInteger(change) || change < 0 || change > CHANGES_MAX) return first;
        return { text: clean(text), change, by };
    });
}

/** Line by line the newer of both; the same object where nothing is news. */
export function merge(ours: Lines, theirs: Lines): Lines {
    const merged = ours.map((line, index) => {
        const other = theirs[index];
        return other && isNewer(other, line) ? other : line;
    });
    return merged.every((line, index) => line === ours[index]) ? ours : merged;
}

export function edit(lines: Lines, index: number, text: string, by: string): Lines {
    return lines.map((line, at) => (at === index ? { text: clean(text), change: line.change + 1, by } : line));
}

/** What people call a line. */
export function lineName(index: number): string {
    return index === 0 ? "Title" : `Line ${index}`;
}

function isNewer(one: Line, other: Line): boolean {
    return one.change > other.change || (one.change === other.change && one.by > other.by);
}

function clean(text: string): string {
    return text.replaceAll(/\s*\n\s*/g, " ").slice(0, LINE_MAX);
}
