// The console SDK's Realtime, and a record of what it heard. Holds no check.

import "./window.mjs";
import { Realtime } from "@appwrite.io/console";

import { eventually } from "../harness/checks.mjs";

/** One connection with one subscription, which is in the URL: it is there once `connected` has come. */
export class Listener {
    heard = [];
    errors = [];

    static async start(client, channels) {
        const listener = new Listener();
        const realtime = new Realtime(client);
        realtime.onError((error, code) => listener.errors.push({ message: error?.message, code }));
        let connected;
        realtime.onOpen(() => {
            realtime.socket.addEventListener("message", ({ data }) => {
                const message = JSON.parse(data);
                if (message.type === "connected") connected = message.data;
            });
        });
        listener.subscription = await realtime.subscribe(channels, (event) => listener.heard.push(event));
        await eventually("the server's greeting", () => connected);
        listener.user = connected.user;
        return listener;
    }

    /** Waits for an event and gives it. */
    hears(presenceId, action) {
        const name = `presences.${presenceId}.${action}`;
        return eventually(name, () => this.heard.find((event) => event.events.includes(name)));
    }

    stop() {
        return this.subscription.close();
    }
}
