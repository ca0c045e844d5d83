//! The forms in which documents come.

use anyhow::{Result, ensure};
use herenow_testkit::{Http, Response, Server};
use http::Method;
use serde_json::{Value, json};

use crate::support::{present, refused, server};

const TYPE: &str = "{ __typename }";

fn of(kind: &str) -> Value {
    json!({"data": {"__typename": kind}})
}

async fn send(client: &Http, content_type: &str, body: &str) -> Result<Response> {
    client.request(Method::POST, "/v1/graphql").header("Content-Type", content_type).body(body.to_owned()).send().await
}

async fn gives(response: Result<Response>, expected: &Value) -> Result<()> {
    let answer = response?.expect_status(200)?.json()?;
    ensure!(answer == *expected, "{answer}, not {expected}");
    Ok(())
}

#[tokio::test]
async fn one_document_comes_as_json_as_text_as_a_form_and_in_parts() -> Result<()> {
    let server = server().await?;
    let client = server.guest();
    for path in ["/v1/graphql", "/v1/graphql/mutation"] {
        gives(client.post(path, &json!({"query": TYPE})).await, &of("Query")).await?;
        let named = json!({"query": "query A { a: __typename } query B { __typename }", "operationName": "B"});
        gives(client.post(path, &named).await, &of("Query")).await?;
    }
    gives(send(&client, "application/graphql", TYPE).await, &of("Query")).await?;
    gives(send(&client, "application/x-www-form-urlencoded", "query=%7B+__typename+%7D").await, &of("Query")).await?;
    let parts = "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{ __typename }\"}\r\n\
        --x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{}\r\n--x--\r\n";
    gives(send(&client, "multipart/form-data; boundary=x", parts).await, &of("Query")).await
}

#[tokio::test]
async fn a_batch_answers_in_order_and_a_batch_of_one_with_one() -> Result<()> {
    let server = server().await?;
    let client = server.guest();
    let batch = json!([{"query": TYPE}, {"query": "mutation { __typename }"}]);
    gives(client.post("/v1/graphql", &batch).await, &json!([of("Query"), of("Mutation")])).await?;
    gives(client.post("/v1/graphql", &json!([{"query": TYPE}])).await, &of("Query")).await?;
    let full = Value::Array(vec![json!({"query": TYPE}); 10]);
    gives(client.post("/v1/graphql", &full).await, &Value::Array(vec![of("Query"); 10])).await?;
    let over = Value::Array(vec![json!({"query": TYPE}); 11]);
    refused(&client.post("/v1/graphql", &over).await?, 400, "graphql_too_many_queries")
}

#[tokio::test]
async fn the_sdks_put_it_under_a_key_of_their_own() -> Result<()> {
    let server = server().await?;
    let client = server.guest().with_header("x-sdk-graphql", "true");
    gives(client.post("/v1/graphql", &json!({"query": {"query": TYPE}})).await, &of("Query")).await?;
    let batch = json!({"query": [{"query": TYPE}, {"query": TYPE}]});
    gives(client.post("/v1/graphql/mutation", &batch).await, &json!([of("Query"), of("Query")])).await
}

#[tokio::test]
async fn no_document_is_no_query() -> Result<()> {
    let server = server().await?;
    let client = server.guest();
    for body in [json!({}), json!([]), json!({"query": ""}), json!({"query": null}), json!([{"query": TYPE}, {}])] {
        let answer = client.post("/v1/graphql", &body).await?;
        refused(&answer, 400, "graphql_no_query")?;
        ensure!(answer.json()?["message"] == "Param \"query\" is not optional.", "{}", answer.text());
    }
    refused(&send(&client, "application/json", "").await?, 400, "graphql_no_query")?;
    refused(&send(&client, "text/plain", TYPE).await?, 400, "graphql_no_query")?;
    refused(&send(&client, "application/json", "{").await?, 400, "general_bad_request")?;
    refused(&send(&client, "application/json", "7").await?, 400, "general_bad_request")?;
    refused(&send(&client, "multipart/form-data", "x").await?, 400, "general_bad_request")?;
    let missing = client.get("/v1/graphql").await?;
    refused(&missing, 400, "general_argument_invalid")?;
    ensure!(missing.json()?["message"] == "Param \"query\" is not optional.", "{}", missing.text());
    refused(&client.get("/v1/graphql?query=a&variables=x").await?, 400, "general_argument_invalid")
}

#[tokio::test]
async fn a_get_reads_and_changes_nothing() -> Result<()> {
    let server = server().await?;
    let (_, id) = present(&server).await?;
    let key = server.as_key();
    let read = "query%20G($id:String!)%7BpresencesGet(presenceId:$id)%7B_id%7D%7D";
    let answer = key.get(&format!("/v1/graphql?query={read}&variables=%7B%22id%22:%22{id}%22%7D")).await;
    gives(answer, &json!({"data": {"presencesGet": {"_id": id}}})).await?;
    let delete = format!("/v1/graphql?query=mutation%7BpresencesDelete(presenceId:%22{id}%22)%7Bstatus%7D%7D");
    let answer = key.get(&delete).await?;
    refused(&answer, 405, "graphql_method_unsupported")?;
    ensure!(answer.headers.get("allow").is_some_and(|allow| allow == "POST"), "{:?}", answer.headers);
    key.get(&format!("/v1/presences/{id}")).await?.expect_status(200)?;
    Ok(())
}

#[tokio::test]
async fn what_is_no_valid_document_is_told_in_errors_without_data() -> Result<()> {
    let server: Server = server().await?;
    for document in ["{", "{ nonsense }", "query A { __typename } query B { __typename }", "{ presencesGet { _id } }"] {
        let answer =
            server.guest().post("/v1/graphql", &json!({"query": document})).await?.expect_status(200)?.json()?;
        ensure!(answer["errors"][0]["message"].is_string() && answer.get("data").is_none(), "{document}: {answer}");
    }
    Ok(())
}
