"""Users: each method with good and with bad input, as a server calls it."""

import re

from appwrite.id import ID
from appwrite.query import Query
from appwrite.services.account import Account
from appwrite.services.users import Users

from checks import client, equal, refused
from sweeping.people import Person, guest, invalid, moments, new_user, out, signs_in, users


def unknown(call):
    refused(404, "user_not_found", call)


def unchanged(call, *others):
    """Holds that a refused call leaves the user as it was."""
    user_id = new_user().id
    before = users.get(user_id)
    invalid(lambda: call(user_id))
    equal(users.get(user_id), before, "the user")
    for other in others:
        unknown(other)


def total():
    return users.list([Query.limit(1)]).total


class UsersMethods:
    """One class a method."""

    class list:
        def good():
            user = new_user()
            found = users.list([Query.equal("$id", user.id)], search=user.id)
            equal((found.total, [one.id for one in found.users]), (1, [user.id]), "the list")
            equal(users.list(total=False).total, 0, "a total that was not asked for")

        def bad():
            invalid(lambda: users.list([Query.equal("password", "x")]))
            invalid(lambda: users.list(search=""))
            refused(400, "general_cursor_not_found", lambda: users.list([Query.cursor_after("nobody")]))
            out(lambda: guest(Users).list())

    class create:
        def good():
            user_id = ID.unique()
            made = users.create(user_id, f"{user_id}@Example.com", "+49123457", "long enough", "Ada")
            facts = (made.id, made.email, made.phone, made.name, made.status, made.labels, made.emailverification)
            equal(facts, (user_id, f"{user_id}@example.com", "+49123457", "Ada", True, [], False), "the user")
            moments(made.createdat, made.updatedat, made.registration, made.passwordupdate)

        def bad():
            known, before = new_user(), total()
            refused(409, "user_already_exists", lambda: users.create(known.id))
            refused(409, "user_already_exists", lambda: users.create(ID.unique(), email=known.email))
            for fields in ({"email": "x"}, {"phone": "123"}, {"password": "short"}, {"name": "x" * 129}):
                invalid(lambda: users.create(ID.unique(), **fields))
            invalid(lambda: users.create("_x"))
            equal(total(), before, "how many users there are")

    class get:
        def good():
            made = new_user()
            got = users.get(made.id)
            equal((got.id, got.email, got.name), (made.id, made.email, "Ada"), "the user")

        def bad():
            unknown(lambda: users.get("nobody"))
            invalid(lambda: users.get("x" * 37))

    class delete:
        def good():
            user_id = new_user().id
            users.delete(user_id)
            unknown(lambda: users.get(user_id))

        def bad():
            before = total()
            unknown(lambda: users.delete("nobody"))
            invalid(lambda: users.delete("x" * 37))
            equal(total(), before, "how many users there are")

    class update_labels:
        def good():
            user_id = new_user().id
            equal(users.update_labels(user_id, ["vip", "Beta", "vip"]).labels, ["vip", "Beta"], "the labels")
            equal(users.get(user_id).labels, ["vip", "Beta"], "what is kept")

        def bad():
            unchanged(
                lambda user_id: users.update_labels(user_id, ["not a label"]),
                lambda: users.update_labels("nobody", []),
            )

    class update_status:
        def good():
            ada = Person()
            equal(users.update_status(ada.id, False).status, False, "the status")
            refused(403, "user_blocked", ada.account.get)
            equal(users.update_status(ada.id, True).status, True, "the status")

        def bad():
            unchanged(
                lambda user_id: users.update_status(user_id, "perhaps"),
                lambda: users.update_status("nobody", False),
            )

    class update_name:
        def good():
            user_id = new_user().id
            equal(users.update_name(user_id, "Grace").name, "Grace", "the name")
            equal(users.get(user_id).name, "Grace", "what is kept")

        def bad():
            unchanged(
                lambda user_id: users.update_name(user_id, "x" * 129),
                lambda: users.update_name("nobody", "x"),
            )

    class update_email_verification:
        def good():
            changed = users.update_email_verification(new_user().id, True)
            equal((changed.emailverification, changed.phoneverification), (True, False), "what is verified")

        def bad():
            unchanged(
                lambda user_id: users.update_email_verification(user_id, "perhaps"),
                lambda: users.update_email_verification("nobody", True),
            )

    class update_phone_verification:
        def good():
            changed = users.update_phone_verification(new_user().id, True)
            equal((changed.emailverification, changed.phoneverification), (False, True), "what is verified")

        def bad():
            unchanged(
                lambda user_id: users.update_phone_verification(user_id, "perhaps"),
                lambda: users.update_phone_verification("nobody", True),
            )

    class update_prefs:
        def good():
            user_id = new_user().id
            prefs = {"theme": "dark", "deep": {"a": [1]}}
            equal(users.update_prefs(user_id, prefs).data, prefs, "the answer")
            equal(users.get_prefs(user_id).data, prefs, "what is kept")

        def bad():
            unchanged(
                lambda user_id: users.update_prefs(user_id, ["a"]),
                lambda: users.update_prefs("nobody", {}),
            )

    class get_prefs:
        def good():
            equal(users.get_prefs(new_user().id).data, {}, "the prefs of a new user")

        def bad():
            unknown(lambda: users.get_prefs("nobody"))

    class create_session:
        def good():
            user_id = new_user().id
            made = users.create_session(user_id)
            equal((made.userid, made.provider, made.factors), (user_id, "server", ["server"]), "the session")
            moments(made.createdat, made.expire)
            signs_in(made.secret, user_id)

        def bad():
            unknown(lambda: users.create_session("nobody"))
            out(lambda: guest(Users).create_session("nobody"))

    class list_sessions:
        def good():
            ada = Person()
            found = users.list_sessions(ada.id)
            listed = [(one.id, one.current) for one in found.sessions]
            equal((found.total, listed), (1, [(ada.session.id, False)]), "the list")
            equal(users.list_sessions(ada.id, total=False).total, 0, "a total that was not asked for")

        def bad():
            unknown(lambda: users.list_sessions("nobody"))

    class delete_session:
        def good():
            ada = Person()
            users.delete_session(ada.id, ada.session.id)
            out(ada.account.get)

        def bad():
            ada, bob = Person(), Person()
            refused(404, "user_session_not_found", lambda: users.delete_session(bob.id, ada.session.id))
            unknown(lambda: users.delete_session("nobody", ada.session.id))
            equal(ada.account.get().id, ada.id, "who is still signed in")

    class delete_sessions:
        def good():
            ada = Person()
            users.create_session(ada.id)
            users.delete_sessions(ada.id)
            equal(users.list_sessions(ada.id).total, 0, "how many are left")

        def bad():
            unknown(lambda: users.delete_sessions("nobody"))

    class create_token:
        def good():
            user_id = new_user().id
            token = users.create_token(user_id, length=32, expire=60)
            equal(token.userid, user_id, "whose it is")
            equal(bool(re.fullmatch("[0-9a-f]{32}", token.secret)), True, "that the secret is as long as asked for")
            moments(token.createdat, token.expire)
            session = guest(Account).create_session(user_id, token.secret)
            equal((session.userid, session.provider), (user_id, "token"), "the session that it gives")

        def bad():
            user_id = new_user().id
            invalid(lambda: users.create_token(user_id, length=3))
            invalid(lambda: users.create_token(user_id, expire=59))
            unknown(lambda: users.create_token("nobody"))

    class create_jwt:
        def good():
            ada = Person()
            made = users.create_jwt(ada.id, session_id=ada.session.id, duration=60)
            equal(Account(client().set_jwt(made.jwt)).get().id, ada.id, "whom it signs in")

        def bad():
            user_id = new_user().id
            invalid(lambda: users.create_jwt(user_id, duration=3601))
            unknown(lambda: users.create_jwt("nobody"))
