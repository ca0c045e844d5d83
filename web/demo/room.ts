// The life of one visit: joins, says what changed, hears what others say, leaves. Knows the SDK, and nothing of what is
// drawn: whoever draws is told that something changed and reads the fields.

import { Channel, ID, type Models, Permission, type Realtime, type RealtimeResponseEvent, Role } from "appwrite";

import { type Heard, Journal } from "./journal";
import { freeColour, type Person, readPerson, type Spot, type Status } from "./person";
import { openRealtime, presences, signIn, signOut } from "./server";
import { edit, firstLines, lineName, type Lines, merge } from "./text";

/** Under the 600 messages a minute that a socket may send, with room for the SDK's own. */
const SAY_EVERY_MS = 125;
/** How long after the last key somebody counts as typing. */
const TYPING_MS = 1_500;
const NEWS_MAX = 3;
/** Codes of errors that no waiting mends: not signed in any more, not allowed any more. */
const REFUSALS = [401, 403, 1008];

export interface News {
    key: number;
    sentence: string;
}

/** How it stands with the server; `refused`: the session is over, so that nothing that is said counts. */
export type Link = "opening" | "open" | "lost" | "refused";

export class Room {
    readonly people = new Map<string, Person>();
    readonly journal = new Journal();
    lines: Lines = firstLines();
    link: Link = "opening";
    /** The last comings and goings. */
    news: News[] = [];

    #realtime: Realtime = openRealtime();
    #presenceId: string = ID.unique();
    #status: Exclude<Status, "typing"> = document.hasFocus() ? "online" : "away";
    #line: number | null = null;
    #cursor: Spot | null = null;
    #colour = 0;
    #confirmed = false;
    #told = 0;
    #gone = new Set<string>();
    #sayTimer: ReturnType<typeof setTimeout> | undefined;
    #saidAt = 0;
    #typingTimer: ReturnType<typeof setTimeout> | undefined;
    #changed: () => void;

    private constructor(
        readonly userId: string,
        readonly name: string,
        changed: () => void,
    ) {
        this.#changed = changed;
    }

    /** Signs in, says hello, and hears everybody from then on. */
    static async join(name: string, changed: () => void): Promise<Room> {
        const userId = await signIn();
        const room = new Room(userId, name, changed);
        const already = await room.#list();
        room.#colour = room.people.get(userId)?.colour ?? freeColour(room.people.values());
        if (already > 0) room.#tell(already === 1 ? "One person was here before you" : `${already} people were here before you`);
        room.#realtime.onOpen(() => room.#linked("open"));
        room.#realtime.onClose(() => room.#linked("lost"));
        room.#realtime.onError((_, code) => code !== undefined && REFUSALS.includes(code) && room.#linked("refused"));
        await room.#realtime.subscribe<Models.Presence>(Channel.presences(), (event) => room.#hear(event));
        room.#say();
        return room;
    }

    get me(): Person | undefined {
        return this.people.get(this.userId);
    }

    setStatus(status: "online" | "away"): void {
        if (status === this.#status) return;
        this.#status = status;
        if (status === "away") this.#cursor = null;
        this.#say();
    }

    setCursor(cursor: Spot | null): void {
        if (cursor?.x === this.#cursor?.x && cursor?.y === this.#cursor?.y) return;
        this.#cursor = cursor;
        this.#say();
    }

    setLine(line: number | null): void {
        if (line === this.#line) return;
        this.#line = line;
        if (line === null) this.#stopTyping();
        this.#say();
    }

    type(index: number, text: string): void {
        this.lines = edit(this.lines, index, text, this.userId);
        clearTimeout(this.#typingTimer);
        this.#typingTimer = setTimeout(() => {
            this.#stopTyping();
            this.#say();
        }, TYPING_MS);
        this.#say();
        this.#changed();
    }

    /** Says goodbye, as the guide has it: the presence first, then the session. */
    async leave(): Promise<void> {
        clearTimeout(this.#sayTimer);
        this.#stopTyping();
        // Where the session is over already, the server has ended the presence with it.
        if (this.link !== "refused") await presences.delete({ presenceId: this.me?.presenceId ?? this.#presenceId });
        await this.#realtime.disconnect();
        await signOut();
    }

    #stopTyping(): void {
        clearTimeout(this.#typingTimer);
        this.#typingTimer = undefined;
    }

    /** Says all of it soon: whatever changes until then goes along. */
    #say(): void {
        if (this.#sayTimer !== undefined) return;
        const wait = Math.max(0, this.#saidAt + SAY_EVERY_MS - performance.now());
        this.#sayTimer = setTimeout(() => {
            this.#sayTimer = undefined;
            this.#saidAt = performance.now();
            void this.#realtime.upsertPresence({
                presenceId: this.#presenceId,
                status: this.#typingTimer === undefined ? this.#status : "typing",
                metadata: {
                    name: this.name,
                    colour: this.#colour,
                    page: location.pathname,
                    line: this.#line,
                    cursor: this.#cursor,
                    lines: this.lines,
                },
                permissions: [Permission.read(Role.users())],
            });
        }, wait);
    }

    #hear(event: RealtimeResponseEvent<Models.Presence>): void {
        const presence = event.payload;
        const person = readPerson(presence);
        const gone = event.events.includes("presences.*.delete");
        const before = this.people.get(presence.userId);
        if (!person) return;
        this.journal.add(heard(event, before, person));
        if (gone) {
            this.#gone.add(presence.userId);
            this.people.delete(presence.userId);
            if (before && presence.userId !== this.userId) this.#left(before);
        } else {
            this.#gone.delete(presence.userId);
            this.people.set(presence.userId, person);
            this.lines = merge(this.lines, person.lines);
            if (!before && presence.userId !== this.userId) this.#tell(`${person.name} came`);
        }
        // One's own word is heard only once the subscription stands: a list from now on misses nothing.
        if (presence.userId === this.userId && !this.#confirmed) {
            this.#confirmed = true;
            void this.#list().catch(() => undefined);
        }
        this.#changed();
    }

    /** Takes in everybody who is here; gives how many others there are. */
    async #list(): Promise<number> {
        const known = new Set(this.people.keys());
        this.#gone.clear();
        const { presences: listed } = await presences.list();
        const present = listed.map(readPerson).filter((person) => person !== null);
        for (const userId of known) {
            if (!present.some((person) => person.userId === userId)) this.people.delete(userId);
        }
        for (const person of present) {
            const newer = (this.people.get(person.userId)?.updatedAt ?? "") > person.updatedAt;
            if (newer || this.#gone.has(person.userId)) continue;
            this.people.set(person.userId, person);
            this.lines = merge(this.lines, person.lines);
        }
        this.#changed();
        return present.filter((person) => person.userId !== this.userId).length;
    }

    #left(person: Person): void {
        this.#tell(`${person.name} left`);
        // Their record may have been the only one that carried the newest text.
        this.#say();
    }

    #linked(link: Link): void {
        if (this.link === "lost" && link === "open") {
            this.#confirmed = false;
            this.#tell("Connected again");
        }
        if (link === "lost") this.#tell("The connection is lost; trying again");
        if (link === "refused") {
            this.#tell("This session has ended; leave, and join again");
            this.people.delete(this.userId);
        }
        this.link = link;
        this.#changed();
    }

    #tell(sentence: string): void {
        this.#told += 1;
        this.news = [...this.news, { key: this.#told, sentence }].slice(-NEWS_MAX);
        this.#changed();
    }
}

function heard(event: RealtimeResponseEvent<Models.Presence>, before: Person | undefined, now: Person): Heard {
    const action = event.events[0]?.split(".").at(-1) ?? "";
    return { action, name: now.name, colour: now.colour, what: difference(action, before, now), time: event.timestamp };
}

/** What an event changed, in a few words. */
function difference(action: string, before: Person | undefined, now: Person): string {
    if (action === "delete") return "gone";
    if (!before) return "here";
    if (before.status !== now.status) return now.status;
    // What others wrote travels along in everybody's presence, and is no news of theirs.
    const own = (index: number) => now.lines[index]?.by === now.userId && now.lines[index]?.change !== before.lines[index]?.change;
    const line = now.lines.findIndex((_, index) => own(index));
    if (line >= 0) return `wrote in ${lineName(line).toLowerCase()}`;
    if (before.line !== now.line) return now.line === null ? "out of the text" : `in ${lineName(now.line).toLowerCase()}`;
    if (now.cursor && (before.cursor?.x !== now.cursor.x || before.cursor.y !== now.cursor.y)) return "cursor";
    return before.cursor && !now.cursor ? "cursor gone" : "the same again";
}
