// The web SDK's Realtime under Node, and a record of what it heard. Holds no check.

import "./window.mjs";
import { Client, Realtime } from "appwrite";

import { eventually, server } from "../harness/checks.mjs";

/** A client of the web SDK; `credentials` may set a session or a JWT. */
export function webClient(credentials = (client) => client) {
    return credentials(new Client().setEndpoint(server.endpoint).setProject(server.project));
}

/** One connection with one subscription. */
export class Listener {
    heard = [];
    errors = [];

    /** Subscribes and waits until the server has confirmed it, which the SDK itself does not tell. */
    static async start(client, channels, queries) {
        const listener = new Listener();
        listener.realtime = new Realtime(client);
        listener.realtime.onError((error, code) => listener.errors.push({ message: error?.message, code }));
        const opened = new Promise((resolve) => listener.realtime.onOpen(resolve));
        const subscribing = listener.realtime.subscribe(channels, (event) => listener.heard.push(event), queries);
        await opened;
        let confirmed = false;
        listener.realtime.socket.addEventListener("message", ({ data }) => {
            const message = JSON.parse(data);
            if (message.type === "response" && message.data.to === "subscribe") confirmed = true;
        });
        await subscribing;
        await eventually("the subscription's confirmation", () => confirmed);
        return listener;
    }

    /** Waits for an event and gives it. */
    hears(presenceId, action) {
        const name = `presences.${presenceId}.${action}`;
        return eventually(name, () => this.heard.find((event) => event.events.includes(name)));
    }

    stop() {
        return this.realtime.disconnect();
    }
}
