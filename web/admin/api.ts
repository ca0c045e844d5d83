// How the page talks to its server: the official console SDK's client for everything. Knows no screen.

import { AppwriteException, Client } from "@appwrite.io/console";

export const ENDPOINT = `${location.origin}/v1`;
/** So many rows a table has at most. */
export const PAGE_ROWS = 25;
/** Told to the window when a call is refused for want of a session. */
export const REFUSED = "herenow:refused";

/** Whatever a list holds; screens know their models. */
export type Row = Record<string, any> & { $id: string };
export type Call = (method: string, path: string, params?: object, headers?: Record<string, string>) => Promise<any>;

function caller(client: Client): Call {
    return async (method, path, params = {}, more = {}) => {
        const headers = { "content-type": "application/json", ...more };
        try {
            return await client.call(method, new URL(ENDPOINT + path), headers, params as Record<string, any>);
        } catch (error) {
            if (isSignedOut(error)) dispatchEvent(new Event(REFUSED));
            throw error;
        }
    };
}

/** The console itself. */
export const consoleCall = caller(new Client().setEndpoint(ENDPOINT).setProject("console"));

/** A project, in admin mode. */
export const projectCall = (id: string): Call =>
    caller(new Client().setEndpoint(ENDPOINT).setProject(id).setMode("admin"));

/** A part of a path. */
export const part = encodeURIComponent;

/** What went wrong, for people. */
export function reason(error: unknown): string {
    if (error instanceof AppwriteException) {
        if (error.code === 429) return "Too many requests: the server asks to wait a while.";
        return error.message || `The server answered ${error.code}.`;
    }
    // All that `fetch` says of a server that is not there.
    if (error instanceof TypeError) return "The server does not answer.";
    return error instanceof Error ? error.message : String(error);
}

export const isSignedOut = (error: unknown) => error instanceof AppwriteException && error.code === 401;
export const isMissing = (error: unknown) => error instanceof AppwriteException && error.code === 404;

/** Whether the same call may do better a little later. */
export function passes(error: unknown): boolean {
    return error instanceof AppwriteException ? error.code === 429 || error.code >= 500 : error instanceof TypeError;
}
