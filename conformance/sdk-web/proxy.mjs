// A TCP proxy that can lose the network, silently or with a reset. Knows nothing of what passes through. DevTools'
// offline mode is no substitute: it leaves open sockets running.

import { connect, createServer } from "node:net";

/** Forwards connections to a port on the loopback until told to cut them. */
export class CuttingProxy {
    /** Both ends of each connection, and whether it is black-holed. */
    #lines = new Set();
    /** Who connected while the line was cut. */
    #waiting = new Set();
    #cut = false;

    static async start(target) {
        const proxy = new CuttingProxy();
        proxy.target = target;
        proxy.server = createServer((client) => proxy.#accept(client));
        await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
        proxy.port = proxy.server.address().port;
        return proxy;
    }

    /** Black hole: what is connected stays open and carries nothing any more; who connects now waits for `heal`. */
    cut() {
        this.#cut = true;
        for (const line of this.#lines) {
            line.dead = true;
            for (const [end, other] of [[line.client, line.server], [line.server, line.client]]) {
                end.unpipe(other);
                end.pause();
            }
        }
    }

    /** Lets new connections, and those that wait, through again. */
    heal() {
        this.#cut = false;
        for (const client of this.#waiting) this.#forward(client);
        this.#waiting.clear();
    }

    /** Ends what was cut with a reset on both sides. */
    reset() {
        this.resetClients();
        for (const line of this.#dead()) line.server.resetAndDestroy();
    }

    /** Ends what was cut with a reset for the clients alone, as when a laptop changes networks: the server learns nothing. */
    resetClients() {
        for (const line of this.#dead()) line.client.resetAndDestroy();
    }

    stop() {
        for (const { client, server } of this.#lines) {
            client.destroy();
            server.destroy();
        }
        for (const client of this.#waiting) client.destroy();
        this.server.close();
    }

    #dead() {
        return [...this.#lines].filter((line) => line.dead);
    }

    #accept(client) {
        // A reset is news to nobody here.
        client.on("error", () => {});
        if (this.#cut) this.#waiting.add(client);
        else this.#forward(client);
    }

    #forward(client) {
        const server = connect(this.target, "127.0.0.1");
        const line = { client, server, dead: false };
        this.#lines.add(line);
        server.on("error", () => line.dead || client.resetAndDestroy());
        server.on("close", () => line.dead || client.destroy());
        client.on("close", () => {
            if (!line.dead) server.destroy();
        });
        client.pipe(server);
        server.pipe(client);
    }
}
