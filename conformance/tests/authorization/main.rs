//! Who may call what: each route of the server, by each kind of caller, as `table.txt` says. Every cell is a request
//! that succeeds for who may make it, sent to the real binary.

mod bodies;
mod scene;
mod table;

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use herenow_server::http::{listed::Route, router};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    scene::{Operators, Scene},
    table::{CALLERS, Row, Table},
};

/// Rows under way at once.
const AT_ONCE: usize = 4;

#[test]
fn each_route_has_one_row_and_each_row_names_a_route() -> Result<()> {
    let (table, routes) = (Table::read()?, router::all());
    let named = |row: &Row, route: &Route| row.method == route.method && row.path == route.path;
    for route in &routes {
        let rows = table.rows.iter().filter(|row| named(row, route)).count();
        ensure!(rows == 1, "{rows} rows for {} {}", route.method, route.path);
    }
    for row in &table.rows {
        ensure!(routes.iter().any(|route| named(row, route)), "no route for the row {} {}", row.method, row.path);
    }
    Ok(())
}

#[tokio::test]
async fn every_route_answers_every_kind_of_caller_as_the_table_says() -> Result<()> {
    let (table, operators) = (Table::read()?, Arc::new(Operators::start().await?));
    let (places, mut running) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for row in table.rows {
        let (operators, places) = (operators.clone(), places.clone());
        running.spawn(async move {
            let _place = places.acquire().await?;
            run(&operators, &row).await.with_context(|| format!("{} {}", row.method, row.path))
        });
    }
    let mut wrong = Vec::new();
    while let Some(found) = running.join_next().await {
        wrong.extend(found??);
    }
    wrong.sort();
    ensure!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let logs = operators.server.logs();
    ensure!(logs.lines().all(|line| !line.contains("ERROR")), "the server logged an error:\n{logs}");
    Ok(())
}

/// Runs a row; returns what is not as it says.
async fn run(operators: &Operators, row: &Row) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut scene = Scene::new(operators, &row.scopes).await?;
    for (caller, expected) in CALLERS.iter().zip(&row.cells) {
        for client in scene.clients(caller, row)? {
            let answer = scene.ask(caller, &client, row).await?;
            let status = answer.status.as_u16();
            let kind = answer.json().ok().and_then(|body| Some(body["type"].as_str()?.to_owned()));
            let kind = kind.filter(|_| status >= 400).unwrap_or_default();
            if (status, kind.as_str()) != (expected.status, expected.kind.as_str()) {
                let found = format!("{status} {kind}");
                wrong.push(format!("{} {} as {caller}: {found}, not {expected}", row.method, row.path));
            }
            if row.ends_the_project() {
                scene = Scene::new(operators, &row.scopes).await?;
            }
        }
    }
    Ok(wrong)
}
