//! Cookies as a browser's jar takes them, and the header for browsers that take none.

use std::collections::BTreeMap;

use anyhow::Result;
use herenow_testkit::{Response, Server, ServerOptions};
use serde_json::{Value, json};

use crate::support::{Person, console, done, server, sign_in};

/// Keeps cookies of one host by the rules of today's browsers.
#[derive(Default)]
struct Jar {
    cookies: BTreeMap<String, String>,
}

impl Jar {
    fn take(&mut self, response: &Response) {
        for cookie in response.cookies() {
            let secure = cookie.attribute("secure").is_some();
            // Browsers take no cookie for all sites in the clear, and none of a domain that is not the host's.
            if (cookie.attribute("samesite") == Some("None") && !secure) || cookie.attribute("domain").is_some() {
                continue;
            }
            let lives = cookie.attribute("max-age").and_then(|seconds| seconds.parse().ok()).unwrap_or(1_i64) > 0;
            if lives {
                self.cookies.insert(cookie.name, cookie.value);
            } else {
                self.cookies.remove(&cookie.name);
            }
        }
    }

    fn header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

#[tokio::test]
async fn a_browser_in_the_clear_stays_signed_in_until_it_signs_out() -> Result<()> {
    let server = server().await?;
    let ada = Person::signed_up(&server).await?;
    let page = server.guest().with_header("Origin", "http://localhost:3000");
    let mut jar = Jar::default();
    jar.take(&sign_in(&page, &ada.credentials()).await?.expect_status(201)?);
    assert_eq!(jar.cookies.keys().collect::<Vec<_>>(), ["a_session_test_legacy"]);
    let signed_in = page.with_header("Cookie", &jar.header());
    let account = signed_in.get("/v1/account").await?.expect_status(200)?;
    assert_eq!(account.json()?["$id"], ada.id);
    assert_eq!(account.header("access-control-allow-origin"), Some("http://localhost:3000"));
    let response = signed_in.delete("/v1/account/sessions/current").await?;
    done(&response)?;
    jar.take(&response);
    assert!(jar.cookies.is_empty(), "{:?}", jar.cookies);
    Ok(())
}

#[tokio::test]
async fn on_this_machine_cookies_are_neither_secure_nor_of_a_domain() -> Result<()> {
    let server = server().await?;
    let response = server.guest().post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
    let session = response.json()?;
    let [legacy, modern] = response.cookies().try_into().expect("two cookies");
    assert_eq!((legacy.name.as_str(), modern.name.as_str()), ("a_session_test_legacy", "a_session_test"));
    assert_eq!(legacy.value, modern.value);
    assert!(!legacy.value.contains(['=', '+', '/']), "{}", legacy.value);
    for cookie in [&legacy, &modern] {
        assert_eq!((cookie.attribute("secure"), cookie.attribute("domain")), (None, None));
        assert_eq!((cookie.attribute("path"), cookie.attribute("httponly")), (Some("/"), Some("")));
        let seconds: i64 = cookie.attribute("max-age").expect("an age").parse()?;
        assert!((31_535_990..=31_536_000).contains(&seconds), "{seconds} until {}", session["expire"]);
    }
    assert_eq!((legacy.attribute("samesite"), modern.attribute("samesite")), (None, Some("None")));
    Ok(())
}

#[tokio::test]
async fn behind_https_cookies_are_secure_and_of_the_host_s_domain() -> Result<()> {
    let server = Server::start(ServerOptions::new().settings("public_url = \"https://here.example.com\"")).await?;
    let response = server.guest().post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
    for cookie in response.cookies() {
        assert_eq!((cookie.attribute("secure"), cookie.attribute("domain")), (Some(""), Some(".here.example.com")));
    }
    assert_eq!(response.cookies().len(), 2);
    Ok(())
}

#[tokio::test]
async fn the_console_s_cookie_stays_at_home() -> Result<()> {
    let server = server().await?;
    let operator = Person::new();
    console(&server).post("/v1/account", &operator.account()).await?.expect_status(201)?;
    let response = sign_in(&console(&server), &operator.credentials()).await?.expect_status(201)?;
    let cookies = response.cookies();
    let cookie = cookies.iter().find(|cookie| cookie.name == "a_session_console").expect("the console's cookie");
    assert_eq!(cookie.attribute("samesite"), Some("Lax"));
    let client = console(&server).with_header("Cookie", &cookie.pair());
    assert_eq!(client.get("/v1/account").await?.expect_status(200)?.json()?["$id"], operator.id);
    Ok(())
}

#[tokio::test]
async fn a_browser_that_takes_no_cookies_gets_its_session_in_a_header() -> Result<()> {
    let server = server().await?;
    let response = server.guest().post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
    let header = response.header("x-fallback-cookies").expect("for who sends no origin");
    let fallback: Value = serde_json::from_str(header)?;
    assert_eq!(fallback, json!({"a_session_test": server.session_token(&response)?}));
    let client = server.guest().with_header("X-Fallback-Cookies", header);
    let account = client.get("/v1/account").await?.expect_status(200)?;
    assert_eq!(account.header("x-debug-fallback"), Some("true"));
    let response = client.delete("/v1/account/sessions/current").await?;
    done(&response)?;
    assert_eq!(response.header("x-fallback-cookies"), Some("[]"));
    Ok(())
}

#[tokio::test]
async fn a_page_of_the_server_s_own_site_needs_no_such_header() -> Result<()> {
    let server = Server::start(ServerOptions::new().settings("public_url = \"https://here.example.com\"")).await?;
    for (referer, needs) in [
        ("https://app.example.com/sign-in?x=1", false),
        ("https://here.example.com:8443/", false),
        ("https://example.org/", true),
        ("https://example.com.evil.test/", true),
        ("nonsense", true),
    ] {
        let client = server.guest().with_header("Referer", referer);
        let response = client.post("/v1/account/sessions/anonymous", &json!({})).await?.expect_status(201)?;
        assert_eq!(response.header("x-fallback-cookies").is_some(), needs, "{referer}");
    }
    Ok(())
}
