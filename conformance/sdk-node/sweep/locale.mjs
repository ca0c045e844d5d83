// Locale: each method as a guest and as a user call it. None takes parameters, so what is bad is who asks.

import { Locale } from "node-appwrite";

import { equal, refused, truth } from "../../harness/checks.mjs";
import { backend, guest, has, signedIn } from "./people.mjs";

/** The key has no scope for it, and the project does not exist. */
async function bad(method) {
    await refused(401, "general_unauthorized_scope", () => new Locale(backend)[method]());
    await refused(404, "project_not_found", () => new Locale(guest().setProject("nowhere"))[method]());
}

/** Holds that a list is whole, the same for a guest and a user, and that its items have exactly these fields. */
async function whole(method, key, total, fields) {
    const list = await new Locale(guest())[method]();
    equal([Object.keys(list), list.total, list[key].length], [["total", key], total, total], "the list");
    for (const item of list[key]) equal(Object.keys(item).sort(), [...fields].sort(), "the fields");
    equal(new Set(list[key].map((item) => item.countryCode ?? item.code)).size, total, "how many differ");
    equal(await new Locale((await signedIn()).client)[method](), list, "what a user gets");
    return list[key];
}

const list = (method, key, total, fields, first) => ({
    good: async () => equal((await whole(method, key, total, fields))[0], first, "the first"),
    bad: () => bad(method),
});

export const locale = {
    get: {
        async good() {
            const found = await new Locale(guest()).get();
            has(found, ["ip", "countryCode", "country", "continentCode", "continent", "eu", "currency"]);
            truth(found.ip !== "", "the address is known");
        },
        bad: () => bad("get"),
    },
    listCodes: list("listCodes", "localeCodes", 131, ["code", "name"], { code: "af", name: "Afrikaans" }),
    listContinents: list("listContinents", "continents", 7, ["name", "code"], { name: "Africa", code: "AF" }),
    listCountries: list("listCountries", "countries", 197, ["name", "code"], { name: "Afghanistan", code: "AF" }),
    listCountriesEU: list("listCountriesEU", "countries", 27, ["name", "code"], { name: "Austria", code: "AT" }),
    listCountriesPhones: list(
        "listCountriesPhones", "phones", 197, ["code", "countryCode", "countryName"],
        { code: "+1", countryCode: "CA", countryName: "Canada" },
    ),
    listCurrencies: list(
        "listCurrencies", "currencies", 153,
        ["symbol", "name", "symbolNative", "decimalDigits", "rounding", "code", "namePlural"],
        {
            symbol: "$", name: "US Dollar", symbolNative: "$", decimalDigits: 2, rounding: 0, code: "USD",
            namePlural: "US dollars",
        },
    ),
    listLanguages: list(
        "listLanguages", "languages", 184, ["name", "code", "nativeName"],
        { name: "Afar", code: "aa", nativeName: "Afar" },
    ),
};
