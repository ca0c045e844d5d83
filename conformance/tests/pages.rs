//! The server's own pages over the real binary: what they come with, and where they are announced.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Response, Server, ServerOptions, await_until};

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.header(name).unwrap_or_default()
}

async fn get(http: &Http, path: &str) -> Result<Response> {
    http.get(path).await?.expect_status(200)
}

#[tokio::test]
async fn a_page_and_all_that_it_names_come_from_the_binary() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let http = Http::new(server.address());
    for page in ["/demo", "/admin"] {
        let response = get(&http, page).await?;
        assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&response, "cache-control"), "no-cache");
        let html = String::from_utf8(response.body.to_vec())?;
        assert_eq!(get(&http, &format!("{page}/")).await?.body, response.body);
        let named: Vec<&str> = html.split('"').filter(|part| part.starts_with(&format!("{page}/assets/"))).collect();
        ensure!(named.iter().any(|path| path.ends_with(".js")), "no script in {html}");
        for path in named {
            let file = get(&http, path).await?;
            assert_eq!(header(&file, "cache-control"), "public, max-age=31536000, immutable", "{path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_bare_address_leads_to_the_demonstration() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let home = Http::new(server.address()).get("/").await?.expect_status(303)?;
    assert_eq!(header(&home, "location"), "/demo");
    Ok(())
}

#[tokio::test]
async fn who_has_a_page_is_not_sent_it_again() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let http = Http::new(server.address());
    let tag = header(&get(&http, "/demo").await?, "etag").to_owned();
    let again = http.with_header("if-none-match", &tag).get("/demo").await?.expect_status(304)?;
    assert_eq!((again.body.len(), header(&again, "etag")), (0, tag.as_str()));
    Ok(())
}

#[tokio::test]
async fn who_takes_gzip_is_sent_scripts_as_such_and_still_keeps_them() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let http = Http::new(server.address());
    let html = String::from_utf8(get(&http, "/admin").await?.body.to_vec())?;
    let script = html.split('"').find(|part| part.ends_with(".js")).context("a script")?;
    let plain = get(&http, script).await?;
    let packing = http.clone().with_header("accept-encoding", "gzip, deflate, br");
    let packed = get(&packing, script).await?;
    assert_eq!((header(&plain, "content-encoding"), header(&packed, "content-encoding")), ("", "gzip"));
    ensure!(packed.body.len() * 5 < plain.body.len() * 2, "{} of {}", packed.body.len(), plain.body.len());
    for answer in [&plain, &packed] {
        assert_eq!(header(answer, "vary").to_ascii_lowercase(), "accept-encoding");
        assert_eq!(header(answer, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(answer, "content-type"), "text/javascript; charset=utf-8");
    }
    let tag = header(&packed, "etag").to_owned();
    ensure!(tag != header(&plain, "etag"), "other bytes under the same tag");
    packing.with_header("if-none-match", &tag).get(script).await?.expect_status(304)?;
    http.with_header("if-none-match", &tag).get(script).await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn the_policy_of_a_page_names_the_sockets_of_its_own_host_and_nothing_inline() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let response = get(&Http::new(server.address()), "/demo").await?;
    let policy = header(&response, "content-security-policy");
    let own = server.address();
    assert!(policy.contains(&format!("connect-src 'self' ws://{own} wss://{own}")), "{policy}");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "referrer-policy"), "same-origin");
    Ok(())
}

#[tokio::test]
async fn what_a_page_does_not_have_is_not_found() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    for path in ["/demo/nothing", "/demo/files.rs", "/demo/%2e%2e/admin/index.html"] {
        let refused = server.guest().get(path).await?.expect_status(404)?;
        assert_eq!(refused.error_type()?, "general_route_not_found", "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn the_start_prints_where_the_pages_are_below_the_address() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let wanted = [format!("{}/demo", server.url()), format!("{}/admin", server.url())];
    let all = async || wanted.iter().all(|url| server.stdout().contains(url.as_str()));
    await_until("both addresses are printed", Duration::from_secs(10), all).await?;
    let printed = server.stdout();
    let first = printed.lines().next().context("a line")?;
    assert!(first.starts_with("herenow: listening on "), "{printed}");
    Ok(())
}
