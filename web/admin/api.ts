// How the page talks to its server: the official console SDK's client for everything. Knows no screen.

import { AppwriteException, Client } from "@appwrite.io/console";

export const ENDPOINT = `${location.origin}/v1`;
/** So many rows a table has at most. */
export const PAGE_ROWS = 25;

/** Whatever a list holds; screens know their models. */
export type Row = Record<string, any> & { $id: string };
export type List = { total: number; rows: Row[] };
export type Call = (method: string, path: string, params?: object) => Promise<any>;

function caller(client: Client): Call {
    return (method, path, params = {}) => {
        const headers = { "content-type": "application/json" };
        return client.call(method, new URL(ENDPOINT + path), headers, params as Record<string, any>);
    };
}

/** The console itself. */
export const consoleCall = caller(new Client().setEndpoint(ENDPOINT).setProject("console"));

/** A project, in admin mode. */
export const projectCall = (id: string): Call =>
    caller(new Client().setEndpoint(ENDPOINT).setProject(id).setMode("admin"));

/** What went wrong, for people. */
export function reason(error: unknown): string {
    if (error instanceof AppwriteException && error.message) return error.message;
    return error instanceof Error ? error.message : String(error);
}

export function isSignedOut(error: unknown): boolean {
    return error instanceof AppwriteException && error.code === 401;
}

/** What happened to a presence, as a socket tells it. */
export type Heard = { ended: boolean; presence: Row };

/** Listens to all presences of a project, and comes back when the connection is lost, until the answer is called. */
export function listen(project: string, hear: (heard: Heard) => void, live: (open: boolean) => void): () => void {
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = 1_000;
    const open = () => {
        const url = new URL(`${ENDPOINT}/realtime`);
        url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
        url.search = new URLSearchParams({ project, mode: "admin", "channels[]": "presences" }).toString();
        socket = new WebSocket(url);
        socket.onmessage = ({ data }) => {
            const message = JSON.parse(String(data));
            if (message.type === "connected") {
                pause = 1_000;
                live(true);
            } else if (message.type === "event") {
                const ended = message.data.events.some((name: string) => name.endsWith(".delete"));
                hear({ ended, presence: message.data.payload });
            }
        };
        socket.onclose = ({ code }) => {
            live(false);
            if (code === 1008) return;
            timer = setTimeout(open, pause);
            pause = Math.min(pause * 2, 30_000);
        };
    };
    open();
    return () => {
        clearTimeout(timer);
        if (socket) {
            socket.onclose = null;
            socket.close();
        }
    };
}
