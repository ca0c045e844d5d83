"""Account: each method with good and with bad input, as a user calls it, and a server for one."""

from datetime import datetime

from appwrite.id import ID
from appwrite.services.account import Account

from checks import backend, equal, refused
from sweeping.people import PASSWORD, Person, guest, invalid, moments, new_user, out, signs_in, users

# Signing in for a user as a server does: the answer carries the secret.
server = Account(backend())
anybody = lambda: guest(Account)


def unchanged(calls, as_guest):
    """Holds that refused calls leave the caller as they were, and that nobody else may call."""
    ada = Person()
    before = ada.account.get()
    calls(ada)
    equal(ada.account.get(), before, "the account")
    out(lambda: as_guest(anybody()))


def not_found(call):
    refused(404, "user_session_not_found", call)


class AccountMethods:
    """One class a method."""

    class get:
        def good():
            ada = Person()
            got = ada.account.get()
            equal((got.id, got.email, got.name, got.password), (ada.id, ada.email, "Ada", None), "the account")
            moments(got.createdat, got.registration, got.accessedat)

        def bad():
            out(lambda: anybody().get())
            out(lambda: server.get())

    class create:
        def good():
            user_id = ID.unique()
            made = anybody().create(user_id, f"{user_id}@example.com", PASSWORD, "Ada")
            equal((made.id, made.email, made.name), (user_id, f"{user_id}@example.com", "Ada"), "the account")
            equal(users.list_sessions(user_id).total, 0, "its sessions")

        def bad():
            known = new_user()
            before = users.list().total
            taken = lambda: anybody().create(ID.unique(), known.email, PASSWORD)
            refused(409, "user_already_exists", taken)
            invalid(lambda: anybody().create("_x", "new@example.com", PASSWORD))
            invalid(lambda: anybody().create(ID.unique(), "x", PASSWORD))
            invalid(lambda: anybody().create(ID.unique(), "new@example.com", "short"))
            equal(users.list().total, before, "how many users there are")

    class create_email_password_session:
        def good():
            user = new_user()
            made = server.create_email_password_session(user.email, PASSWORD)
            facts = (made.userid, made.provider, made.provideruid, made.factors, made.current)
            equal(facts, (user.id, "email", user.email, ["password"], True), "the session")
            signs_in(made.secret, user.id)

        def bad():
            user = new_user()
            sign_in = anybody().create_email_password_session
            refused(401, "user_invalid_credentials", lambda: sign_in(user.email, "another-password"))
            refused(401, "user_invalid_credentials", lambda: sign_in("nobody@example.com", PASSWORD))
            invalid(lambda: sign_in("x", PASSWORD))
            equal(users.list_sessions(user.id).total, 0, "the sessions of the user")

    class create_anonymous_session:
        def good():
            made = server.create_anonymous_session()
            equal((made.provider, made.factors), ("anonymous", ["anonymous"]), "the session")
            signs_in(made.secret, made.userid)

        def bad():
            ada = Person()
            before = users.list().total
            refused(401, "user_session_already_exists", ada.account.create_anonymous_session)
            equal(users.list().total, before, "how many users there are")

    class create_session:
        def good():
            user_id = new_user().id
            secret = users.create_token(user_id).secret
            made = server.create_session(user_id, secret)
            equal((made.userid, made.provider, made.factors), (user_id, "token", ["token"]), "the session")
            refused(401, "user_invalid_token", lambda: server.create_session(user_id, secret))

        def bad():
            user_id = new_user().id
            refused(401, "user_invalid_token", lambda: anybody().create_session(user_id, "guessed"))
            refused(401, "user_invalid_token", lambda: anybody().create_session("nobody", "guessed"))
            invalid(lambda: anybody().create_session(user_id, ""))
            equal(users.list_sessions(user_id).total, 0, "the sessions of the user")

    class get_session:
        def good():
            ada = Person()
            got = ada.account.get_session("current")
            equal((got.id, got.current, got.secret), (ada.session.id, True, ""), "the session")

        def bad():
            ada, bob = Person(), Person()
            not_found(lambda: ada.account.get_session(bob.session.id))
            out(lambda: anybody().get_session("current"))

    class list_sessions:
        def good():
            ada = Person()
            found = ada.account.list_sessions()
            listed = [(one.id, one.current, one.secret) for one in found.sessions]
            equal((found.total, listed), (1, [(ada.session.id, True, "")]), "the list")

        def bad():
            out(lambda: anybody().list_sessions())

    class update_session:
        def good():
            ada = Person()
            longer = ada.account.update_session("current")
            before, after = (datetime.fromisoformat(one.expire) for one in (ada.session, longer))
            equal(after >= before, True, "that it lasts at least as long")

        def bad():
            ada, bob = Person(), Person()
            not_found(lambda: ada.account.update_session(bob.session.id))
            out(lambda: anybody().update_session("current"))

    class delete_session:
        def good():
            ada = Person()
            ada.account.delete_session("current")
            out(ada.account.get)

        def bad():
            bob = Person()
            unchanged(
                lambda ada: not_found(lambda: ada.account.delete_session(bob.session.id)),
                lambda account: account.delete_session("current"),
            )
            equal(bob.account.get().id, bob.id, "who is still signed in")

    class delete_sessions:
        def good():
            ada = Person()
            users.create_session(ada.id)
            ada.account.delete_sessions()
            equal(users.list_sessions(ada.id).total, 0, "how many are left")

        def bad():
            out(lambda: anybody().delete_sessions())

    class get_prefs:
        def good():
            equal(Person().account.get_prefs().data, {}, "the prefs of a new user")

        def bad():
            out(lambda: anybody().get_prefs())

    class update_prefs:
        def good():
            ada = Person()
            equal(ada.account.update_prefs({"theme": "dark"}).prefs.data, {"theme": "dark"}, "the answer")
            equal(ada.account.get_prefs().data, {"theme": "dark"}, "what is kept")

        def bad():
            unchanged(
                lambda ada: invalid(lambda: ada.account.update_prefs(["a"])),
                lambda account: account.update_prefs({}),
            )

    class update_name:
        def good():
            ada = Person()
            equal(ada.account.update_name("Grace").name, "Grace", "the name")
            equal(ada.account.get().name, "Grace", "what is kept")

        def bad():
            unchanged(
                lambda ada: (
                    invalid(lambda: ada.account.update_name("")),
                    invalid(lambda: ada.account.update_name("x" * 129)),
                ),
                lambda account: account.update_name("x"),
            )

    class update_password:
        def good():
            ada = Person()
            ada.account.update_password("a new long one", old_password=PASSWORD)
            former = lambda: server.create_email_password_session(ada.email, PASSWORD)
            refused(401, "user_invalid_credentials", former)
            signs_in(server.create_email_password_session(ada.email, "a new long one").secret, ada.id)

        def bad():
            def calls(ada):
                wrong = lambda: ada.account.update_password("a new long one", old_password="not this one")
                refused(401, "user_invalid_credentials", wrong)
                invalid(lambda: ada.account.update_password("short", old_password=PASSWORD))
                signs_in(server.create_email_password_session(ada.email, PASSWORD).secret, ada.id)

            unchanged(calls, lambda account: account.update_password(PASSWORD))

    class update_status:
        def good():
            ada = Person()
            equal(ada.account.update_status().status, False, "the status")
            equal(users.get(ada.id).status, False, "what is kept")

        def bad():
            out(lambda: anybody().update_status())
