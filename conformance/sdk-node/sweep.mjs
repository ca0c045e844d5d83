// Every method of Users, Teams, Account and Locale of the Node SDK, called once with good and once with bad input.

import { Account, Locale, Teams, Users } from "node-appwrite";

import { runLane } from "../harness/checks.mjs";
import { sweep } from "../harness/sweep.mjs";
import { absentFromAccount, absentFromTeams, absentFromUsers } from "./sweep/absent.mjs";
import { account } from "./sweep/account.mjs";
import { locale } from "./sweep/locale.mjs";
import { backend, signedIn } from "./sweep/people.mjs";
import { teams } from "./sweep/teams.mjs";
import { users } from "./sweep/users.mjs";

await runLane(async () => {
    const ada = await signedIn();
    const anything = {
        userId: ada.userId, teamId: "team", email: "x@example.com", password: "correct-horse", oldPassword: "x",
        identityId: "i", impersonator: true, mfa: true, type: "totp", number: "+4912345", phone: "+4912345",
        targetId: "t", providerType: "email", identifier: "x@example.com", passwordSalt: "s", passwordCpu: 8,
        passwordMemory: 14, passwordParallel: 1, passwordLength: 64, passwordSaltSeparator: "s",
        passwordSignerKey: "k", appId: "app", installationId: "i", authorizationDetails: [], consentId: "c",
        tokenId: "t", otp: "123456", factor: "totp", challengeId: "c", url: "http://localhost/x", secret: "s",
        provider: "github",
    };
    const redirects = { createOAuth2Token: "/account/tokens/oauth2/github" };
    const classes = [
        { name: "Users", Service: Users, exercised: users, absent: absentFromUsers, instance: new Users(backend) },
        { name: "Teams", Service: Teams, exercised: teams, absent: absentFromTeams, instance: new Teams(backend) },
        { name: "Account", Service: Account, exercised: account, absent: absentFromAccount, instance: ada.account, redirects },
        { name: "Locale", Service: Locale, exercised: locale, absent: {}, instance: new Locale(backend) },
    ];
    for (const one of classes) await sweep({ ...one, anything });
});
