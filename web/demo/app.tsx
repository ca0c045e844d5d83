// Which of the page's faces shows: what is in the way, the door, or the room. Knows no presence.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { Code } from "./parts/code";
import { Door } from "./parts/door";
import { Events } from "./parts/events";
import { People } from "./parts/people";
import { Sheet } from "./parts/sheet";
import { Room } from "./room";
import { explain, probe, type Trouble } from "./server";

/** For this tab alone, so that a reload comes back in. */
const NAME_HERE = "herenow-demo-name";

export function App() {
    const [trouble, setTrouble] = useState<Trouble | null>(null);
    const [name, setName] = useState(sessionStorage.getItem(NAME_HERE) ?? "");
    const { room, join, leave } = useRoom(setTrouble);

    useEffect(() => {
        if (name) void join(name);
        else probe().catch((error: unknown) => setTrouble(explain(error)));
        // Once, for the name that the tab already had.
    }, []);

    const enter = async (name: string) => {
        setName(name);
        setTrouble(null);
        if (await join(name)) sessionStorage.setItem(NAME_HERE, name);
    };
    const out = async () => {
        sessionStorage.removeItem(NAME_HERE);
        setName("");
        await leave();
    };

    return (
        <>
            <header class="top">
                <p class="brand">
                    <span class="brand-dot" aria-hidden="true" />
                    Herenow
                </p>
                {room && (
                    <button type="button" class="button quiet" onClick={() => void out()}>
                        Leave
                    </button>
                )}
            </header>
            <main class={room ? "room" : "hall"}>
                {room ? (
                    <Inside room={room} />
                ) : (
                    <Door trouble={trouble} busy={Boolean(name) && !trouble} name={name} onEnter={(name) => void enter(name)} />
                )}
            </main>
        </>
    );
}

function Inside({ room }: { room: Room }) {
    return (
        <>
            <div class="stage">
                <People room={room} />
                <Sheet room={room} />
            </div>
            <div class="panels">
                <Events journal={room.journal} />
                <Code />
            </div>
            <p class="unseen" aria-live="polite" aria-atomic="false">
                {room.news.map(({ key, sentence }) => (
                    <span key={key}>{sentence}. </span>
                ))}
            </p>
        </>
    );
}

/** A visit, and a drawing of the page for each change of it. */
function useRoom(setTrouble: (trouble: Trouble | null) => void) {
    const [room, setRoom] = useState<Room | null>(null);
    const [, draw] = useState(0);
    const frame = useRef(0);
    const changed = useCallback(() => {
        // Many events may come between two frames.
        frame.current ||= requestAnimationFrame(() => {
            frame.current = 0;
            draw((drawn) => drawn + 1);
        });
    }, []);

    useEffect(() => {
        if (!room) return;
        const watch = () => room.setStatus(document.hasFocus() && !document.hidden ? "online" : "away");
        const [back, away] = [() => room.setStatus("online"), () => room.setStatus("away")];
        addEventListener("focus", back);
        addEventListener("blur", away);
        document.addEventListener("visibilitychange", watch);
        return () => {
            removeEventListener("focus", back);
            removeEventListener("blur", away);
            document.removeEventListener("visibilitychange", watch);
        };
    }, [room]);

    const join = async (name: string): Promise<boolean> => {
        try {
            setRoom(await Room.join(name, changed));
            return true;
        } catch (error) {
            setTrouble(explain(error));
            return false;
        }
    };
    const leave = async () => {
        setRoom(null);
        setTrouble(null);
        await room?.leave().catch((error: unknown) => setTrouble(explain(error)));
    };
    return { room, join, leave };
}
