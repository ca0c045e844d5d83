// The server that this page came from, and what its refusals mean. Knows nothing of what is drawn.

import { Account, AppwriteException, Client, Presences, Realtime } from "appwrite";

export const PROJECT = "demo";

const client = new Client().setEndpoint(`${location.origin}/v1`).setProject(PROJECT);

const account = new Account(client);
export const presences = new Presences(client);

/** A socket of its own for each time that somebody joins. */
export function openRealtime(): Realtime {
    return new Realtime(client);
}

/** Something that keeps the demo from running: a sentence, and the command that mends it where there is one. */
export interface Trouble {
    text: string;
    command?: string;
}

/** Why a call was refused, in words for whoever looks at the page. */
export function explain(error: unknown): Trouble {
    if (!(error instanceof AppwriteException) || !error.code) {
        return { text: "The server does not answer. Is it still running?" };
    }
    if (error.type === "project_not_found") {
        return {
            text: `This server has no project named ${PROJECT}, and the demo runs in that one. Make it, then load this page again:`,
            command: `herenow project create ${PROJECT} --name Demo --origin ${location.hostname}`,
        };
    }
    if (error.type === "general_unknown_origin") {
        return {
            text: `The project ${PROJECT} does not let in pages of ${location.hostname}. Add that name to its origins, or open this page under the server's public_url.`,
        };
    }
    if (error.code === 429) {
        return { text: "Too many people have joined from your address within the hour. Try again later." };
    }
    return { text: `The server refused: ${error.message}` };
}

/** Throws where the demo cannot run here. */
export async function probe(): Promise<void> {
    await client.ping();
}

/** Sees to it that this browser has a session; an earlier one will do. Gives the user's id. */
export async function signIn(): Promise<string> {
    // A guest who asks for its account is answered 401, which browsers log as an error: so only who has been here asks.
    if (localStorage.getItem(HAD_SESSION)) {
        const user = await account.get().catch(unless(401));
        if (user) return user.$id;
    }
    const session = await account.createAnonymousSession().catch(unless(401));
    localStorage.setItem(HAD_SESSION, "yes");
    // Refused where there is a session already: then that one is taken.
    return session ? session.userId : (await account.get()).$id;
}

/** Ends the session of this browser. */
export async function signOut(): Promise<void> {
    await account.deleteSession({ sessionId: "current" }).catch(unless(401));
    localStorage.removeItem(HAD_SESSION);
}

const HAD_SESSION = "herenow-demo-session";

function unless(code: number): (error: unknown) => null {
    return (error) => {
        if (error instanceof AppwriteException && error.code === code) return null;
        throw error;
    };
}
