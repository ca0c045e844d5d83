//! Error types: the stable names that clients see, with their HTTP status and default text.
//!
//! Source of names and statuses: auth-and-permissions, section 11; the golden cases of the group `error`.

use serde::Serialize;

/// Statuses that reach a client as they are; every other becomes 500. Source: auth-and-permissions, section 11,
/// and decisions (413).
const PASSED_THROUGH: [u16; 17] = [400, 401, 402, 403, 404, 405, 408, 409, 410, 412, 413, 416, 422, 429, 451, 501, 503];

macro_rules! error_types {
    ($($variant:ident $name:literal $status:literal $message:literal,)*) => {
        /// The type of an error, as in the key `type` of its body.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorType {
            $(#[doc = $message] $variant,)*
        }

        impl ErrorType {
            /// Every type there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that clients see.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The text where nothing more precise is known.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }

            const fn declared_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }
        }
    };
}

error_types! {
    GeneralUnknown "general_unknown" 500 "Something went wrong on our side.",
    GeneralAccessForbidden "general_access_forbidden" 401 "This action is not open to this project.",
    GeneralUnknownOrigin "general_unknown_origin" 403 "The request came from an origin that the project does not know.",
    GeneralApiDisabled "general_api_disabled" 403 "The requested API is disabled for this project.",
    GeneralServiceDisabled "general_service_disabled" 403 "The requested service is disabled for this project.",
    GeneralUnauthorizedScope "general_unauthorized_scope" 401 "The caller lacks the scope that this route needs.",
    GeneralRateLimitExceeded "general_rate_limit_exceeded" 429 "Too many requests from this client. Please try again after some time.",
    GeneralSmtpDisabled "general_smtp_disabled" 503 "No mail server is configured, so no invitation can be sent.",
    GeneralArgumentInvalid "general_argument_invalid" 400 "The request holds an invalid argument.",
    GeneralQueryInvalid "general_query_invalid" 400 "A query of the request cannot be run.",
    GeneralCursorNotFound "general_cursor_not_found" 400 "The record that the cursor names was not found.",
    GeneralRouteNotFound "general_route_not_found" 404 "There is no such route. Check the path and the method.",
    GeneralMethodNotAllowed "general_method_not_allowed" 405 "This route does not answer to this method.",
    GeneralPayloadTooLarge "general_payload_too_large" 413 "The body is too large.",
    GeneralOverloaded "general_overloaded" 503 "The server has more to do than it can take. Please try again after some time.",
    GeneralStorageFull "general_storage_full" 503 "The server cannot keep anything at the moment: its disk is full.",
    GeneralStorageFailed "general_storage_failed" 503 "The server cannot keep anything at the moment.",
    GeneralServerError "general_server_error" 500 "Something went wrong on our side.",
    GeneralBadRequest "general_bad_request" 400 "The request is not understood.",
    GeneralDeclaredInFile "general_declared_in_file" 409 "It is declared in the server's configuration file and can be changed only there.",
    GeneralInvalidEmail "general_invalid_email" 400 "The value is not a valid email address.",
    GeneralProtocolUnsupported "general_protocol_unsupported" 426 "The protocol is not supported.",
    UserUnauthorized "user_unauthorized" 401 "The current user is not authorized to perform the requested action.",
    UserNotFound "user_not_found" 404 "There is no user with the requested id.",
    UserAlreadyExists "user_already_exists" 409 "A user with the same id, email or phone exists already.",
    UserEmailAlreadyExists "user_email_already_exists" 409 "Another account uses this email already.",
    UserDeletionProhibited "user_deletion_prohibited" 400 "The last owner of a team cannot go: delete the team, or make somebody else an owner.",
    UserCountExceeded "user_count_exceeded" 400 "The project takes no more users.",
    UserConsoleCountExceeded "user_console_count_exceeded" 501 "No further operators may sign up.",
    UserBlocked "user_blocked" 403 "The account is blocked.",
    UserInvalidCredentials "user_invalid_credentials" 401 "Invalid credentials. Please check the email and password.",
    UserInvalidToken "user_invalid_token" 401 "Invalid token passed in the request.",
    UserSessionAlreadyExists "user_session_already_exists" 401 "A session is active: creating another is not possible while one is.",
    UserSessionNotFound "user_session_not_found" 404 "There is no such session.",
    UserJwtInvalid "user_jwt_invalid" 401 "The JWT is invalid or has expired.",
    UserJwtAndCookieSet "user_jwt_and_cookie_set" 403 "JWT and cookie used in the same request. Only one of them may be sent.",
    UserJwtCreationDenied "user_jwt_creation_denied" 403 "A JWT cannot be made with a JWT.",
    UserApiKeyAndSessionSet "user_api_key_and_session_set" 403 "An API key and a session were used in the same request. Only one of them may be sent.",
    UserAnonymousConsoleProhibited "user_anonymous_console_prohibited" 401 "Anonymous users cannot be made for the console project.",
    UserAuthMethodUnsupported "user_auth_method_unsupported" 501 "The way of signing in is disabled for this project.",
    UserMoreFactorsRequired "user_more_factors_required" 401 "More factors are required to complete the sign-in.",
    UserPasswordResetRequired "user_password_reset_required" 412 "The user must reset the password.",
    UserIdMissing "user_id_missing" 403 "The header x-appwrite-user is missing.",
    OrganizationIdMissing "organization_id_missing" 403 "The header x-appwrite-organization is missing.",
    PasswordRecentlyUsed "password_recently_used" 400 "The password was used recently. Please choose another.",
    PasswordPersonalData "password_personal_data" 400 "The password holds personal data. Please choose another.",
    TeamNotFound "team_not_found" 404 "There is no team with the requested id.",
    TeamAlreadyExists "team_already_exists" 409 "A team with the requested id exists already.",
    TeamInviteNotFound "team_invite_not_found" 404 "There is no such invitation.",
    TeamInvalidSecret "team_invalid_secret" 401 "The secret of the invitation is invalid.",
    TeamInviteMismatch "team_invite_mismatch" 401 "The invitation does not belong to the current user.",
    TeamMembershipMismatch "team_membership_mismatch" 404 "The membership does not belong to this team.",
    MembershipNotFound "membership_not_found" 404 "There is no membership with the requested id.",
    MembershipAlreadyConfirmed "membership_already_confirmed" 409 "The membership is confirmed already.",
    MembershipDowngradeProhibited "membership_downgrade_prohibited" 400 "The last owner cannot give up ownership.",
    MembershipDeletionProhibited "membership_deletion_prohibited" 400 "The last owner cannot be removed.",
    ProjectNotFound "project_not_found" 404 "There is no project with the requested id. Check the header X-Appwrite-Project.",
    ProjectAlreadyExists "project_already_exists" 409 "A project with the requested id exists already.",
    ProjectReservedProject "project_reserved_project" 400 "The project id is reserved. Please choose another.",
    ProjectRegionUnsupported "project_region_unsupported" 400 "The region is not supported.",
    ProjectKeyExpired "project_key_expired" 401 "The API key has expired. Please make a new one.",
    ProjectIdMissing "project_id_missing" 403 "The header X-Appwrite-Project is missing or names another project than the key's.",
    AccountKeyExpired "account_key_expired" 401 "The account key has expired.",
    KeyAlreadyExists "key_already_exists" 409 "A key with the requested id exists already.",
    KeyCreationDenied "key_creation_denied" 403 "A key cannot be made with a key.",
    KeyNotFound "key_not_found" 404 "There is no key with the requested id.",
    WebhookAlreadyExists "webhook_already_exists" 409 "A webhook with the requested id exists already.",
    WebhookNotFound "webhook_not_found" 404 "There is no webhook with the requested id.",
    PlatformAlreadyExists "platform_already_exists" 409 "A platform with the requested id exists already.",
    PlatformNotFound "platform_not_found" 404 "There is no platform with the requested id.",
    PresenceNotFound "presence_not_found" 404 "There is no presence with the requested id.",
    PresenceAlreadyExists "presence_already_exists" 409 "A presence with the requested id, or of the requested user, exists already.",
    DocumentNotFound "document_not_found" 404 "There is no document with the requested id.",
    DocumentInvalidStructure "document_invalid_structure" 400 "The document's structure is invalid.",
    DocumentUpdateConflict "document_update_conflict" 409 "The document was changed by somebody else at the same time.",
    DocumentDeleteRestricted "document_delete_restricted" 403 "The document cannot be deleted, since others depend on it.",
    DatabaseTimeout "database_timeout" 408 "The list would take too long. Narrow it with queries on userId, or ask for total=false.",
    DatabaseQueryOrderNull "database_query_order_null" 400 "The cursor's record holds no value for an attribute that the list is ordered by.",
    GraphqlNoQuery "graphql_no_query" 400 "Param \"query\" is not optional.",
    GraphqlTooManyQueries "graphql_too_many_queries" 400 "Too many queries in one batch.",
    GraphqlMethodUnsupported "graphql_method_unsupported" 405 "Mutations are not possible with GET.",
}

impl ErrorType {
    /// The HTTP status that it travels with.
    #[must_use]
    pub fn status(self) -> u16 {
        let declared = self.declared_status();
        if PASSED_THROUGH.contains(&declared) { declared } else { 500 }
    }

    /// The type of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// The body of an error, keys in the order of the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// For people; `Server Error` where the status is 500.
    pub message: String,
    /// The HTTP status, as a number.
    pub code: u16,
    /// The stable name.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// [`crate::API_VERSION`].
    pub version: &'static str,
}

impl ErrorBody {
    /// The body of an error of this type; its own text where `message` is none.
    #[must_use]
    pub fn new(kind: ErrorType, message: Option<String>) -> Self {
        let code = kind.status();
        let message = match message {
            _ if code == 500 => "Server Error".to_owned(),
            Some(message) => message,
            None => kind.message().to_owned(),
        };
        Self { message, code, kind: kind.as_str(), version: crate::API_VERSION }
    }
}
