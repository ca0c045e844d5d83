"""Locale: each method as a guest and as a user call it. None takes parameters, so what is bad is who asks."""

from appwrite.services.locale import Locale

from checks import backend, client, equal, refused
from sweeping.people import Person, guest


def _bad(method):
    def call():
        refused(401, "general_unauthorized_scope", getattr(Locale(backend()), method))
        refused(404, "project_not_found", getattr(Locale(client().set_project("nowhere")), method))

    return call


def _list(method, key, total, first):
    """A list that is whole, the same for a guest and a user, and begins with these values."""

    class Method:
        def good():
            found = getattr(guest(Locale), method)()
            items = getattr(found, key)
            equal((found.total, len(items)), (total, total), "the total")
            equal({field: getattr(items[0], field) for field in first}, first, "the first")
            equal(getattr(Locale(Person().client), method)(), found, "what a user gets")

        bad = _bad(method)

    return Method


class LocaleMethods:
    """One class a method."""

    class get:
        def good():
            found = guest(Locale).get()
            equal((found.ip != "", found.countrycode, found.eu), (True, "--", False), "where the caller seems to be")

        bad = _bad("get")

    list_codes = _list("list_codes", "localecodes", 131, {"code": "af", "name": "Afrikaans"})
    list_continents = _list("list_continents", "continents", 7, {"code": "AF", "name": "Africa"})
    list_countries = _list("list_countries", "countries", 197, {"code": "AF", "name": "Afghanistan"})
    list_countries_eu = _list("list_countries_eu", "countries", 27, {"code": "AT", "name": "Austria"})
    list_countries_phones = _list(
        "list_countries_phones", "phones", 197, {"code": "+1", "countrycode": "CA", "countryname": "Canada"}
    )
    list_currencies = _list(
        "list_currencies", "currencies", 153, {"code": "USD", "name": "US Dollar", "decimaldigits": 2, "rounding": 0}
    )
    list_languages = _list("list_languages", "languages", 184, {"code": "aa", "name": "Afar", "nativename": "Afar"})
