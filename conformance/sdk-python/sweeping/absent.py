"""The methods that the server does not have, and why: it keeps presences and what they need to know of people."""

HASHES = "passwords that another system has hashed are not taken over"
IDENTITIES = "nobody signs in through another provider"
FACTORS = "there are no further factors"
PASSKEYS = "there are no passkeys"
TARGETS = "there is no messaging"
MAIL = "no mail is sent"
TEXT_MESSAGES = "no text message is sent"
CONSENTS = "it is no authorization server for other apps"
OWN_WAYS = "emails and phones are set when the user is made"
BY_TEAM = "memberships are listed by team"


def _listed(reason, names):
    return {name: reason for name in names.split()}


USERS = {
    **_listed(
        HASHES,
        "create_argon2_user create_bcrypt_user create_md5_user create_ph_pass_user create_scrypt_modified_user"
        " create_scrypt_user create_sha_user",
    ),
    **_listed(IDENTITIES, "list_identities delete_identity"),
    **_listed(
        FACTORS,
        "update_mfa delete_mfa_authenticator get_mfa_challenge list_mfa_factors get_mfa_recovery_codes"
        " create_mfa_recovery_codes update_mfa_recovery_codes",
    ),
    **_listed(PASSKEYS, "list_passkeys get_passkey update_passkey delete_passkey"),
    **_listed(TARGETS, "list_targets create_target get_target update_target delete_target"),
    **_listed(OWN_WAYS, "update_email update_phone"),
    **_listed("users set their passwords themselves", "update_password"),
    **_listed("nobody acts as somebody else", "update_impersonator"),
    **_listed(BY_TEAM, "list_memberships"),
}

TEAMS = _listed(
    CONSENTS, "list_installations create_installation get_installation update_installation delete_installation"
)

ACCOUNT = {
    **_listed(
        CONSENTS,
        "list_consents get_consent delete_consent list_consent_tokens get_consent_token delete_consent_token",
    ),
    **_listed(IDENTITIES, "list_identities delete_identity create_o_auth2_token create_id_token_session"),
    **_listed(
        FACTORS,
        "update_mfa create_mfa_authenticator update_mfa_authenticator delete_mfa_authenticator create_mfa_challenge"
        " update_mfa_challenge list_mfa_factors get_mfa_recovery_codes create_mfa_recovery_codes"
        " update_mfa_recovery_codes",
    ),
    **_listed(
        PASSKEYS,
        "list_passkeys create_passkey get_passkey update_passkey delete_passkey update_passkey_verification"
        " create_passkey_token update_passkey_token",
    ),
    **_listed(OWN_WAYS, "update_email update_phone"),
    **_listed(BY_TEAM, "list_memberships"),
    **_listed(
        MAIL,
        "create_recovery update_recovery create_recovery_otp update_recovery_otp create_email_token"
        " create_magic_url_token update_magic_url_session create_email_verification create_verification"
        " update_email_verification update_verification create_email_verification_otp"
        " update_email_verification_otp",
    ),
    **_listed(
        TEXT_MESSAGES, "create_phone_token update_phone_session create_phone_verification update_phone_verification"
    ),
}
