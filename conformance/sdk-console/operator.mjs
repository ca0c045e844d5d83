// An operator signs up, makes a project with what belongs to it, and watches who is there: the console SDK alone.

import "./window.mjs";
import { Account, Client, Console, ID, Projects, Query, Scopes, Teams, Users } from "@appwrite.io/console";

import { check, equal, fresh, refused, runLane, server, truth } from "../harness/checks.mjs";
import { Listener } from "./listener.mjs";

const at = (project) => new Client().setEndpoint(server.endpoint).setProject(project);
const console_ = at("console");
const account = new Account(console_);
const projects = new Projects(console_);
const projectId = `p-${Date.now()}`;
/** The operator in admin mode, as the console's pages for one project call. */
const admin = at(projectId).setMode("admin");

/** The SDK has no service for presences; its client takes any path. */
function presences(client, method, path = "", body = {}) {
    const url = new URL(`${server.endpoint}/presences${path}`);
    return client.call(method, url, method === "get" ? {} : { "content-type": "application/json" }, body);
}

const email = "olga@example.com";
const password = "correct horse";

await runLane(async () => {
    await check("the first operator signs up and in, and no other", async () => {
        await refused(401, "general_unauthorized_scope", () => projects.list());
        const made = await account.create({ userId: ID.unique(), email, password, name: "Olga" });
        await account.createEmailPasswordSession({ email, password });
        equal((await account.get()).$id, made.$id, "who is signed in");
        const second = { userId: ID.unique(), email: "second@example.com", password };
        await refused(501, "user_console_count_exceeded", () => new Account(at("console")).create(second));
    });

    await check("a team makes a project", async () => {
        const team = await new Teams(console_).create({ teamId: ID.unique(), name: "Operators" });
        const made = await projects.create({ projectId, name: "Chat", teamId: team.$id });
        equal([made.$id, made.name, made.teamId, made.authSessionsLimit], [projectId, "Chat", team.$id, 10], "it");
        await refused(409, "project_already_exists", () => projects.create({ projectId, name: "x", teamId: team.$id }));
        const named = await projects.list({ queries: [Query.equal("name", "Chat")] });
        equal([named.total, named.projects[0].$id], [1, projectId], "the list");
        equal((await projects.update({ projectId, name: "Talk" })).name, "Talk", "its new name");
        equal((await projects.get({ projectId })).name, "Talk", "its kept name");
    });

    await belongings();
    await people();
    await watching();
    await ends();
});

async function belongings() {
    await check("a key is made, used, narrowed and revoked", async () => {
        const scopes = [Scopes.UsersRead, Scopes.UsersWrite];
        const key = await projects.createKey({ projectId, name: "Backend", scopes });
        const users = new Users(at(projectId).setKey(key.secret));
        equal((await users.list()).total, 0, "the users that it lists");
        equal((await projects.listKeys({ projectId })).keys.map(({ name, secret }) => [name, secret]), [["Backend", ""]], "keys");
        await projects.updateKey({ projectId, keyId: key.$id, name: "Narrow", scopes: [Scopes.HealthRead] });
        await refused(401, "general_unauthorized_scope", () => users.list());
        equal((await projects.getKey({ projectId, keyId: key.$id })).name, "Narrow", "its name");
        await projects.deleteKey({ projectId, keyId: key.$id });
        await refused(401, "user_unauthorized", () => users.list());
        await refused(404, "key_not_found", () => projects.getKey({ projectId, keyId: key.$id }));
    });

    await check("an ephemeral key opens the project", async () => {
        const { jwt } = await projects.createJWT({ projectId, scopes: [Scopes.UsersRead], duration: 60 });
        equal((await new Users(at(projectId).setKey(jwt)).list()).total, 0, "the users that it lists");
    });

    await check("platforms are added, changed and removed", async () => {
        const web = await projects.createPlatform({ projectId, type: "web", name: "Site", hostname: "app.test" });
        const ios = await projects.createPlatform({ projectId, type: "flutter-ios", name: "App", key: "com.app" });
        const { platforms } = await projects.listPlatforms({ projectId });
        equal(platforms.map(({ type, hostname, key }) => [type, hostname || key]), [["web", "app.test"], ["flutter-ios", "com.app"]], "they");
        const changed = { projectId, platformId: web.$id, name: "Site", hostname: "new.test" };
        equal((await projects.updatePlatform(changed)).hostname, "new.test", "the new host");
        await projects.deletePlatform({ projectId, platformId: ios.$id });
        await refused(404, "platform_not_found", () => projects.getPlatform({ projectId, platformId: ios.$id }));
    });

    await check("policies, mail server and webhooks are kept", async () => {
        equal((await projects.updateAuthSessionsLimit({ projectId, limit: 3 })).authSessionsLimit, 3, "the limit");
        equal((await projects.updateAuthDuration({ projectId, duration: 3600 })).authDuration, 3600, "the duration");
        equal((await projects.updateSessionInvalidation({ projectId, enabled: false })).authInvalidateSessions, false, "it");
        const seen = { projectId, userName: true, userEmail: false, mfa: false };
        equal((await projects.updateMembershipsPrivacy(seen)).authMembershipsUserName, true, "what members see");
        const smtp = { projectId, enabled: true, senderEmail: "m@example.com", host: "mail.test", port: 25, password: "hush" };
        const { smtpHost, smtpPassword } = await projects.updateSMTP(smtp);
        equal([smtpHost, smtpPassword], ["mail.test", ""], "the mail server");
        const hook = { projectId, name: "Hook", events: ["users.*"], url: "https://example.com", security: true };
        const made = await projects.createWebhook(hook);
        truth(made.signatureKey.length === 128 && made.security, "it has a secret");
        equal((await projects.listWebhooks({ projectId })).webhooks[0].signatureKey, "", "its secret in a list");
        await projects.deleteWebhook({ projectId, webhookId: made.$id });
    });

    await check("what is not valid is refused", async () => {
        await refused(400, "general_argument_invalid", () => projects.createKey({ projectId, name: "x", scopes: ["all"] }));
        await refused(400, "general_argument_invalid", () => projects.updateAuthSessionsLimit({ projectId, limit: 0 }));
        const hook = { projectId, name: "x", events: ["presences.*"], url: "https://example.com", security: true };
        await refused(400, "general_argument_invalid", () => projects.createWebhook(hook));
        await refused(404, "project_not_found", () => projects.get({ projectId: "elsewhere" }));
        await refused(400, "general_bad_request", () => new Users(at("console").setMode("admin")).list());
    });

    await check("what the configuration file declares is seen and not changed", async () => {
        const declared = server.project;
        truth((await projects.list()).projects.some((project) => project.$id === declared), "it is listed");
        await refused(409, "general_declared_in_file", () => projects.update({ projectId: declared, name: "Mine" }));
        await refused(409, "general_declared_in_file", () => projects.delete({ projectId: declared }));
    });

    await check("the console asks what the server can do", async () => {
        equal((await new Console(console_).variables())._APP_VCS_ENABLED, false, "one of the answers");
    });
}

async function people() {
    await check("users and a team are made in admin mode", async () => {
        const [users, teams] = [new Users(admin), new Teams(admin)];
        const ada = await users.create({ userId: ID.unique(), email: "ada@example.com", name: "Ada" });
        const team = await teams.create({ teamId: ID.unique(), name: "Crew" });
        const member = await teams.createMembership({ teamId: team.$id, roles: ["helm"], userId: ada.$id });
        equal([member.confirm, member.userName], [true, "Ada"], "the membership");
        equal((await users.list({ search: "ada" })).total, 1, "who is found");
        equal((await users.updateLabels({ userId: ada.$id, labels: ["vip"] })).labels, ["vip"], "labels");
        await users.updateStatus({ userId: ada.$id, status: false });
        equal((await users.get({ userId: ada.$id })).status, false, "the status");
    });
}

async function watching() {
    await check("an operator lists and hears every presence of the project, whoever may read it", async () => {
        const { $id: userId } = await new Users(admin).create({ userId: ID.unique(), name: "Bob" });
        const listener = await Listener.start(admin, ["presences"]);
        equal(listener.user.email, email, "as whom it listens");
        const presenceId = fresh("hidden");
        const made = await presences(admin, "put", `/${presenceId}`, { userId, status: "here", permissions: [] });
        equal((await listener.hears(presenceId, "upsert")).payload, made, "what is heard");
        const list = await presences(admin, "get", "", { queries: [Query.equal("userId", userId)] });
        equal([list.total, list.presences[0].$id], [1, presenceId], "the list");
        await presences(admin, "patch", `/${presenceId}`, { status: "away" });
        equal((await listener.hears(presenceId, "update")).payload.status, "away", "the change");
        await presences(admin, "delete", `/${presenceId}`);
        await listener.hears(presenceId, "delete");
        equal(listener.errors, [], "the errors it was told");
        await listener.stop();
    });

    await check("operators have presences of their own at the console", async () => {
        const listener = await Listener.start(console_, ["presences"]);
        const presenceId = fresh("operator");
        const made = await presences(console_, "put", `/${presenceId}`, { status: "on call" });
        equal((await listener.hears(presenceId, "upsert")).payload, made, "what is heard");
        await presences(console_, "delete", `/${presenceId}`);
        await listener.hears(presenceId, "delete");
        await listener.stop();
    });
}

async function ends() {
    await check("a project that ends is gone", async () => {
        await projects.delete({ projectId });
        await refused(404, "project_not_found", () => new Users(admin).list());
        truth(!(await projects.list()).projects.some((project) => project.$id === projectId), "it is listed no longer");
    });

    await check("an operator who signs out is nobody", async () => {
        await account.deleteSession({ sessionId: "current" });
        await refused(401, "general_unauthorized_scope", () => projects.list());
    });
}
