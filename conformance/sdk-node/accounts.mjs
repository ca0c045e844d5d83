// Stage two: sessions, JWTs, teams and labels, through the Node SDK and the web SDK under Node.

import { Client, ID, Permission, Presences, Query, Role, Teams, Users } from "node-appwrite";
import { Account, Channel, Presences as WebPresences } from "appwrite";

import { check, equal, fresh, refused, runLane, server } from "../harness/checks.mjs";
import { Listener, webClient } from "./listener.mjs";

const backend = new Client().setEndpoint(server.endpoint).setProject(server.project).setKey(server.key);
const users = new Users(backend);
const teams = new Teams(backend);

const FOR_USERS = [Permission.read(Role.users())];

/** A new user with a session that the backend made, as server-side rendering does it. */
async function signedIn() {
    const { $id: userId } = await users.create({ userId: ID.unique() });
    const { $id: sessionId, secret } = await users.createSession({ userId });
    return { userId, sessionId, secret, client: webClient((client) => client.setSession(secret)) };
}

await runLane(async () => {
    const alice = await signedIn();
    const bob = await signedIn();

    await check("the ping is answered", async () => {
        equal(await webClient().ping(), { message: "Pong!" }, "the answer");
    });

    await check("a session made by the backend signs a client in", async () => {
        equal((await new Account(alice.client).get()).$id, alice.userId, "who is signed in");
    });

    await check("a session's user writes and reads presences, and cannot write another's", async () => {
        const presences = new WebPresences(alice.client);
        const made = await presences.upsert({ presenceId: fresh("alice"), status: "online", permissions: FOR_USERS });
        equal(made.userId, alice.userId, "whose it is");
        equal(await new WebPresences(bob.client).get({ presenceId: made.$id }), made, "what another user reads");
        const byServerSdk = new Presences(new Client().setEndpoint(server.endpoint).setProject(server.project).setSession(bob.secret));
        equal((await byServerSdk.list({ queries: [Query.equal("userId", [alice.userId])] })).total, 1, "what the Node SDK lists");
        const stolen = { presenceId: fresh("stolen"), userId: alice.userId, status: "x" };
        await refused(401, "general_unauthorized_scope", () => byServerSdk.upsert(stolen));
        const change = { presenceId: made.$id, status: "x" };
        await refused(401, "user_unauthorized", () => new WebPresences(bob.client).update(change));
        await refused(401, "user_unauthorized", () => new WebPresences(bob.client).delete({ presenceId: made.$id }));
    });

    await check("a presence set over a socket that signs in within comes and goes with it", async () => {
        const watcher = await Listener.start(bob.client, Channel.presences());
        const writer = await Listener.start(alice.client, Channel.presences());
        const carol = await signedIn();
        const holder = await Listener.start(carol.client, Channel.account());
        const presenceId = fresh("carol");
        await holder.realtime.upsertPresence({ presenceId, status: "online", permissions: FOR_USERS });
        equal((await watcher.hears(presenceId, "upsert")).payload.userId, carol.userId, "whose it is");
        await holder.stop();
        await watcher.hears(presenceId, "delete");
        await writer.hears(presenceId, "delete");
        equal([...watcher.errors, ...writer.errors, ...holder.errors], [], "the errors they were told");
        await watcher.stop();
        await writer.stop();
    });

    await check("a JWT signs a client in, over HTTP and on the socket", async () => {
        const { jwt } = await users.createJWT({ userId: alice.userId });
        const client = webClient((client) => client.setJWT(jwt));
        equal((await new Account(client).get()).$id, alice.userId, "who is signed in");
        const listener = await Listener.start(client, Channel.presences());
        const dave = await signedIn();
        const presence = { presenceId: fresh("dave"), status: "typing", permissions: [Permission.read(Role.user(alice.userId))] };
        const made = await new WebPresences(dave.client).upsert(presence);
        equal((await listener.hears(made.$id, "upsert")).payload, made, "what she hears");
        await listener.stop();
    });

    await check("teams and labels decide who reads", async () => {
        const team = await teams.create({ teamId: ID.unique(), name: "Crew" });
        await teams.createMembership({ teamId: team.$id, roles: ["helm"], userId: bob.userId });
        await users.updateLabels({ userId: bob.userId, labels: ["vip"] });
        const erin = await signedIn();
        const presences = new WebPresences(erin.client);
        for (const role of [Role.team(team.$id), Role.team(team.$id, "helm"), Role.label("vip")]) {
            const permissions = [Permission.read(role)];
            const { $id: presenceId } = await presences.upsert({ presenceId: fresh("erin"), status: role, permissions });
            equal((await new WebPresences(bob.client).get({ presenceId })).status, role, `what a holder of ${role} reads`);
            await refused(404, "presence_not_found", () => new WebPresences(alice.client).get({ presenceId }));
        }
    });

    await check("a session that the user ends is worth nothing, and the presence lives on until deleted", async () => {
        const frank = await signedIn();
        const presences = new WebPresences(frank.client);
        const { $id: presenceId } = await presences.upsert({ presenceId: fresh("frank"), status: "online", permissions: FOR_USERS });
        await new Account(frank.client).deleteSession({ sessionId: "current" });
        await refused(401, "general_unauthorized_scope", () => presences.get({ presenceId }));
        equal((await new WebPresences(bob.client).get({ presenceId })).$id, presenceId, "what others still read");
        await new Presences(backend).delete({ presenceId });
        await refused(404, "presence_not_found", () => new WebPresences(bob.client).get({ presenceId }));
    });
});
