// The methods that the server does not have, and why: it keeps presences and what they need to know of people.

const HASHES = "passwords that another system has hashed are not taken over";
const IDENTITIES = "nobody signs in through another provider";
const FACTORS = "there are no further factors";
const TARGETS = "there is no messaging";
const LOGS = "there is no audit log";
const MAIL = "no mail is sent";
const TEXT_MESSAGES = "no text message is sent";
const CONSENTS = "it is no authorization server for other apps";
const OWN_WAYS = "emails and phones are set when the user is made";

const listed = (reason, ...names) => Object.fromEntries(names.map((name) => [name, reason]));

export const absentFromUsers = {
    ...listed(
        HASHES, "createArgon2User", "createBcryptUser", "createMD5User", "createPHPassUser", "createScryptUser",
        "createScryptModifiedUser", "createSHAUser",
    ),
    ...listed(IDENTITIES, "listIdentities", "deleteIdentity"),
    ...listed(
        FACTORS, "updateMfa", "updateMFA", "deleteMfaAuthenticator", "deleteMFAAuthenticator", "listMfaFactors",
        "listMFAFactors", "getMfaRecoveryCodes", "getMFARecoveryCodes", "updateMfaRecoveryCodes",
        "updateMFARecoveryCodes", "createMfaRecoveryCodes", "createMFARecoveryCodes",
    ),
    ...listed(TARGETS, "listTargets", "createTarget", "getTarget", "updateTarget", "deleteTarget"),
    ...listed(LOGS, "listLogs"),
    ...listed(OWN_WAYS, "updateEmail", "updatePhone"),
    ...listed("users set their passwords themselves", "updatePassword"),
    ...listed("nobody acts as somebody else", "updateImpersonator"),
    ...listed("memberships are listed by team", "listMemberships"),
};

export const absentFromTeams = listed(
    CONSENTS, "listInstallations", "createInstallation", "getInstallation", "updateInstallation", "deleteInstallation",
);

export const absentFromAccount = {
    ...listed(
        CONSENTS, "listConsents", "getConsent", "deleteConsent", "listConsentTokens", "getConsentToken",
        "deleteConsentToken",
    ),
    ...listed(IDENTITIES, "listIdentities", "deleteIdentity", "createOAuth2Token"),
    ...listed(LOGS, "listLogs"),
    ...listed(
        FACTORS, "updateMFA", "createMfaAuthenticator", "createMFAAuthenticator", "updateMfaAuthenticator",
        "updateMFAAuthenticator", "deleteMfaAuthenticator", "deleteMFAAuthenticator", "createMfaChallenge",
        "createMFAChallenge", "updateMfaChallenge", "updateMFAChallenge", "listMfaFactors", "listMFAFactors",
        "getMfaRecoveryCodes", "getMFARecoveryCodes", "createMfaRecoveryCodes", "createMFARecoveryCodes",
        "updateMfaRecoveryCodes", "updateMFARecoveryCodes",
    ),
    ...listed(OWN_WAYS, "updateEmail", "updatePhone"),
    ...listed(
        MAIL, "createRecovery", "updateRecovery", "createEmailToken", "createMagicURLToken", "updateMagicURLSession",
        "createEmailVerification", "createVerification", "updateEmailVerification", "updateVerification",
    ),
    ...listed(
        TEXT_MESSAGES, "createPhoneToken", "updatePhoneSession", "createPhoneVerification", "updatePhoneVerification",
    ),
};
