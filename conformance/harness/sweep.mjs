// Calls every method of an SDK's class: what is exercised, what is known to be absent, and that nothing is neither.
// Knows no SDK.

import { check, equal, refused, server, truth } from "./checks.mjs";

/** All methods that the instances of a class have, by name. */
export function methodsOf(Service) {
    const names = new Set();
    for (let step = Service.prototype; step !== Object.prototype; step = Object.getPrototypeOf(step)) {
        for (const name of Object.getOwnPropertyNames(step)) {
            if (name !== "constructor" && typeof step[name] === "function") names.add(name);
        }
    }
    return [...names].sort();
}

/**
 * Sweeps one class. `exercised` has `{good, bad}` for each method that the server offers; `good` may be a sentence
 * that says why it cannot be called well here. `absent` has the reason for each method that it does not offer;
 * `instance` calls those, with everything that any of them may want, and must hear that there is no such route. For a
 * method that follows a redirect the SDK tells the status alone: `redirects` has the paths that it asks for.
 */
export async function sweep({ name, Service, exercised, absent, instance, anything, redirects = {} }) {
    const methods = methodsOf(Service);
    await check(`${name}: every method of the SDK is either exercised or known to be absent`, async () => {
        const both = methods.filter((method) => (method in exercised) === (method in absent));
        equal(both, [], "what is in neither list, or in both");
    });
    await check(`${name}: the lists name methods of the SDK alone`, async () => {
        const listed = [...Object.keys(exercised), ...Object.keys(absent)];
        equal(listed.filter((method) => !methods.includes(method)), [], "what the SDK does not have");
    });
    for (const [method, { good, bad }] of Object.entries(exercised)) {
        if (typeof good === "function") await check(`${name}.${method}, good input`, good);
        else console.log(`note ${name}.${method} is called with bad input alone: ${good}`);
        await check(`${name}.${method}, bad input`, bad);
    }
    for (const [method, reason] of Object.entries(absent)) {
        await check(`${name}.${method} does not exist here: ${reason}`, async () => {
            truth(typeof instance[method] === "function", `the SDK has ${method}`);
            const path = redirects[method];
            await refused(404, path ? "" : "general_route_not_found", () => instance[method](anything));
            if (path) equal(await typeOf(path), "general_route_not_found", "the type that the SDK leaves out");
        });
    }
    const [called, unknown] = [Object.keys(exercised).length, Object.keys(absent).length];
    console.log(`counted ${name}: ${called} exercised, ${unknown} absent, of ${methods.length}`);
}

async function typeOf(path) {
    const answer = await fetch(server.endpoint + path, { headers: { "X-Appwrite-Project": server.project } });
    return (await answer.json()).type;
}
