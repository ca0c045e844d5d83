// Who calls in the sweep, and what all of its methods check of an answer.

import { Account, Client, ID, Users } from "node-appwrite";

import { eventually, server, truth } from "../../harness/checks.mjs";

const client = () => new Client().setEndpoint(server.endpoint).setProject(server.project);

/** The project's key. */
export const backend = client().setKey(server.key);
export const users = new Users(backend);

/** Nobody in particular. */
export const guest = () => client();

export const PASSWORD = "correct-horse-battery";

/** A new user, made by the backend; with an email and a password where `fields` has none of its own. */
export async function newUser(fields = {}) {
    const userId = ID.unique();
    return users.create({ userId, email: `${userId}@example.com`, password: PASSWORD, name: "Ada", ...fields });
}

/** A new user with a session, and a client that is signed in as they are. That they were seen has been noted. */
export async function signedIn() {
    const user = await newUser();
    const session = await users.createSession({ userId: user.$id });
    const own = client().setSession(session.secret);
    const account = new Account(own);
    await eventually("the first use to be noted", async () => (await account.get()).accessedAt !== "");
    return { userId: user.$id, email: user.email, session, client: own, account };
}

/** Holds that an answer has these fields, and that its moments are moments. */
export function has(model, fields) {
    for (const field of fields) truth(model[field] !== undefined, `${field} is there`);
    for (const field of ["$createdAt", "$updatedAt", "registration", "expire", "invited"]) {
        if (fields.includes(field)) truth(!Number.isNaN(Date.parse(model[field])), `${field} is a moment: ${model[field]}`);
    }
}

export const ACCOUNT = [
    "$id", "$createdAt", "$updatedAt", "name", "registration", "status", "labels", "passwordUpdate", "email", "phone",
    "emailVerification", "phoneVerification", "mfa", "prefs", "targets", "accessedAt",
];
export const USER = [...ACCOUNT, "password", "hash", "hashOptions"];
export const SESSION = [
    "$id", "$createdAt", "$updatedAt", "userId", "expire", "provider", "providerUid", "providerAccessToken", "ip",
    "osCode", "clientType", "deviceName", "countryCode", "countryName", "current", "factors", "secret", "mfaUpdatedAt",
];
export const TEAM = ["$id", "$createdAt", "$updatedAt", "name", "total", "prefs"];
export const MEMBERSHIP = [
    "$id", "$createdAt", "$updatedAt", "userId", "userName", "userEmail", "userPhone", "teamId", "teamName", "invited",
    "joined", "confirm", "mfa", "userAccessedAt", "roles",
];
export const TOKEN = ["$id", "$createdAt", "userId", "secret", "expire", "phrase"];
