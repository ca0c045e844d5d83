// Stage one: the Node SDK with an API key, and the web SDK under Node as a guest.

import { Client, Graphql, Permission, Presences, Query, Role, Users } from "node-appwrite";
import { Channel } from "appwrite";

import { check, equal, fresh, inSeconds, refused, runLane, server, truth } from "../harness/checks.mjs";
import { Listener, webClient } from "./listener.mjs";

const FIELDS = ["$createdAt", "$id", "$permissions", "$updatedAt", "expiresAt", "metadata", "source", "status", "userId"];

const client = () => new Client().setEndpoint(server.endpoint).setProject(server.project);
const presences = new Presences(client().setKey(server.key));
const users = new Users(client().setKey(server.key));

const newUser = async () => (await users.create({ userId: fresh("user") })).$id;

async function present(fields = {}) {
    const userId = fields.userId ?? (await newUser());
    return presences.upsert({ presenceId: fresh("presence"), userId, status: "online", ...fields });
}

await runLane(async () => {
    await check("upsert makes a presence with all its fields", async () => {
        const userId = await newUser();
        const presenceId = fresh("presence");
        const made = await presences.upsert({ presenceId, userId, status: "online", metadata: { page: "/dashboard" } });
        for (const field of FIELDS) truth(made[field] !== undefined && made[field] !== null, `${field} is there`);
        equal([made.$id, made.userId, made.status], [presenceId, userId, "online"], "ids and status");
        equal([made.metadata, made.source], [{ page: "/dashboard" }, "rest"], "metadata and source");
        const own = ["delete", "read", "update", "write"].map((action) => `${action}("user:${userId}")`);
        equal(made.$permissions, own, "the default permissions");
        truth(Date.parse(made.expiresAt) > Date.parse(made.$createdAt), "it expires after it was made");
    });

    await check("metadata that was left out is an empty object", async () => {
        equal((await present()).metadata, {}, "the metadata");
    });

    await check("get gives what upsert gave", async () => {
        const made = await present();
        equal(await presences.get({ presenceId: made.$id }), made, "the presence");
    });

    await check("a second upsert of a user keeps the first id", async () => {
        const made = await present();
        const again = await present({ userId: made.userId, status: "busy" });
        equal([again.$id, again.status, again.$createdAt], [made.$id, "busy", made.$createdAt], "the presence");
        truth(Date.parse(again.$updatedAt) > Date.parse(made.$updatedAt), "$updatedAt has grown");
    });

    await check("list finds by query, counts and limits", async () => {
        const status = fresh("status");
        const made = [await present({ status }), await present({ status }), await present({ status })];
        const wanted = Query.equal("status", [status]);
        const all = await presences.list({ queries: [wanted] });
        equal(all.presences.map((presence) => presence.$id), made.map((presence) => presence.$id), "the list");
        equal(all.total, 3, "the total");
        const page = await presences.list({ queries: [wanted, Query.limit(1), Query.cursorAfter(made[0].$id)] });
        equal(page.presences.map((presence) => presence.$id), [made[1].$id], "the page after the first");
        const uncounted = await presences.list({ queries: [wanted], total: false });
        equal([uncounted.total, uncounted.presences.length], [0, 3], "the list without a total");
    });

    await check("update changes what it names and nothing else", async () => {
        const made = await present({ metadata: { page: "/a" } });
        const expiresAt = inSeconds(600);
        const changed = await presences.update({ presenceId: made.$id, userId: made.userId, status: "away", expiresAt });
        equal([changed.status, changed.metadata], ["away", { page: "/a" }], "status and metadata");
        equal(Date.parse(changed.expiresAt), Date.parse(expiresAt), "expiresAt");
        equal([changed.$permissions, changed.$createdAt], [made.$permissions, made.$createdAt], "the rest");
    });

    await check("a deleted presence is not found, nor deleted twice", async () => {
        const { $id: presenceId } = await present();
        await presences.delete({ presenceId });
        await refused(404, "presence_not_found", () => presences.get({ presenceId }));
        await refused(404, "presence_not_found", () => presences.delete({ presenceId }));
    });

    await check("GraphQL writes, reads in a batch and deletes", async () => {
        const graphql = new Graphql(client().setKey(server.key));
        const [presenceId, userId, status] = [fresh("presence"), await newUser(), fresh("status")];
        const upsert = `mutation U($presenceId: String!, $userId: String!, $status: String!, $metadata: Json) {
            presencesUpsert(presenceId: $presenceId, userId: $userId, status: $status, metadata: $metadata) {
                _id source metadata
            }
        }`;
        const metadata = { page: "/a", list: [1, 2.5, null] };
        const query = { query: upsert, variables: { presenceId, userId, status, metadata } };
        const written = await graphql.mutation({ query });
        equal(written.data.presencesUpsert, { _id: presenceId, source: "graphql", metadata }, "what was written");
        const get = { query: `{ presencesGet(presenceId: "${presenceId}") { userId } }` };
        const listed = {
            query: "query L($queries: [String]) { presencesList(queries: $queries) { total presences { _id } } }",
            variables: { queries: [Query.equal("status", [status])] },
        };
        const [one, all] = await graphql.query({ query: [get, listed] });
        equal(one.data.presencesGet, { userId }, "the presence");
        equal(all.data.presencesList, { total: 1, presences: [{ _id: presenceId }] }, "the list");
        const gone = `mutation { presencesDelete(presenceId: "${presenceId}") { status } }`;
        await graphql.mutation({ query: { query: gone } });
        const { data, errors } = await graphql.query({ query: get });
        equal([data.presencesGet, errors.length], [null, 1], "what is left");
    });

    await refusals();
    await realtime();
});

async function refusals() {
    await check("a presence that never was is not found", async () => {
        await refused(404, "presence_not_found", () => presences.get({ presenceId: "never-was" }));
        const change = { presenceId: "never-was", userId: await newUser(), status: "x" };
        await refused(404, "presence_not_found", () => presences.update(change));
    });

    await check("what is not valid is refused with general_argument_invalid", async () => {
        const invalid = [
            { presenceId: "unique()" },
            { presenceId: "_under" },
            { presenceId: "x".repeat(37) },
            { status: "" },
            { status: "x".repeat(256) },
            { expiresAt: "tomorrow" },
            { expiresAt: inSeconds(-60) },
            { expiresAt: inSeconds(31 * 24 * 3600) },
            { permissions: ["read(users)"] },
            { permissions: ['create("any")'] },
            { metadata: ["a", "list"] },
        ];
        const userId = await newUser();
        for (const fields of invalid) await refused(400, "general_argument_invalid", () => present({ userId, ...fields }));
        equal((await presences.list({ queries: [Query.equal("userId", [userId])] })).total, 0, "presences made by them");
    });

    await check("a query of an attribute that presences do not have is refused", async () => {
        await refused(400, "general_argument_invalid", () => presences.list({ queries: [Query.equal("nonsense", ["x"])] }));
    });

    await check("a user who does not exist has no presence", async () => {
        await refused(404, "user_not_found", () => present({ userId: "nobody" }));
    });

    await check("an id that another user's presence has is refused", async () => {
        const { $id: presenceId } = await present();
        await refused(409, "presence_already_exists", () => present({ presenceId }));
    });

    await check("a wrong key and no key are refused", async () => {
        const wrong = new Presences(client().setKey(`standard_${"f".repeat(256)}`));
        await refused(401, "user_unauthorized", () => wrong.list());
        await refused(401, "general_unauthorized_scope", () => new Presences(client()).list());
    });

    await check("a project that does not exist is not found", async () => {
        const elsewhere = new Presences(client().setProject("elsewhere"));
        await refused(404, "project_not_found", () => elsewhere.list());
    });
}

async function realtime() {
    await check("the web SDK under Node hears a presence come, change, go and expire", async () => {
        const permissions = [Permission.read(Role.any())];
        const guest = await Listener.start(webClient(), Channel.presences());
        const made = await present({ permissions });
        equal((await guest.hears(made.$id, "upsert")).payload, made, "the upsert's payload");
        const changed = await presences.update({ presenceId: made.$id, userId: made.userId, status: "away" });
        equal((await guest.hears(made.$id, "update")).payload, changed, "the update's payload");
        await presences.delete({ presenceId: made.$id });
        equal((await guest.hears(made.$id, "delete")).payload.$id, made.$id, "the delete's payload");
        const brief = await present({ permissions, expiresAt: inSeconds(1) });
        const end = await guest.hears(brief.$id, "delete");
        truth(end.events.includes("presences.*.delete"), "presences.*.delete is among the events");
        equal(guest.errors, [], "the errors it was told");
        await guest.stop();
    });
}
