// The web SDK from before the message protocol, which names its subscriptions in the URL, under Node: both of its ways
// to subscribe.

import "./window.mjs";
import { Client as Backend, ID, Permission, Presences, Query, Role, Users } from "node-appwrite";
import { Account, Client, Realtime } from "appwrite-legacy";

import { check, equal, eventually, fresh, runLane, server, truth } from "../harness/checks.mjs";

const backend = new Backend().setEndpoint(server.endpoint).setProject(server.project).setKey(server.key);
const presences = new Presences(backend);
const users = new Users(backend);

const client = () => new Client().setEndpoint(server.endpoint).setProject(server.project);

/** A presence of a new user that everybody may read, unless it is said. */
async function present(fields = {}) {
    const { $id: userId } = await users.create({ userId: ID.unique() });
    const permissions = [Permission.read(Role.any())];
    return presences.upsert({ presenceId: fresh("presence"), userId, status: "online", permissions, ...fields });
}

/** Whether the server has named an id for each of so many subscriptions on the socket that is open now. */
function confirmed(realtime, slots) {
    const known = [...realtime.slotToSubscriptionId.keys()].sort();
    return realtime.socket?.readyState === WebSocket.OPEN && JSON.stringify(known) === JSON.stringify(slots);
}

/** Waits for an event of this name among those heard. */
function hears(heard, name) {
    return eventually(name, () => heard.find((event) => event.events.includes(name)));
}

/** Someone with a session that their client carries. */
async function signedIn() {
    const { $id: userId } = await users.create({ userId: ID.unique() });
    const { secret } = await users.createSession({ userId });
    return { userId, client: client().setSession(secret) };
}

await runLane(async () => {
    await check("client.subscribe hears a presence come, change and go", async () => {
        const guest = client();
        const heard = [];
        const stop = guest.subscribe("presences", (event) => heard.push(event));
        await eventually("the subscription's id", () => confirmed(guest.realtime, [0]));
        const made = await present();
        equal((await hears(heard, `presences.${made.$id}.upsert`)).payload, made, "the upsert's payload");
        await presences.update({ presenceId: made.$id, userId: made.userId, status: "away" });
        equal((await hears(heard, `presences.${made.$id}.update`)).payload.status, "away", "the update's status");
        await presences.delete({ presenceId: made.$id });
        await hears(heard, `presences.${made.$id}.delete`);
        stop();
        await eventually("the end of the socket", () => guest.realtime.socket.readyState === WebSocket.CLOSED);
    });

    await check("each subscription in the URL hears its own channels and queries, and outlives another", async () => {
        const guest = client();
        const [first, second, third] = [[], [], []];
        const one = fresh("one");
        const stop = guest.subscribe("presences", (event) => first.push(event), [Query.equal("status", ["wanted"])]);
        guest.subscribe([`presences.${one}`, "presences.delete"], (event) => second.push(event));
        guest.subscribe("presences", (event) => third.push(event));
        await eventually("three ids", () => confirmed(guest.realtime, [0, 1, 2]));
        await present({ presenceId: one });
        const wanted = await present({ status: "wanted" });
        await hears(first, `presences.${wanted.$id}.upsert`);
        await hears(third, `presences.${wanted.$id}.upsert`);
        equal([first.length, second.length, third.length], [1, 1, 2], "how many each has heard");
        equal(second[0].payload.$id, one, "what the second has heard");
        stop();
        await eventually("the two that are left", () => confirmed(guest.realtime, [1, 2]));
        const { $id: later } = await present({ status: "wanted" });
        await presences.delete({ presenceId: later });
        await hears(second, `presences.${later}.delete`);
        equal([first.length, second.length], [1, 2], "how many they have heard then");
        guest.realtime.reconnect = false;
        guest.realtime.socket.close();
    });

    await check("Realtime.subscribe counts its slots from one, and is told so", async () => {
        const realtime = new Realtime(client());
        const heard = [];
        const errors = [];
        realtime.onError((error) => errors.push(error.message));
        const subscription = await realtime.subscribe("presences", (event) => heard.push(event), [
            Query.equal("status", ["wanted"]),
        ]);
        await eventually("the subscription's id", () => confirmed(realtime, [1]));
        await present({ status: "unwanted" });
        const wanted = await present({ status: "wanted" });
        equal((await hears(heard, `presences.${wanted.$id}.upsert`)).payload, wanted, "the payload");
        equal([heard.length, errors], [1, []], "all that it has heard, and the errors");
        await subscription.close();
    });

    await check("a query that is not understood is an error, and the SDK does not come back", async () => {
        const realtime = new Realtime(client());
        const errors = [];
        realtime.onError((error, code) => errors.push(code));
        const ended = new Promise((resolve) => realtime.onClose(resolve));
        realtime.subscribe("presences", () => {}, ["nonsense"]).catch(() => {});
        await eventually("the error", () => errors.length > 0);
        await ended;
        equal(errors, [1008], "the codes");
    });

    await check("a session signs in behind the URL, and hears of its account and what users may read", async () => {
        const alice = await signedIn();
        const heard = [];
        alice.client.subscribe(["account", "presences"], (event) => heard.push(event));
        await eventually("the subscription's id", () => confirmed(alice.client.realtime, [0]));
        // An answer may come before the event: that of an earlier one counts too.
        const names = [];
        const made = await eventually("a presence that only users may read", async () => {
            const { $id } = await present({ permissions: [Permission.read(Role.users())] });
            names.push(`presences.${$id}.upsert`);
            return heard.find((event) => event.events.some((name) => names.includes(name)));
        });
        truth(made.payload.status === "online", "the presence is the one that was written");
        await new Account(alice.client).updateName({ name: "Alice" });
        const event = await hears(heard, `users.${alice.userId}.update.name`);
        equal(event.payload.name, "Alice", "the name that the event carries");
        truth(event.channels.includes(`account.${alice.userId}`), "the channel of her account is named");
        alice.client.realtime.reconnect = false;
        alice.client.realtime.socket.close();
    });
});
