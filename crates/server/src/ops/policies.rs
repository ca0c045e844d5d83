//! Settings of a project that no file declares: sessions, what members see of each other, the mail server.
//!
//! Source: http-api, section F.

use herenow_core::{
    ProjectId,
    account::{MemberView, Project, Smtp},
};
use herenow_wire::ErrorType;

use super::projects::change;
use crate::{App, failure::Failure};

/// How many sessions a user may have at once; those beyond it end at the next sign-in.
///
/// # Errors
/// 404 `project_not_found`.
pub async fn set_session_limit(app: &App, id: &ProjectId, limit: usize) -> Result<Project, Failure> {
    change(app, id, move |project| project.session_limit = limit).await
}

/// How long sessions live that begin from now on.
///
/// # Errors
/// 404 `project_not_found`.
pub async fn set_session_duration(app: &App, id: &ProjectId, seconds: u64) -> Result<Project, Failure> {
    change(app, id, move |project| project.session_seconds = seconds).await
}

/// What a new password does to the user's other sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherSessions {
    /// They end.
    End,
    /// They live on.
    Stay,
}

/// What a new password does to the user's other sessions.
///
/// # Errors
/// 404 `project_not_found`.
pub async fn set_session_invalidation(app: &App, id: &ProjectId, others: OtherSessions) -> Result<Project, Failure> {
    change(app, id, move |project| project.invalidate_sessions = others == OtherSessions::End).await
}

/// What members shall see of each other; none: as before.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemberViewEdit {
    /// Whose a membership is.
    pub user_id: Option<bool>,
    /// Names.
    pub user_name: Option<bool>,
    /// Emails.
    pub user_email: Option<bool>,
    /// Phones.
    pub user_phone: Option<bool>,
    /// Whether there are more factors.
    pub mfa: Option<bool>,
    /// When a user was last seen.
    pub accessed_at: Option<bool>,
}

/// What members see of each other.
///
/// # Errors
/// 404 `project_not_found`.
pub async fn set_member_view(app: &App, id: &ProjectId, edit: MemberViewEdit) -> Result<Project, Failure> {
    change(app, id, move |project| {
        let before = project.member_view;
        project.member_view = MemberView {
            user_id: edit.user_id.unwrap_or(before.user_id),
            user_name: edit.user_name.unwrap_or(before.user_name),
            user_email: edit.user_email.unwrap_or(before.user_email),
            user_phone: edit.user_phone.unwrap_or(before.user_phone),
            mfa: edit.mfa.unwrap_or(before.mfa),
            accessed_at: edit.accessed_at.unwrap_or(before.accessed_at),
        };
    })
    .await
}

/// A change of the mail server; none: as before.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `Smtp`")]
pub struct SmtpEdit {
    pub enabled: Option<bool>,
    pub sender_name: Option<String>,
    pub sender_email: Option<String>,
    pub reply_to_name: Option<String>,
    pub reply_to_email: Option<String>,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub secure: Option<String>,
}

impl SmtpEdit {
    fn apply(&self, smtp: &mut Smtp) {
        let texts = [
            (&self.sender_name, &mut smtp.sender_name),
            (&self.sender_email, &mut smtp.sender_email),
            (&self.reply_to_name, &mut smtp.reply_to_name),
            (&self.reply_to_email, &mut smtp.reply_to_email),
            (&self.host, &mut smtp.host),
            (&self.username, &mut smtp.username),
            (&self.password, &mut smtp.password),
            (&self.secure, &mut smtp.secure),
        ];
        for (new, kept) in texts {
            if let Some(new) = new {
                kept.clone_from(new);
            }
        }
        smtp.enabled = self.enabled.unwrap_or(smtp.enabled);
        smtp.port = self.port.unwrap_or(smtp.port);
    }
}

/// Keeps the settings of the mail server. Nothing is sent yet, so nothing is tried.
///
/// # Errors
/// 400 `general_argument_invalid` where it shall be used and lacks a host or a sender; 404 `project_not_found`.
pub async fn set_smtp(app: &App, before: &Project, edit: SmtpEdit) -> Result<Project, Failure> {
    let mut smtp = before.smtp.clone();
    edit.apply(&mut smtp);
    if smtp.enabled && (smtp.host.is_empty() || smtp.sender_email.is_empty()) {
        let text = "A mail server that is to be used needs host and senderEmail.";
        return Err(Failure::new(ErrorType::GeneralArgumentInvalid, text));
    }
    change(app, &before.id, move |project| edit.apply(&mut project.smtp)).await
}
