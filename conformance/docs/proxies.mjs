// Blocks that configure a proxy: it is started with them before a server, where it is installed, and must let through
// what Herenow needs: requests, sockets, event streams as they come, and that the client came over HTTPS.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";

import { DEADLINE_MS, equal, eventually, truth } from "../harness/checks.mjs";

const WebSocket = createRequire(new URL("../sdk-node/window.mjs", import.meta.url))("ws");
const HOST = "presence.example.com";

/** How each is called, and what makes a whole configuration of a block. */
const PROXIES = { nginx, caddy };

/** Languages that are read so. */
export const PROXY_LANGUAGES = Object.keys(PROXIES);

/** What the server behind it is told. */
export const BEHIND_A_PROXY = { HERENOW_PUBLIC_URL: `https://${HOST}`, HERENOW_TRUSTED_PROXIES: "127.0.0.1" };

/** Whether it can be started here. */
export function proxyIsThere(language) {
    return [language, "openssl"].every((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0);
}

/** Starts the proxy before the server and uses the server through it. */
export async function checkProxy({ language, text }, { folder, origin, key }) {
    const port = await freePort();
    const [program, options, environment] = PROXIES[language](text.replaceAll("127.0.0.1:8080", new URL(origin).host), folder, port);
    const proxy = spawn(program, options, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
    let said = "";
    for (const output of [proxy.stdout, proxy.stderr]) output.on("data", (data) => (said += data));
    const ended = new Promise((resolve) => proxy.once("close", resolve));
    const client = new Client(port, key);
    try {
        const ready = async () => proxy.exitCode !== null || (await client.call("GET", "/healthz").catch(() => ({}))).status === 200;
        await eventually(`${language}; it says: ${said}`, ready);
        equal(proxy.exitCode, null, `it runs; it says: ${said}`);
        await use(client);
    } finally {
        proxy.kill("SIGTERM");
        await ended;
    }
}

async function use(client) {
    const session = await client.call("POST", "/v1/account/sessions/anonymous", {}, { "X-Appwrite-Key": undefined });
    truth(/; secure/i.test(String(session.headers["set-cookie"])), "cookies are Secure");
    const [socket, stream] = [await client.socket(), await client.stream()];
    equal((await client.call("POST", "/v1/users", { userId: "ada" })).status, 201, "a user is made");
    const presence = { userId: "ada", status: "here", permissions: ['read("any")'] };
    equal((await client.call("PUT", "/v1/presences/ada", presence)).status, 200, "a presence is written");
    const heard = (said) => said.join("").includes("presences.ada.upsert");
    await eventually("the event on the socket", async () => heard(socket.said));
    await eventually("the event on the stream, at once", async () => heard(stream.said));
    socket.end();
    stream.end();
}

/** Speaks to the proxy under its public name. */
class Client {
    constructor(port, key) {
        this.at = { host: "127.0.0.1", port, servername: HOST, rejectUnauthorized: false };
        this.headers = { Host: HOST, "X-Appwrite-Project": "demo", "X-Appwrite-Key": key };
    }

    open(method, path, body, headers = {}) {
        const all = Object.entries({ ...this.headers, "Content-Type": "application/json", ...headers });
        const given = Object.fromEntries(all.filter(([, value]) => value !== undefined));
        return new Promise((resolve, reject) => {
            const request = httpsRequest({ ...this.at, method, path, headers: given, agent: false }, resolve);
            request.setTimeout(DEADLINE_MS, () => request.destroy(new Error(`no answer to ${path}`)));
            request.on("error", reject);
            request.end(body && JSON.stringify(body));
        });
    }

    async call(...call) {
        const answer = await this.open(...call);
        for await (const part of answer) void part;
        return { status: answer.statusCode, headers: answer.headers };
    }

    async stream() {
        const answer = await this.open("GET", "/v1/realtime?project=demo&channels[]=presences", undefined, { Accept: "text/event-stream" });
        const said = [];
        answer.on("data", (data) => said.push(String(data)));
        answer.on("error", () => {});
        await eventually("the stream's beginning", async () => said.join("").includes("connected"));
        return { said, end: () => answer.destroy() };
    }

    async socket() {
        const url = `wss://${HOST}:${this.at.port}/v1/realtime?project=demo&channels[]=presences`;
        const lookup = (host, { all }, found) => (all ? found(null, [{ address: this.at.host, family: 4 }]) : found(null, this.at.host, 4));
        const socket = new WebSocket(url, { lookup, rejectUnauthorized: false, headers: { Host: HOST } });
        const said = [];
        socket.on("message", (data) => said.push(String(data)));
        await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
        await eventually("the socket's beginning", async () => said.join("").includes("connected"));
        return { said, end: () => socket.close() };
    }
}

function nginx(text, folder, port) {
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const files = ["-keyout", key, "-out", certificate];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", `/CN=${HOST}`, ...files], { stdio: "ignore" });
    const block = text
        .replace("listen 443 ", `listen 127.0.0.1:${port} `)
        .replace(/(ssl_certificate) [^;]+;/, `$1 ${certificate};`)
        .replace(/(ssl_certificate_key) [^;]+;/, `$1 ${key};`);
    const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
    const user = process.getuid() === 0 ? "user root;" : "";
    const file = join(folder, "nginx.conf");
    writeFileSync(file, `${user} daemon off; pid ${folder}/nginx.pid; error_log stderr; events {}
http { access_log off; ${places.join(" ")}
${text === block ? "" : block}
}`);
    return ["nginx", ["-p", folder, "-c", file], {}];
}

function caddy(text, folder, port) {
    const file = join(folder, "Caddyfile");
    const options = `{\n  admin off\n  local_certs\n  skip_install_trust\n  auto_https disable_redirects\n  https_port ${port}\n}\n`;
    writeFileSync(file, options + text);
    const home = { HOME: folder, XDG_DATA_HOME: join(folder, "share"), XDG_CONFIG_HOME: join(folder, "settings") };
    return ["caddy", ["run", "--config", file, "--adapter", "caddyfile"], home];
}

/** A port that nobody has at the moment. */
function freePort() {
    return new Promise((resolve) => {
        const asked = createServer().listen(0, "127.0.0.1", () => {
            const { port } = asked.address();
            asked.close(() => resolve(port));
        });
    });
}
