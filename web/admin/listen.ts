// The socket of a project's presences. Tells what it hears in gatherings, so that no rush of events melts the page.

import { ENDPOINT, type Row } from "./api";

/** Events are told at most so often. */
const GATHER_MS = 250;
/** Of one gathering no more are looked at: a list that missed some is read again anyway. */
const MOST_HEARD = 200;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** What happened since the last gathering: the newest of each presence, null where it has ended. */
export type Heard = Map<string, Row | null>;

/** Listens, and comes back when the connection is lost, until the answer is called. */
export function listen(project: string, hear: (heard: Heard) => void, live: (open: boolean) => void): () => void {
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = FIRST_PAUSE_MS;
    const gathered = gather(hear);
    const open = () => {
        const url = new URL(`${ENDPOINT}/realtime`);
        url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
        url.search = new URLSearchParams({ project, mode: "admin", "channels[]": "presences" }).toString();
        socket = new WebSocket(url);
        let welcome = false;
        socket.onmessage = ({ data }) => {
            if (welcome) return gathered.take(String(data));
            welcome = JSON.parse(String(data)).type === "connected";
            if (!welcome) return;
            pause = FIRST_PAUSE_MS;
            live(true);
        };
        socket.onclose = ({ code }) => {
            live(false);
            if (code === 1008) return;
            timer = setTimeout(open, pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        };
    };
    open();
    return () => {
        clearTimeout(timer);
        gathered.stop();
        if (socket) {
            socket.onclose = null;
            socket.close();
        }
    };
}

function gather(hear: (heard: Heard) => void) {
    let texts: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
        timer = undefined;
        const heard: Heard = new Map();
        for (const text of texts) {
            const { type, data } = JSON.parse(text);
            if (type !== "event") continue;
            const ended = data.events.some((name: string) => name.endsWith(".delete"));
            heard.set(data.payload.$id, ended ? null : data.payload);
        }
        texts = [];
        hear(heard);
    };
    return {
        take(text: string) {
            if (texts.length < MOST_HEARD) texts.push(text);
            timer ??= setTimeout(tell, GATHER_MS);
        },
        stop: () => clearTimeout(timer),
    };
}
